/** A final SIP response, or the reason of a BYE; without a code the SIP side takes what fits the call's state. */
export interface HangupStatus {
  readonly code?: number;
  readonly reason?: string;
}

/** What `call.hangup()` takes: nothing (a normal hang-up), a name of `CAUSES`, or a status of one's own. */
export type HangupReason = string | HangupStatus;

interface Cause extends HangupStatus {
  readonly name: string;
}

const cause = (name: string, code: number, reason: string): Cause => ({ name, code, reason });

/**
 * Name → SIP status (codes and phrases: RFC 3261 §21, RFC 8197, RFC 8688). Several names may share a code; the
 * last of them is what that code is called when it comes in. The first rows are the seed's own words.
 */
const CAUSES: readonly Cause[] = [
  { name: "normal" },
  cause("busy", 486, "Busy here"),
  cause("notfound", 404, "Not found"),
  cause("paymentrequired", 402, "Payment required"),
  cause("MOVED_PERMANENTLY", 301, "Moved Permanently"),
  cause("MOVED_TEMPORARILY", 302, "Moved Temporarily"),
  cause("PAYMENT_REQUIRED", 402, "Payment Required"),
  cause("FORBIDDEN", 403, "Forbidden"),
  cause("OUTGOING_CALL_BARRED", 403, "Forbidden"),
  cause("INCOMING_CALL_BARRED", 403, "Forbidden"),
  cause("UNALLOCATED_NUMBER", 404, "Not Found"),
  cause("NOT_ALLOWED", 405, "Method Not Allowed"),
  cause("NOT_ACCEPTABLE", 406, "Not Acceptable"),
  cause("PROXY_AUTHENTICATION", 407, "Proxy Authentication Required"),
  cause("REQUEST_TIMEOUT", 408, "Request Timeout"),
  cause("USER_GONE", 410, "Gone"),
  cause("TEMPORARILY_UNAVAILABLE", 480, "Temporarily Unavailable"),
  cause("CALL_DOES_NOT_EXIST", 481, "Call/Transaction Does Not Exist"),
  cause("LOOP_DETECTED", 482, "Loop Detected"),
  cause("TOO_MANY_HOPS", 483, "Too Many Hops"),
  cause("INVALID_NUMBER_FORMAT", 484, "Address Incomplete"),
  cause("AMBIGUOUS", 485, "Ambiguous"),
  cause("USER_BUSY", 486, "Busy Here"),
  cause("NORMAL_CLEARING", 487, "Request Terminated"),
  cause("ORIGINATOR_CANCEL", 487, "Request Terminated"),
  cause("USER_NOT_REGISTERED", 487, "Request Terminated"),
  cause("BLIND_TRANSFER", 487, "Request Terminated"),
  cause("ATTENDED_TRANSFER", 487, "Request Terminated"),
  cause("LOSE_RACE", 487, "Request Terminated"),
  cause("PICKED_OFF", 487, "Request Terminated"),
  cause("MANAGER_REQUEST", 487, "Request Terminated"),
  cause("REQUEST_TERMINATED", 487, "Request Terminated"),
  cause("INCOMPATIBLE_DESTINATION", 488, "Not Acceptable Here"),
  cause("SERVER_ERROR", 500, "Server Internal Error"),
  cause("FACILITY_REJECTED", 501, "Not Implemented"),
  cause("DESTINATION_OUT_OF_ORDER", 502, "Bad Gateway"),
  cause("SERVICE_UNAVAILABLE", 503, "Service Unavailable"),
  cause("SERVER_TIMEOUT", 504, "Server Time-out"),
  cause("MESSAGE_TOO_LARGE", 513, "Message Too Large"),
  cause("BUSY_EVERYWHERE", 600, "Busy Everywhere"),
  cause("DECLINED", 603, "Decline"),
  cause("DOES_NOT_EXIST_ANYWHERE", 604, "Does Not Exist Anywhere"),
  cause("UNWANTED", 607, "Unwanted"),
  cause("REJECTED", 608, "Rejected"),
];

const byName = new Map(CAUSES.map((entry) => [entry.name, entry]));
const byCode = new Map(CAUSES.map((entry) => [entry.code, entry]));

/** A code this project may send as a final refusal (RFC 3261 §7.2: 3xx–6xx). */
const isRefusal = (code: number): boolean => Number.isInteger(code) && code >= 300 && code <= 699;

/** @returns the status to hang up with, or `undefined` for a name or code that is none. */
export function hangupStatus(reason: HangupReason | undefined): HangupStatus | undefined {
  if (reason === undefined) return {};
  if (typeof reason === "string") {
    const entry = byName.get(reason);
    if (entry?.code === undefined || entry.reason === undefined) return entry && {};
    return { code: entry.code, reason: entry.reason };
  }
  return reason.code === undefined || isRefusal(reason.code) ? reason : undefined;
}

/** The phrase that goes with a code; a code without a row gets none. */
export const reasonPhrase = (code: number): string | undefined => byCode.get(code)?.reason;

/** The name of a status that came in; one without a row counts as REQUEST_TERMINATED. */
export const causeName = (code: number): string => byCode.get(code)?.name ?? "REQUEST_TERMINATED";
