/**
 * Why a call ended, in one table: our names, SIP statuses and Q.850 cause values (ISDN), each with its source.
 *
 * Statuses and phrases: RFC 3261 §21. Status → cause value: RFC 3398 §8.2.6.1; cause value → status: §7.2.4.1.
 */

/** A final SIP response, or the reason of a BYE; without a code the SIP side takes what fits the call's state. */
export interface HangupStatus {
  readonly code?: number;
  readonly reason?: string;
  /** Q.850 cause value, 1–127, told in a Reason header besides the status (RFC 3326, RFC 6432). */
  readonly q850?: number;
  /** The name it was asked for by. */
  readonly name?: string;
}

/** What `call.hangup()` takes: nothing (a normal hang-up), a name of `CAUSES`, or a status of one's own. */
export type HangupReason = string | HangupStatus;

export interface Cause extends HangupStatus {
  readonly name: string;
  /** Where its Q.850 value comes from. */
  readonly source: string;
}

/** Why a call ended, in all the words there are for it. */
export interface CallCause {
  /** `normal`, or the name of a row of `CAUSES`. */
  readonly name: string;
  /** SIP status; absent for a normal end. */
  readonly sip?: number;
  /** Q.850 cause value: the far end's own where it told one, else what the status means. 16 is normal clearing. */
  readonly q850: number;
  /** Which side ended it; undefined while nobody has. */
  readonly side?: "us" | "them";
  /** The far end's own words, else the status's phrase. */
  readonly text: string;
}

const FROM_SIP = "RFC 3398 §8.2.6.1";
const OURS = "Q.850 §2.2.7, the nearest meaning";

const cause = (name: string, code: number, reason: string, q850: number, source = FROM_SIP): Cause => ({
  name,
  code,
  reason,
  q850,
  source,
});

/**
 * Several names may share a code; the last of them is what that code is called when it comes in. The first rows are
 * the seed's own words.
 */
export const CAUSES: readonly Cause[] = [
  { name: "normal", source: OURS },
  cause("busy", 486, "Busy here", 17),
  cause("notfound", 404, "Not found", 1),
  cause("paymentrequired", 402, "Payment required", 21),
  // A gateway has a row for neither: a number that moved is 22, for good, and 23, for now.
  cause("MOVED_PERMANENTLY", 301, "Moved Permanently", 22, "RFC 3398 §7.2.4.1, read backwards"),
  cause("MOVED_TEMPORARILY", 302, "Moved Temporarily", 23, OURS),
  cause("BAD_REQUEST", 400, "Bad Request", 41),
  cause("UNAUTHORIZED", 401, "Unauthorized", 21),
  cause("PAYMENT_REQUIRED", 402, "Payment Required", 21),
  cause("FORBIDDEN", 403, "Forbidden", 21),
  cause("OUTGOING_CALL_BARRED", 403, "Forbidden", 21),
  cause("INCOMING_CALL_BARRED", 403, "Forbidden", 21),
  cause("UNALLOCATED_NUMBER", 404, "Not Found", 1),
  cause("NOT_ALLOWED", 405, "Method Not Allowed", 63),
  cause("NOT_ACCEPTABLE", 406, "Not Acceptable", 79),
  cause("PROXY_AUTHENTICATION", 407, "Proxy Authentication Required", 21),
  cause("REQUEST_TIMEOUT", 408, "Request Timeout", 102),
  cause("USER_GONE", 410, "Gone", 22),
  cause("TEMPORARILY_UNAVAILABLE", 480, "Temporarily Unavailable", 18),
  cause("CALL_DOES_NOT_EXIST", 481, "Call/Transaction Does Not Exist", 41),
  cause("LOOP_DETECTED", 482, "Loop Detected", 25),
  cause("TOO_MANY_HOPS", 483, "Too Many Hops", 25),
  cause("INVALID_NUMBER_FORMAT", 484, "Address Incomplete", 28),
  cause("AMBIGUOUS", 485, "Ambiguous", 1),
  cause("USER_BUSY", 486, "Busy Here", 17),
  // RFC 3398 maps 487 to nothing, since it only confirms what was asked for: these say what that was.
  cause("NORMAL_CLEARING", 487, "Request Terminated", 16, OURS),
  cause("ORIGINATOR_CANCEL", 487, "Request Terminated", 16, OURS),
  cause("USER_NOT_REGISTERED", 487, "Request Terminated", 20, OURS),
  cause("BLIND_TRANSFER", 487, "Request Terminated", 16, OURS),
  cause("ATTENDED_TRANSFER", 487, "Request Terminated", 16, OURS),
  cause("LOSE_RACE", 487, "Request Terminated", 26, OURS),
  cause("PICKED_OFF", 487, "Request Terminated", 26, OURS),
  cause("MANAGER_REQUEST", 487, "Request Terminated", 16, OURS),
  cause("REQUEST_TERMINATED", 487, "Request Terminated", 31, OURS),
  cause("INCOMPATIBLE_DESTINATION", 488, "Not Acceptable Here", 88, "RFC 3398 §8.2.6.1 leaves it to Warning"),
  cause("SERVER_ERROR", 500, "Server Internal Error", 41),
  cause("FACILITY_REJECTED", 501, "Not Implemented", 79),
  cause("DESTINATION_OUT_OF_ORDER", 502, "Bad Gateway", 38),
  cause("SERVICE_UNAVAILABLE", 503, "Service Unavailable", 41),
  cause("SERVER_TIMEOUT", 504, "Server Time-out", 102),
  cause("MESSAGE_TOO_LARGE", 513, "Message Too Large", 127),
  cause("BUSY_EVERYWHERE", 600, "Busy Everywhere", 17),
  cause("DECLINED", 603, "Decline", 21),
  cause("DOES_NOT_EXIST_ANYWHERE", 604, "Does Not Exist Anywhere", 1),
  cause("UNWANTED", 607, "Unwanted", 21, "RFC 8197"),
  cause("REJECTED", 608, "Rejected", 21, "RFC 8688"),
];

/** Q.850 cause value → SIP status; 16 (normal clearing) is no failure and has none. */
const STATUS_OF_Q850: Readonly<Record<number, number>> = {
  1: 404, //   unallocated number
  2: 404, //   no route to network
  3: 404, //   no route to destination
  17: 486, //  user busy
  18: 408, //  no user responding
  19: 480, //  no answer from the user
  20: 480, //  subscriber absent
  21: 403, //  call rejected
  22: 410, //  number changed
  23: 410, //  redirection to new destination
  26: 404, //  non-selected user clearing
  27: 502, //  destination out of order
  28: 484, //  address incomplete
  29: 501, //  facility rejected
  31: 480, //  normal, unspecified
  34: 503, //  no circuit available
  38: 503, //  network out of order
  41: 503, //  temporary failure
  42: 503, //  switching equipment congestion
  47: 503, //  resource unavailable
  55: 403, //  incoming calls barred within closed user group
  57: 403, //  bearer capability not authorized
  58: 503, //  bearer capability not presently available
  65: 488, //  bearer capability not implemented
  70: 488, //  only restricted digital information available
  79: 501, //  service or option not implemented
  87: 403, //  user not member of closed user group
  88: 503, //  incompatible destination
  102: 504, // recovery on timer expiry
  111: 500, // protocol error
  127: 500, // interworking, unspecified
};

const NORMAL_CLEARING = 16;
const byName = new Map(CAUSES.map((entry) => [entry.name, entry]));
const byCode = new Map(CAUSES.map((entry) => [entry.code, entry]));

/** A code this project may send as a final refusal (RFC 3261 §7.2: 3xx–6xx). */
const isRefusal = (code: number): boolean => Number.isInteger(code) && code >= 300 && code <= 699;

/** Cause values have seven bits (Q.850 §2.2.5). */
export const isQ850 = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 127;

/** @returns the status to hang up with, or `undefined` for a name, code or cause value that is none. */
export function hangupStatus(reason: HangupReason | undefined): HangupStatus | undefined {
  if (reason === undefined) return {};
  if (typeof reason === "string") {
    const entry = byName.get(reason);
    if (entry?.code === undefined || entry.reason === undefined) return entry && {};
    const { name, code, reason: phrase, q850 } = entry;
    // A status of its own says the same to whoever knows the table.
    const saysMore = q850 !== undefined && q850 !== q850OfStatus(code);
    return { name, code, reason: phrase, ...(saysMore && { q850 }) };
  }
  const { code, q850 } = reason;
  return (code === undefined || isRefusal(code)) && (q850 === undefined || isQ850(q850)) ? reason : undefined;
}

/** The phrase that goes with a code; a code without a row gets none. */
export const reasonPhrase = (code: number): string | undefined => byCode.get(code)?.reason;

/** The name of a status that came in; one without a row counts as REQUEST_TERMINATED. */
export const causeName = (code: number): string => byCode.get(code)?.name ?? "REQUEST_TERMINATED";

/** The row of a name; undefined for one that is none. */
export const causeNamed = (name: string): Cause | undefined => byName.get(name);

/** The cause value that tells of a status; 127 for one without a row: RFC 3398 has no better word for it either. */
export const q850OfStatus = (code: number): number => byCode.get(code)?.q850 ?? 127;

/** The status that tells of a cause value: 500 for one without a row (RFC 3398 §7.2.4.1), none for a normal end. */
export const statusOfQ850 = (value: number): number | undefined =>
  value === NORMAL_CLEARING ? undefined : (STATUS_OF_Q850[value] ?? 500);
