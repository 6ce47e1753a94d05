import type { Command } from "commander";
import type { RtpOptions } from "../../composition/options.js";
import { openLog } from "../../composition/system-log.js";
import { startRtp } from "../../mediaswitch.js";
import { COMMAND_FLAGS } from "../flags.js";
import { makeCommand } from "../make-command.js";
import { say, sayJson } from "../output.js";
import type { Parsed } from "../parsed.js";
import { runUntilSignal } from "../run-until-signal.js";
import { rtpSummary } from "../summary.js";
import { rtpJson } from "../summary-json.js";

const ANY_ADDRESS = "0.0.0.0";

type Run = (options: Parsed<RtpOptions>) => Promise<void>;

export const rtpCommand = (run: Run = rtp): Command =>
  makeCommand("rtp", "run the RTP component by itself", COMMAND_FLAGS.rtp).action(
    (options: Parsed<RtpOptions>) => run(options),
  );

async function rtp({ json, ...parsed }: Parsed<RtpOptions>): Promise<void> {
  const options: RtpOptions = {
    ...parsed,
    mediaAddress: parsed.mediaAddress ?? ANY_ADDRESS,
    log: openLog(parsed.logLevel, "rtp"),
  };
  await runUntilSignal(
    () => startRtp(options),
    (running) => {
      if (json === true) sayJson(rtpJson(running, options.ports));
      else say(rtpSummary(running, options.ports));
    },
  );
}
