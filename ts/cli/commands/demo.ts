import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { isLogLevel, LOG_LEVELS, openLog } from "../../composition/system-log.js";
import { MediaswitchError } from "../../core/errors.js";
import type { DemoReport } from "../../phone/demo/demo-report.js";
import type { Demo } from "../../phone/demo/demo.js";
import { EXIT_FAILED } from "../exit-code.js";
import { flag, JSON_FLAG, optional, type Flag } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { sayJson } from "../output.js";
import { text } from "../phone-flags.js";
import { runUntilSignal } from "../run-until-signal.js";
import { StepPrinter } from "../step-printer.js";
import { untilInterrupted } from "../until-interrupted.js";
import * as values from "../values.js";

export interface DemoFlags {
  readonly folder?: string;
  readonly keep?: boolean;
  readonly sipAddress?: string;
  readonly sipPort: number;
  readonly controlHttpPort: number;
  readonly logLevel: string;
  readonly json?: boolean;
}

const FLAGS: readonly Flag[] = [
  optional("--folder <folder>", "write recordings there", text, "a new one for temporary files"),
  { flags: "--keep", text: "go on afterwards, for phones of your own; the demo's phones answer and echo" },
  optional(
    "--sip-address <address>",
    "listen for SIP and audio on this address",
    values.address,
    "127.0.0.1; 0.0.0.0 with --keep",
  ),
  flag("--sip-port <port>", "listen for SIP on this UDP and TCP port", values.port, 0, "any free one"),
  flag(
    "--control-http-port <port>",
    "port of control's HTTP, with the operator's page",
    values.port,
    0,
    "any free one",
  ),
  {
    flags: "--log-level <level>",
    text: "what the switch logs, on standard error",
    choices: LOG_LEVELS,
    value: "silent",
    byDefault: "silent",
  },
  JSON_FLAG,
];

const LOOPBACK = "127.0.0.1";
const EVERY_ADDRESS = "0.0.0.0";

type Run = (options: DemoFlags) => Promise<void>;

export const demoCommand = (run: Run = demo): Command =>
  makeCommand("demo", "let three phones of its own talk through the switch, and show how it went", FLAGS)
    .addHelpText("after", "\nExit codes: 0 everything happened and was heard, 1 something did not.")
    .action((options: DemoFlags) => run(options));

async function demo(options: DemoFlags): Promise<void> {
  const { Demo: DemoClass } = await import("../../phone/demo/demo.js");
  const { keep = false, json = false, logLevel, sipPort, controlHttpPort } = options;
  const folder = await folderFor(options.folder);
  const printer = new StepPrinter(json ? process.stderr : process.stdout);
  let running: Demo | undefined;
  try {
    const { shown, report } = await untilInterrupted(async (signal) => {
      const made = new DemoClass({
        folder,
        sipAddress: options.sipAddress ?? (keep ? EVERY_ADDRESS : LOOPBACK),
        sipPort,
        controlHttpPort,
        logLevel,
        log: openLog(isLogLevel(logLevel) ? logLevel : "silent", "mediaswitch"),
        signal,
        progress: (progress) => {
          if (progress.type === "started") printer.started(progress.what);
          else printer.ended(progress.step);
        },
      });
      running = made;
      printer.say(introduction(made));
      const report = await made.run();
      if (signal.aborted) throw new MediaswitchError("ABORTED", "the demo was stopped");
      return { shown: made, report };
    });
    if (json) sayJson(report);
    else printer.say(await summaryOf(report));
    if (!keep || !report.ok) {
      process.exitCode = report.ok ? 0 : EXIT_FAILED;
      return;
    }
    printer.say(invitation(report));
    await stay(shown);
  } finally {
    await running?.close();
  }
}

/** Until a signal ends it, or a part of the switch fails. */
async function stay(demo: Demo): Promise<never> {
  const leaving = new AbortController();
  demo.answer(leaving.signal);
  return runUntilSignal(
    () =>
      Promise.resolve({
        failed: demo.failed,
        health: () => Promise.resolve({}),
        close: async () => {
          leaving.abort();
          await demo.close();
        },
      }),
    () => undefined,
  );
}

async function folderFor(given: string | undefined): Promise<string> {
  if (given === undefined) return mkdtemp(join(tmpdir(), "mediaswitch-demo-"));
  const folder = resolve(given);
  await mkdir(folder, { recursive: true });
  return folder;
}

const introduction = ({ accounts }: Demo): string =>
  [
    "A switch and three phones, all in this process, over real SIP and real audio.",
    "Passwords are new each time:",
    ...accounts.map(({ name, user, password }) => `  ${name.padEnd(6)} user ${user}  password ${password}`),
    "",
    "",
  ].join("\n");

async function summaryOf(report: DemoReport): Promise<string> {
  const { legTable } = await import("../../phone/demo/demo-report.js");
  const seconds = report.seconds.toFixed(1);
  return [
    "",
    ...(report.legs.length === 0 ? [] : ["What each phone heard:", legTable(report.legs)]),
    ...(report.recordings.length === 0
      ? []
      : [
          "Recordings (heard on the left, said on the right):",
          ...report.recordings.map((path) => `  ${path}`),
          "",
        ]),
    ...(report.page === undefined ? [] : [`Operator's page: ${report.page}`, ""]),
    report.ok
      ? `Everything happened and was heard, in ${seconds} s.`
      : `Something went wrong after ${seconds} s: see the line with "failed" above. ` +
        "More is told with --log-level info.",
    "",
  ].join("\n");
}

const invitation = ({ server, domain, guests, phones }: DemoReport): string =>
  [
    "",
    `The switch goes on. Register phones of your own at ${server} (UDP or TCP), domain ${domain}:`,
    ...guests.map(({ user, password }) => `  user ${user}  password ${password}`),
    `Dial one from the other, or ${phones.map(({ user }) => user).join(", ")}: they say back what they hear.`,
    "Ctrl-C ends it.",
    "",
  ].join("\n");
