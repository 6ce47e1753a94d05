import type { Command } from "commander";
import type { AllInOneOptions } from "../../composition/options.js";
import { EXIT_FAILED } from "../exit-code.js";
import { COMMAND_FLAGS } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import type { Parsed } from "../parsed.js";

type Run = (options: Parsed<AllInOneOptions>) => Promise<void>;

/** It takes the flags of `start`, to try what that would do. */
export const checkCommand = (run: Run = check): Command =>
  makeCommand("check", "tell what will break with these settings, before a phone does", COMMAND_FLAGS.start)
    .addHelpText(
      "after",
      "\nTakes the flags of start, and starts nothing. Ends with 1 when something will break.",
    )
    .action((options: Parsed<AllInOneOptions>) => run(options));

async function check(options: Parsed<AllInOneOptions>): Promise<void> {
  const [{ gatherFacts }, { countOf, judge, reportText }] = await Promise.all([
    import("../check/gather.js"),
    import("../check/judge.js"),
  ]);
  const findings = judge(await gatherFacts(options));
  const faults = countOf(findings, "fault");
  if (options.json === true) sayJson({ faults, warnings: countOf(findings, "warning"), findings });
  else say(reportText(findings));
  if (faults > 0) process.exitCode = EXIT_FAILED;
}
