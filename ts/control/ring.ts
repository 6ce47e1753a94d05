import type { Call } from "./call.js";
import type { Desk } from "./desk.js";
import { runRinging } from "./notify.js";

/** 180 to the caller (RFC 3261 §13.3.1.1). */
export function sendRing(desk: Desk, call: Call, alertinfo: string | undefined): Promise<void> {
  return call.tasks.run(async () => {
    if (call.isOver) return;
    try {
      await desk.sip.execute({
        type: "dialog.ring",
        callid: call.callid,
        ...(alertinfo !== undefined && { alertinfo }),
      });
    } catch (error) {
      desk.fail(call, error);
      return;
    }
    call.history = "We ring";
    call.markRung();
    call.tell({ type: "rung" });
    runRinging(desk, call);
  });
}
