import { ERRORS, MediaswitchError } from "../core/errors.js";
import type { CallError } from "./call.js";
import { ChannelUnavailable } from "./channel.js";

/** The SIP side knows the call no more: it has ended there, and the event of that is under way. */
export const isCallGone = (error: unknown): boolean =>
  error instanceof MediaswitchError && (error.code === "CALL_ENDED" || error.code === "CALL_UNKNOWN");

/** What happens every day and is nobody's mistake here: the far end is not there, or will not, or can't. */
export function isEveryday(error: unknown): boolean {
  if (!(error instanceof MediaswitchError)) return false;
  const isAway = error.code === "USER_NOT_REGISTERED" || error.code === "USER_UNKNOWN";
  return isAway || ERRORS[error.code].fault === "remote";
}

/** What a failure is to the call: a SIP status for the far end, and words for the script. */
export function callError(error: unknown): CallError {
  if (error instanceof ChannelUnavailable) return { code: 480, message: error.message };
  if (error instanceof MediaswitchError) {
    // What the script or this code got wrong is not the caller's bad request.
    const isOurs = error.code === "ARGUMENT_INVALID";
    return { code: isOurs ? ERRORS.INTERNAL.sip : error.sipStatus, message: error.message };
  }
  return { code: ERRORS.INTERNAL.sip, message: error instanceof Error ? error.message : String(error) };
}
