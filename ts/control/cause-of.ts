import type { Mutable } from "../core/mutable.js";
import type { Call } from "./call.js";
import {
  causeName,
  causeNamed,
  isQ850,
  q850OfStatus,
  reasonPhrase,
  statusOfQ850,
  type CallCause,
} from "./causes.js";

const NORMAL_CLEARING = 16;
/** "Call completed elsewhere" (RFC 3326 §2): no failure. */
const ELSEWHERE = 200;

/** The seed's words have a name in capitals, too. */
const canonical = (name: string, code: number): string =>
  name === name.toLowerCase() ? causeName(code) : name;

/**
 * Why the call ended, or is about to. A Reason of the far end counts more than the status it came with, since a status
 * may have been made of it on the way (RFC 6432 §3).
 */
export function causeOf(call: Call): CallCause {
  const isOurs = call.endedBy === "us" && call.error === undefined && call.info.reason === undefined;
  const cause = isOurs ? ours(call) : theirs(call);
  if (call.endedBy !== undefined) cause.side = call.endedBy;
  return cause;
}

function ours(call: Call): Mutable<CallCause> {
  const { name, code, reason, q850 } = call.hungUpWith ?? {};
  const failed = call.info.error.code;
  // Our hang-up may cross what the far end had to say.
  const sip = code ?? (failed === 0 || call.hungUpWith !== undefined ? undefined : failed);
  if (sip === undefined || sip === ELSEWHERE) {
    const lost =
      sip === ELSEWHERE ? { name: "LOSE_RACE", q850: 26 } : { name: "normal", q850: NORMAL_CLEARING };
    return { name: lost.name, q850: q850 ?? lost.q850, text: reason ?? "" };
  }
  return {
    name: name === undefined ? causeName(sip) : canonical(name, sip),
    sip,
    q850: q850 ?? causeNamed(name ?? "")?.q850 ?? q850OfStatus(sip),
    text: reason ?? reasonPhrase(sip) ?? "",
  };
}

function theirs(call: Call): Mutable<CallCause> {
  const { error, reason } = call.info;
  const protocol = reason?.protocol.toUpperCase();
  const told =
    reason !== undefined && protocol === "Q.850" && isQ850(reason.cause) ? reason.cause : undefined;
  const own = call.error?.code ?? 0;
  const status = error.code !== 0 ? error.code : own !== 0 ? own : undefined;
  const ofReason =
    protocol === "SIP" && reason !== undefined && reason.cause >= 300 ? reason.cause : undefined;
  const sip = status ?? ofReason ?? (told === undefined ? undefined : statusOfQ850(told));
  const words = [reason?.text, error.status.trim(), call.error?.message].find(
    (text) => text !== undefined && text !== "",
  );
  if (sip === undefined) {
    const isElsewhere = protocol === "SIP" && reason?.cause === ELSEWHERE;
    return {
      name: isElsewhere ? "LOSE_RACE" : "normal",
      q850: told ?? (isElsewhere ? 26 : NORMAL_CLEARING),
      text: words ?? "",
    };
  }
  // Cause value 16 comes with any status of a call that was simply given up.
  return {
    name: sip === 487 && !call.info.originator ? "ORIGINATOR_CANCEL" : causeName(sip),
    sip,
    q850: told ?? (sip === 487 ? NORMAL_CLEARING : q850OfStatus(sip)),
    text: words ?? reasonPhrase(sip) ?? "",
  };
}
