import { MediaswitchError } from "../../core/errors.js";
import type { Handlers } from "../../core/service.js";
import type { SipCommands } from "../sip-service.js";
import type { CallTable } from "./call-table.js";
import type { OutboundCalls } from "./outbound-calls.js";

/** The commands that are carried out here. */
export type CallCommand = Extract<keyof SipCommands, `dialog.${string}`>;

/** What control may do to calls. */
export function callCommands(
  calls: CallTable,
  outbound: OutboundCalls,
): Pick<Handlers<SipCommands>, CallCommand> {
  return {
    "dialog.count": () => ({ count: calls.size, counter: calls.ever }),
    "dialog.get": ({ callid }) => calls.expect(callid).record.info(),
    "dialog.invite": ({ request }, signal) => outbound.invite(request, signal),
    "dialog.ring": ({ callid, alertinfo, sdp }) => {
      calls.expect(callid).ring(alertinfo, sdp);
      calls.changed(callid);
      return {};
    },
    "dialog.answer": ({ callid, sdp }) => {
      calls.expect(callid).answer(sdp);
      return {};
    },
    "dialog.ok": ({ callid, sdp }) => {
      calls.expect(callid).ok(sdp);
      return {};
    },
    "dialog.refuse": ({ callid, code, reason }) => {
      calls.expect(callid).refuse(failure(code) ?? 488, reason);
      return {};
    },
    "dialog.ack": ({ callid, sdp }) => {
      calls.expect(callid).acknowledge(sdp);
      return {};
    },
    "dialog.reinvite": ({ callid, sdp }) => {
      calls.expect(callid).reinvite(sdp);
      return {};
    },
    "dialog.notify": ({ callid, code, reason }) => {
      const referral = calls.referral(callid);
      if (referral === undefined) {
        throw new MediaswitchError("CALL_UNKNOWN", `no REFER of ${callid} waits`, "callid");
      }
      referral.progress(sipfragStatus(code), reason);
      return {};
    },
    "dialog.info": ({ callid, contenttype, body }) => {
      calls.expect(callid).send("INFO", contenttype, body);
      return {};
    },
    "dialog.message": ({ callid, contenttype, body }) => {
      calls.expect(callid).send("MESSAGE", contenttype, body);
      return {};
    },
    "dialog.hangup": ({ callid, code, reason, q850 }) => {
      const session = calls.expect(callid);
      session.hangup(session.record.isOurs && code === ELSEWHERE ? code : failure(code), reason, q850);
      return {};
    },
  };
}

/** 200 unless given. */
function sipfragStatus(code = 200): number {
  if (Number.isInteger(code) && code >= 100 && code <= 699) return code;
  throw new MediaswitchError("ARGUMENT_INVALID", "code must be a SIP status, 100 to 699", "code");
}

/** Of a call we make: its CANCEL says that another phone has answered (RFC 3326 §2); it is never a response. */
const ELSEWHERE = 200;

/** What control named, if it is a final failure (RFC 3261 §21.3–21.6). */
function failure(code: number | undefined): number | undefined {
  if (code === undefined || (Number.isInteger(code) && code >= 300 && code <= 699)) return code;
  throw new MediaswitchError("ARGUMENT_INVALID", "code must be a final failure status, 300 to 699", "code");
}
