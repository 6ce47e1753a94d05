import { ms } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { CallRefer } from "../../sip/sip-service.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { joinFarLegs, transferToApplication, transferToRinging } from "./attended.js";
import { blindTransfer } from "./blind.js";
import { notifyTransferor } from "./notify-transferor.js";

/**
 * Takes a REFER, or refuses it by rejecting: the far end gets 603 then, and after 202 a NOTIFY of each thing that
 * becomes of it. The transfer itself begins after that.
 * @returns rejects {MediaswitchError} CALL_STATE.
 */
export async function takeRefer(desk: Desk, call: Call): Promise<void> {
  const { refer, ...info } = call.info;
  // It is this event's alone.
  call.info = info;
  if (refer === undefined) throw refused(desk, call, "it says not what it asks for");
  const reason = refusal(desk, call, refer);
  if (reason !== undefined) throw refused(desk, call, reason);
  const isAllowed = await desk.script.mayTransfer({ call, other: partner(call), refer });
  if (!isAllowed) throw refused(desk, call, "the script does not allow it");
  // The 202 goes out first, and the NOTIFY with 100.
  desk.clock.after(ms(0), () => {
    begin(desk, call, refer).catch((error: unknown) => {
      desk.log.error({ callid: call.callid, err: error }, "a transfer failed");
      void notifyTransferor(desk, call, { code: 500 });
    });
  });
}

function refused(desk: Desk, { callid }: Call, reason: string): MediaswitchError {
  desk.log.info({ callid }, `a REFER is declined: ${reason}`);
  return new MediaswitchError("CALL_STATE", `the REFER is declined: ${reason}`);
}

/** Why nothing can come of it, whoever the target is. */
function refusal(desk: Desk, call: Call, refer: CallRefer): string | undefined {
  if (!isTalking(call)) return "the call is not answered";
  const far = partner(call);
  if (far?.referral?.isOver === false) return "its other leg is being transferred";
  if (refer.replaces !== undefined) return undefined;
  if (refer.to === "") return "Refer-To has no user";
  if (far === undefined) return "there is no other leg that could be transferred";
  if (!isTalking(far)) return "the other leg is not answered";
  return desk.script.newcall.size === 0 ? "no script takes calls" : undefined;
}

async function begin(desk: Desk, call: Call, refer: CallRefer): Promise<void> {
  if (refer.replaces !== undefined) return beginAttended(desk, call, refer.replaces);
  const far = partner(call);
  // Whoever is missing has hung up since.
  if (far === undefined || !isTalking(far)) return notifyTransferor(desk, call, { code: 487 });
  return blindTransfer(desk, call, far, refer);
}

/** RFC 5589 §7, by what is known of the four legs. */
function beginAttended(desk: Desk, call: Call, callid: string): Promise<void> {
  const consultation = desk.calls.get(callid);
  if (consultation === undefined || !isReplaceable(call, consultation)) {
    return notifyTransferor(desk, call, { code: 481 });
  }
  const legs = { transferor: call, consultation };
  const [own, other] = [partner(call), partner(consultation)];
  if (own === undefined && other === undefined) {
    return notifyTransferor(desk, call, { code: 488, reason: "No call to transfer" });
  }
  if (own === undefined || other === undefined) {
    const [application, far] = own === undefined ? [call, other] : [consultation, own];
    if (far === undefined || !isTalking(far) || !isTalking(application)) {
      return notifyTransferor(desk, call, { code: 480 });
    }
    return transferToApplication(desk, legs, { application, far });
  }
  if (isTalking(own) && isTalking(other)) return joinFarLegs(desk, legs, [own, other]);
  const [transferee, target] = isTalking(own) ? [own, other] : [other, own];
  if (!isTalking(transferee) || !target.originator || target.isOver) {
    return notifyTransferor(desk, call, { code: 480 });
  }
  return transferToRinging(desk, legs, { transferee, target });
}

/**
 * Whether the transferor may name that call (RFC 3891 §5): another one, of the same domain, whose partner is not the
 * transferor itself, and that nobody is transferring already.
 *
 * DEPARTURE RFC 3891 §3: the Call-ID alone names it. Its tags are known to the SIP side only, and the Call-ID of a call of
 * ours to none but its two ends.
 */
function isReplaceable(call: Call, consultation: Call): boolean {
  if (consultation === call || consultation.isOver || call.others.includes(consultation)) return false;
  if (partner(consultation)?.referral?.isOver === false) return false;
  return consultation.info.domain.toLowerCase() === call.info.domain.toLowerCase();
}

const partner = (call: Call): Call | undefined => (call.other === false ? undefined : call.other);

const isTalking = (call: Call): boolean => call.answered && !call.isOver;
