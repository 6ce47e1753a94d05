#!/usr/bin/env node
/**
 * The command line: `mediaswitch start | sip | control | rtp | tone | soundinfo`. Every flag with a value can also be
 * set in the environment.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { realpathSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { runUntilSignal } from "./cli/run-until-signal.js";
import { selfCheck } from "./cli/self-check.js";
import { allInOneSummary, controlSummary, rtpSummary, sipSummary } from "./cli/summary.js";
import { writeToneFile, type ToneFileOptions } from "./cli/tone-file.js";
import * as values from "./cli/values.js";
import type {
  AllInOneOptions,
  ControlOptions,
  PortRange,
  RtpOptions,
  SipOptions,
} from "./composition/options.js";
import { LOG_LEVELS, openLog, type LogLevel } from "./composition/system-log.js";
import { MediaswitchError } from "./core/errors.js";
import { startAllInOne, startControl, startRtp, startSip } from "./mediaswitch.js";
import { loadAddon } from "./rtp/addon.js";
import { blaming } from "./rtp/engine-error.js";

/** Exit codes: a wrong command line; anything else that kept us from running. */
const USAGE = 2;
const FAILED = 1;

/** `mediaAddress` has no default of its own. */
type Parsed<T> = Omit<T, "log" | "script" | "logLevel" | "mediaAddress"> & {
  readonly logLevel: LogLevel;
  readonly mediaAddress?: string;
};

/** What each command does with its options; replaced where only the parsing is of interest. */
export interface Actions {
  start(options: Parsed<AllInOneOptions>, script: string | undefined): Promise<void>;
  sip(options: Parsed<SipOptions> & { readonly test?: boolean }): Promise<void>;
  control(options: Parsed<ControlOptions>, script: string): Promise<void>;
  rtp(options: Parsed<RtpOptions>): Promise<void>;
  tone(definition: string, file: string, options: ToneFileOptions): Promise<void>;
  soundinfo(file: string): Promise<void>;
}

function flag<T>(
  flags: string,
  description: string,
  parse: (text: string, before?: T) => T,
  byDefault?: T,
  shown?: string,
): Option {
  const name = /^--([a-z-]+)/.exec(flags)?.[1] ?? "";
  const option = new Option(flags, description).env(`MEDIASWITCH_${name.replaceAll("-", "_").toUpperCase()}`);
  if (byDefault !== undefined) option.default(byDefault, shown);
  return option.argParser((text: string, before: T) => {
    try {
      return parse(text, before);
    } catch (error) {
      if (error instanceof values.ValueExpected) throw new InvalidArgumentError(error.message);
      throw error;
    }
  });
}

const sipFlags = (): Option[] => [
  flag("--sip-address <address>", "listen for SIP on this address", values.address, "0.0.0.0"),
  flag("--sip-port <port>", "listen for SIP on this UDP and TCP port", values.port, 5060),
  flag<NonNullable<SipOptions["listen"]>>(
    "--listen <protocol:address:port>",
    "listen for SIP here, and not on --sip-address and --sip-port; udp, tcp, tls, ws or wss; " +
      "/address:port after it is what phones are told; repeat it or separate by commas",
    values.listenAddresses,
  ),
  flag(
    "--tls-cert <file>",
    "PEM file with our certificate, for tls and wss; read again when it changes",
    values.file,
  ),
  flag("--tls-key <file>", "PEM file with its key", values.file),
  flag("--tls-ca <file>", "PEM file with authorities that may sign certificates of peers", values.file),
  flag(
    "--tls-verify <what>",
    "check certificates of peers we connect to: full (default) or none",
    values.verification,
  ),
  flag("--sip-http-port <port>", "port of the sip component's HTTP", values.port, 9000),
  trustFlag(),
  flag("--state <file>", "keep directory and registrations in this file over a restart", values.writable),
  flag("--min-expires <seconds>", "briefest registration that is taken (default: 60)", values.expires),
  flag("--max-expires <seconds>", "longest registration that is given (default: 7200)", values.expires),
  flag(
    "--ping-interval <seconds>",
    "ask phones behind NATs so often whether they are there (default: 30)",
    values.expires,
  ),
  flag("--ping-failures <count>", "phones that do not answer so often are gone (default: 7)", values.count),
  ...loadFlags(),
];

/** What is refused when too much comes. */
const loadFlags = (): Option[] => [
  flag("--max-calls <count>", "calls at once (default: 10000)", values.positive),
  flag(
    "--source-rate <rate>",
    "requests a second from one address, and after a colon at once (default: 100:1000); 0: no limit",
    values.rate,
  ),
  flag("--trunk-rate <rate>", "the same from a trusted one (default: 1000:2000)", values.rate),
  flag("--aor-rate <rate>", "the same in one user's name from one address (default: 20:200)", values.rate),
  flag(
    "--max-lag <milliseconds>",
    "refuse new work when timers are later than this (default: 250)",
    values.positive,
  ),
  flag("--max-load <percent>", "refuse new work when this thread is busier (default: 98)", values.percent),
  flag<readonly string[]>("--emergency <numbers>", "numbers that are never refused for load", values.words),
  flag("--drain-seconds <seconds>", "how long calls may go on after SIGTERM (default: 8)", values.seconds),
];

/** Unlike other repeated values, the first one given replaces the default (none). */
const trustFlag = (): Option =>
  flag<readonly string[]>(
    "--trust <network>",
    "network whose calls need no password, as CIDR; repeat it or separate by commas",
    values.networks,
    [],
    "none",
  );

const advertiseFlag = (): Option =>
  flag(
    "--advertise <address>",
    "address that phones are told, where it is not our own (NAT, containers)",
    values.publicAddress,
  );

const rtpFlags = (): Option[] => [
  flag("--media-address <address>", "listen for audio on this address (default: as SIP)", values.address),
  flag<PortRange>(
    "--ports <low-high>",
    "UDP ports for audio",
    values.portRange,
    { low: 10_000, high: 20_000 },
    "10000-20000",
  ),
  flag("--shards <count>", "media threads", values.shards, 1),
  flag("--sounds-root <folder>", "play files of this folder, and no others", values.folder, "."),
  flag("--recordings-root <folder>", "record into this folder, and nowhere else", values.folder, "."),
  flag("--rtp-http-port <port>", "port of the rtp component's HTTP", values.port, 9002),
];

const controlPortFlag = (): Option =>
  flag("--control-http-port <port>", "port of the control component's HTTP", values.port, 9001);

const commonFlags = (): Option[] => [
  flag("--http-address <address>", "serve HTTP on this address", values.hostName, "127.0.0.1"),
  flag("--token <token>", "what HTTP requests have to carry; needed beyond loopback", values.token),
  new Option("--log-level <level>", "what to log, on standard error")
    .env("MEDIASWITCH_LOG_LEVEL")
    .choices(LOG_LEVELS)
    .default("info"),
  new Option("--fg", "stay in the foreground; it always does"),
];

function command(name: string, description: string, flags: readonly Option[]): Command {
  const made = new Command(name).description(description);
  for (const option of flags) made.addOption(option);
  return made;
}

/** @returns the program; it throws `CommanderError` instead of ending the process. */
export function program(actions: Actions): Command {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  const start = command("start", "run everything in one process", [
    ...sipFlags(),
    advertiseFlag(),
    ...rtpFlags(),
    controlPortFlag(),
    ...commonFlags(),
  ])
    .argument("[script]", "call script, .js or .ts")
    .action((script: string | undefined, options: Parsed<AllInOneOptions>) => actions.start(options, script));
  const sip = command("sip", "run the SIP component by itself", [
    ...sipFlags(),
    advertiseFlag(),
    ...commonFlags(),
    new Option("--test", "let the SIP server try itself out on free ports of 127.0.0.1, and end"),
  ]).action((options: Parsed<SipOptions> & { readonly test?: boolean }) => actions.sip(options));
  const control = command("control", "run call control with a script by itself", [
    controlPortFlag(),
    flag("--sip-url <url>", "where the sip component is", values.url, "http://127.0.0.1:9000"),
    flag("--rtp-url <url>", "where the rtp component is", values.url, "http://127.0.0.1:9002"),
    flag("--control-url <url>", "how they reach this one (default: its HTTP address)", values.url),
    ...commonFlags(),
  ])
    .argument("<script>", "call script, .js or .ts")
    .action((script: string, options: Parsed<ControlOptions>) => actions.control(options, script));
  const rtp = command("rtp", "run the RTP component by itself", [
    ...rtpFlags(),
    advertiseFlag(),
    ...commonFlags(),
  ]).action((options: Parsed<RtpOptions>) => actions.rtp(options));
  const tone = command("tone", "write a tone into a WAV file", [
    flag("--rate <hertz>", "samples a second, 8000 or 16000", values.samplingRate, 8000),
    new Option("--append", "add to a file that is there"),
  ])
    .argument("<definition>", "such as 350+440*0.5:1000")
    .argument("<file>", "WAV file")
    .action((definition: string, file: string, options: ToneFileOptions) =>
      actions.tone(definition, file, options),
    );
  const soundinfo = command("soundinfo", "print what the header of a WAV file says, as JSON", [])
    .argument("<file>", "WAV file")
    .action((file: string) => actions.soundinfo(file));
  const whole = new Command("mediaswitch")
    .description(
      "A soft-switch: phones register, a call script decides, calls are answered, bridged, transcoded.",
    )
    .version(version)
    .addHelpText(
      "after",
      "\nEvery flag can be set in the environment: --sip-port is MEDIASWITCH_SIP_PORT.\n" +
        "`mediaswitch <command> --help` tells the flags of a command.",
    );
  for (const one of [start, sip, control, rtp, tone, soundinfo]) whole.addCommand(one);
  for (const one of [whole, ...whole.commands]) one.exitOverride().showHelpAfterError(false);
  return whole;
}

const say = (text: string): void => {
  process.stdout.write(text);
};

const ANY_ADDRESS = "0.0.0.0";

const actions: Actions = {
  async start(parsed, script) {
    const options: AllInOneOptions = {
      ...parsed,
      mediaAddress: parsed.mediaAddress ?? parsed.listen?.[0]?.bind.address ?? parsed.sipAddress,
      log: openLog(parsed.logLevel, "mediaswitch"),
      ...(script === undefined ? {} : { script }),
    };
    await runUntilSignal(
      () => startAllInOne(options),
      (running) => {
        say(allInOneSummary(running, options));
      },
    );
  },
  async sip({ test, ...parsed }) {
    if (test === true) {
      const isWell = await selfCheck({
        say: (line) => {
          say(`${line}\n`);
        },
      });
      process.exit(isWell ? 0 : FAILED);
    }
    await runUntilSignal(
      () => startSip({ ...parsed, log: openLog(parsed.logLevel, "sip") }),
      (running) => {
        say(sipSummary(running));
      },
    );
  },
  async control(parsed, script) {
    process.env["MEDIASWITCH_LOG_LEVEL"] = parsed.logLevel;
    await runUntilSignal(
      () => startControl({ ...parsed, script, log: openLog(parsed.logLevel, "control") }),
      (running) => {
        say(controlSummary(running, { ...parsed, script }));
      },
    );
  },
  async rtp(parsed) {
    const options: RtpOptions = {
      ...parsed,
      mediaAddress: parsed.mediaAddress ?? ANY_ADDRESS,
      log: openLog(parsed.logLevel, "rtp"),
    };
    await runUntilSignal(
      () => startRtp(options),
      (running) => {
        say(rtpSummary(running, options.ports));
      },
    );
  },
  async tone(definition, file, options) {
    const seconds = await writeToneFile(loadAddon(), definition, file, options);
    say(`${file}: ${seconds.toFixed(2)} seconds\n`);
  },
  soundinfo(file) {
    say(
      `${JSON.stringify(
        blaming(() => loadAddon().soundInfo(file)),
        undefined,
        2,
      )}\n`,
    );
    return Promise.resolve();
  },
};

/** A variable that is set to nothing counts as not set, as compose files and unit files have it. */
function dropEmptyVariables(): void {
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith("MEDIASWITCH_") && value === "") Reflect.deleteProperty(process.env, name);
  }
}

async function main(): Promise<void> {
  dropEmptyVariables();
  try {
    await program(actions).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : USAGE);
    const text = error instanceof MediaswitchError ? error.message : String((error as Error).stack);
    process.stderr.write(`mediaswitch: ${text}\n`);
    process.exit(FAILED);
  }
}

const started = process.argv[1];
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href) void main();
