import type { Command } from "commander";
import type { AllInOneOptions } from "../../composition/options.js";
import { openLog } from "../../composition/system-log.js";
import { startAllInOne } from "../../mediaswitch.js";
import { COMMAND_FLAGS } from "../flags.js";
import { ignoreHangup } from "../ignore-hangup.js";
import { givenFlags, makeCommand, type GivenFlag } from "../make-command.js";
import { say, sayJson } from "../output.js";
import type { Parsed, ScriptFlag } from "../parsed.js";
import { runUntilSignal } from "../run-until-signal.js";
import { runSplit } from "../split/run-split.js";
import { allInOneSummary } from "../summary.js";
import { allInOneJson } from "../summary-json.js";

type Options = Parsed<AllInOneOptions> & { readonly split?: boolean };
type Run = (
  options: Options,
  script: string | undefined,
  /** As they stood on the command line. */
  flags: readonly GivenFlag[],
) => Promise<void>;

export const startCommand = (run: Run = start): Command =>
  makeCommand("start", "run everything in one process, or in three", COMMAND_FLAGS.start)
    .argument("[script]", "call script, .js or .ts")
    .action((given: string | undefined, { script, ...options }: Options & ScriptFlag, self: Command) =>
      run(options, given ?? script, givenFlags(self)),
    );

/** Where audio is listened for: where SIP is, unless told otherwise. */
const mediaAddressOf = ({ mediaAddress, listen, sipAddress }: Options): string =>
  mediaAddress ?? listen?.[0]?.bind.address ?? sipAddress;

async function start(
  parsed: Options,
  script: string | undefined,
  flags: readonly GivenFlag[],
): Promise<void> {
  ignoreHangup(parsed);
  const { split, json, ...rest } = parsed;
  const log = openLog(parsed.logLevel, "mediaswitch");
  const named = script === undefined ? {} : { script };
  if (split === true) {
    await runSplit({ ...parsed, mediaAddress: mediaAddressOf(parsed), flags, log, ...named });
    return;
  }
  const options: AllInOneOptions = { ...rest, mediaAddress: mediaAddressOf(parsed), log, ...named };
  await runUntilSignal(
    () => startAllInOne(options),
    (running) => {
      if (json === true) sayJson(allInOneJson(running, options));
      else say(allInOneSummary(running, options));
    },
  );
}
