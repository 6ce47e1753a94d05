#!/usr/bin/env -S node --max-semi-space-size=64
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
import { COMMAND_FLAGS, TONE_FLAGS, type Flag } from "./cli/flags.js";
import * as values from "./cli/values.js";
import type { AllInOneOptions, ControlOptions, RtpOptions, SipOptions } from "./composition/options.js";
import { openLog, type LogLevel } from "./composition/system-log.js";
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

function optionOf({ flags, text, byDefault, value, parse, choices }: Flag): Option {
  const isTold = byDefault !== undefined && value === undefined;
  const option = new Option(flags, isTold ? `${text} (default: ${byDefault})` : text);
  if (value !== undefined) option.default(value, byDefault);
  if (choices !== undefined) option.choices(choices);
  if (flags.includes("<")) option.env(environmentName(flags));
  if (parse === undefined) return option;
  return option.argParser((given: string, before: unknown) => {
    try {
      return parse(given, before as never);
    } catch (error) {
      if (error instanceof values.ValueExpected) throw new InvalidArgumentError(error.message);
      throw error;
    }
  });
}

const environmentName = (flags: string): string =>
  `MEDIASWITCH_${(/^--([a-z-]+)/.exec(flags)?.[1] ?? "").replaceAll("-", "_").toUpperCase()}`;

function command(name: string, description: string, flags: readonly Flag[]): Command {
  const made = new Command(name).description(description);
  for (const one of flags) made.addOption(optionOf(one));
  return made;
}

/** @returns the program; it throws `CommanderError` instead of ending the process. */
export function program(actions: Actions): Command {
  const { version } = createRequire(import.meta.url)("../package.json") as { version: string };
  const start = command("start", "run everything in one process", COMMAND_FLAGS.start)
    .argument("[script]", "call script, .js or .ts")
    .action((script: string | undefined, options: Parsed<AllInOneOptions>) => actions.start(options, script));
  const sip = command("sip", "run the SIP component by itself", COMMAND_FLAGS.sip).action(
    (options: Parsed<SipOptions> & { readonly test?: boolean }) => actions.sip(options),
  );
  const control = command("control", "run call control with a script by itself", COMMAND_FLAGS.control)
    .argument("<script>", "call script, .js or .ts")
    .action((script: string, options: Parsed<ControlOptions>) => actions.control(options, script));
  const rtp = command("rtp", "run the RTP component by itself", COMMAND_FLAGS.rtp).action(
    (options: Parsed<RtpOptions>) => actions.rtp(options),
  );
  const tone = command("tone", "write a tone into a WAV file", TONE_FLAGS)
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

/** Who renames the file of records sends SIGHUP by habit. The next record makes a new one, so there is nothing to do. */
function ignoreHangup({ cdr }: { readonly cdr?: string }): void {
  if (cdr !== undefined) process.on("SIGHUP", () => undefined);
}

const actions: Actions = {
  async start(parsed, script) {
    ignoreHangup(parsed);
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
    ignoreHangup(parsed);
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
