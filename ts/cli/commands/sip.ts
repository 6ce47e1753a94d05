import type { Command } from "commander";
import type { SipOptions } from "../../composition/options.js";
import { openLog } from "../../composition/system-log.js";
import { startSip } from "../../mediaswitch.js";
import { EXIT_FAILED } from "../exit-code.js";
import { COMMAND_FLAGS } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import type { Parsed } from "../parsed.js";
import { runUntilSignal } from "../run-until-signal.js";
import { selfCheck } from "../self-check.js";
import { sipSummary } from "../summary.js";
import { sipJson } from "../summary-json.js";

type Options = Parsed<SipOptions> & { readonly test?: boolean };
type Run = (options: Options) => Promise<void>;

export const sipCommand = (run: Run = sip): Command =>
  makeCommand("sip", "run the SIP component by itself", COMMAND_FLAGS.sip).action((options: Options) =>
    run(options),
  );

async function sip({ test, json, ...parsed }: Options): Promise<void> {
  if (test === true) {
    const isWell = await selfCheck({
      say: (line) => {
        say(`${line}\n`);
      },
    });
    process.exit(isWell ? 0 : EXIT_FAILED);
  }
  await runUntilSignal(
    () => startSip({ ...parsed, log: openLog(parsed.logLevel, "sip") }),
    (running) => {
      if (json === true) sayJson(sipJson(running));
      else say(sipSummary(running));
    },
  );
}
