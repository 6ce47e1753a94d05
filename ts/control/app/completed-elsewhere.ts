import type { HangupStatus } from "../causes.js";

/**
 * Somebody else has taken the call: a phone told so lists no missed call (RFC 3326 §2). As the reason of an abort it is
 * what those are told who still ring.
 */
export const COMPLETED_ELSEWHERE: HangupStatus = { code: 200, reason: "Call completed elsewhere" };
