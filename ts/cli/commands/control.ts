import type { Command } from "commander";
import type { ControlOptions } from "../../composition/options.js";
import { openLog } from "../../composition/system-log.js";
import { startControl } from "../../mediaswitch.js";
import { EXIT_USAGE } from "../exit-code.js";
import { COMMAND_FLAGS } from "../flags.js";
import { ignoreHangup } from "../ignore-hangup.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import type { Parsed, ScriptFlag } from "../parsed.js";
import { runUntilSignal } from "../run-until-signal.js";
import { controlSummary } from "../summary.js";
import { controlJson } from "../summary-json.js";

type Run = (options: Parsed<ControlOptions>, script: string | undefined) => Promise<void>;

export const controlCommand = (run: Run = control): Command =>
  makeCommand("control", "run call control by itself", COMMAND_FLAGS.control)
    .argument("[script]", "call script, .js or .ts; may be absent with --v1")
    .action(
      (
        given: string | undefined,
        { script, ...options }: Parsed<ControlOptions> & ScriptFlag,
        self: Command,
      ) => run(options, given ?? script ?? (options.v1 === true ? undefined : missing(self))),
    );

const missing = (self: Command): never =>
  self.error("error: missing required argument 'script'", { exitCode: EXIT_USAGE });

async function control(
  { json, ...parsed }: Parsed<ControlOptions>,
  script: string | undefined,
): Promise<void> {
  ignoreHangup(parsed);
  process.env["MEDIASWITCH_LOG_LEVEL"] = parsed.logLevel;
  const named = script === undefined ? {} : { script };
  await runUntilSignal(
    () => startControl({ ...parsed, ...named, log: openLog(parsed.logLevel, "control") }),
    (running) => {
      if (json === true) sayJson(controlJson(running, script));
      else say(controlSummary(running, { ...parsed, ...named }));
    },
  );
}
