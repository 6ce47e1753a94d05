import { MediaswitchError } from "../../core/errors.js";
import { hangupStatus, type HangupReason } from "../causes.js";
import type { Line } from "./line.js";

/** Ends the call in any state; all that waits for it is told at once. Nothing happens where it is over. */
export async function hangup(line: Line, reason: HangupReason | undefined): Promise<void> {
  const status = hangupStatus(reason);
  if (status === undefined) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      "a reason is a name of the table of causes, or a SIP status from 300 to 699",
      "reason",
    );
  }
  if (line.ending !== undefined) return;
  const told = line.desk.feed(line.call, "hangup", { status });
  // A refusal of a call that is being transferred is the transfer's: the call goes on.
  if (line.call.isOver) line.hangingUp();
  await told;
}
