import { ms } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { CallRefer } from "../../sip/sip-service.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { joinFarLegs, transferToApplication, transferToRinging } from "./attended.js";
import { blindTransfer } from "./blind.js";
import { notifyTransferor } from "./notify-transferor.js";

/**
 * Takes a REFER, or refuses it by rejecting: the far end gets that error's status then, and after 202 a NOTIFY of each
 * thing that becomes of it. The transfer itself begins after that.
 * @returns rejects {MediaswitchError} NOT_ALLOWED; CALL_STATE where it may be asked again; ARGUMENT_INVALID.
 */
export async function takeRefer(desk: Desk, call: Call): Promise<void> {
  const { refer, ...info } = call.info;
  // It is this event's alone.
  call.info = info;
  if (refer === undefined) throw refused(desk, call, ["ARGUMENT_INVALID", "it says not what it asks for"]);
  const refusal = whyNot(desk, call, refer);
  if (refusal !== undefined) throw refused(desk, call, refusal);
  const isAllowed = await desk.script.mayTransfer({ call, other: partner(call), refer });
  if (!isAllowed) throw refused(desk, call, ["NOT_ALLOWED", "the script does not allow it"]);
  // The 202 goes out first, and the NOTIFY with 100.
  desk.clock.after(ms(0), () => {
    begin(desk, call, refer).catch((error: unknown) => {
      desk.log.error({ callid: call.callid, err: error }, "a transfer failed");
      void notifyTransferor(desk, call, { code: 500 });
    });
  });
}

type Refusal = readonly [code: "ARGUMENT_INVALID" | "CALL_STATE" | "NOT_ALLOWED", reason: string];

function refused(desk: Desk, { callid }: Call, [code, reason]: Refusal): MediaswitchError {
  desk.log.info({ callid }, `a REFER is declined: ${reason}`);
  return new MediaswitchError(code, `the REFER is declined: ${reason}`);
}

/** Why nothing can come of it, whoever the target is. */
function whyNot(desk: Desk, call: Call, refer: CallRefer): Refusal | undefined {
  if (!isTalking(call)) return ["CALL_STATE", "the call is not answered"];
  const far = partner(call);
  if (far?.referral?.isOver === false) return ["CALL_STATE", "its other leg is being transferred"];
  if (refer.replaces !== undefined) return undefined;
  if (refer.to === "") return ["ARGUMENT_INVALID", "Refer-To has no user"];
  if (far === undefined) return ["NOT_ALLOWED", "there is no other leg that could be transferred"];
  if (!isTalking(far)) return ["CALL_STATE", "the other leg is not answered"];
  return desk.script.newcall.size === 0 ? ["NOT_ALLOWED", "no script takes calls"] : undefined;
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
 * transferor itself, and that nobody is transferring already. That the tags are right the SIP side has seen to (§3).
 */
function isReplaceable(call: Call, consultation: Call): boolean {
  if (consultation === call || consultation.isOver || call.others.includes(consultation)) return false;
  if (partner(consultation)?.referral?.isOver === false) return false;
  return consultation.info.domain.toLowerCase() === call.info.domain.toLowerCase();
}

const partner = (call: Call): Call | undefined => (call.other === false ? undefined : call.other);

const isTalking = (call: Call): boolean => call.answered && !call.isOver;
