/** Where a transfer that is under way hears what becomes of its transferee. */
import type { Call } from "../call.js";
import type { CallInput } from "../call-machine.js";
import type { InputDetails } from "../desk.js";

/**
 * Of each input of a call, before its table gets it. While a leg is being transferred, a script's `ring` and `answer` tell
 * the transferor, and a refusal (`busy()`, `notfound()`, a status) is one of the transfer: the leg itself goes on.
 * @returns whether the input was meant for the transfer alone.
 */
export function isForTransfer(call: Call, input: CallInput, { status }: InputDetails): boolean {
  const { referral } = call;
  if (referral === undefined || referral.isOver) return false;
  if (input === "ring") referral.take("rung");
  if (input === "answer") referral.take("answered");
  if (input !== "hangup" || status?.code === undefined) return false;
  referral.take("refused", {
    code: status.code,
    ...(status.reason !== undefined && { reason: status.reason }),
  });
  return true;
}

/**
 * The last child of `parent` has ended.
 * @returns whether that is the failure of a transfer, which says what becomes of the parent.
 */
export function isFailedTransfer(parent: Call, child: Call): boolean {
  const { referral } = parent;
  if (referral === undefined || referral.isOver) return false;
  const { code, status } = child.info.error;
  if (code === 0) referral.take("refused", { code: 480 });
  // Our own words for what went wrong here are not the far end's business.
  else referral.take("refused", child.error === undefined ? { code, reason: status.trim() } : { code });
  return true;
}
