import { MediaswitchError } from "../../core/errors.js";
import { hangup } from "./hangup.js";
import type { Line } from "./line.js";

/**
 * Runs what a script does with a call. When it returns, a call that is still up is hung up, unless it was handed on, or
 * is with somebody that no script of ours looks after: a transfer has joined them.
 */
export async function runHandler(line: Line, handler: () => unknown): Promise<void> {
  const turn = line.beginTurn();
  try {
    await handler();
  } catch (error) {
    if (line.isTurn(turn)) line.failed(error);
    else if (error instanceof MediaswitchError && error.code === "ABORTED")
      line.desk.log.debug(
        { callid: line.call.callid, err: error },
        "the script ends, for its call is with somebody else",
      );
    else
      line.desk.log.error(
        { callid: line.call.callid, err: error },
        "the script failed after its call was transferred",
      );
    return;
  }
  if (!line.isTurn(turn) || line.isHandedOn || line.call.others.length > 0) return;
  await hangup(line, undefined);
}
