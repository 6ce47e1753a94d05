import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import type { SipStatus } from "./referral.js";

/**
 * NOTIFY of what has become of the REFER (RFC 3515 §2.4.5), after whatever is being done for this leg. Nobody may be
 * listening any more, or may ever have been (RFC 4488): the transfer goes on all the same.
 */
export function notifyTransferor(desk: Desk, transferor: Call, { code, reason }: SipStatus): Promise<void> {
  return transferor.tasks.run(async () => {
    try {
      await desk.sip.execute({
        type: "dialog.notify",
        callid: transferor.callid,
        code,
        ...(reason !== undefined && reason !== "" && { reason }),
      });
    } catch (error) {
      const isExpected = error instanceof MediaswitchError && error.code === "CALL_UNKNOWN";
      const level = isExpected ? "debug" : "warn";
      desk.log[level](
        { callid: transferor.callid, code, err: error },
        "the transferor could not be notified",
      );
    }
  });
}
