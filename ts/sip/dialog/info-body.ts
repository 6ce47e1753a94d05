/** Key presses in INFO: `application/dtmf-relay` and `application/dtmf`, which no RFC describes and many phones send. */
import type { SipRequest } from "../message/message.js";

export interface KeyPress {
  readonly key: string;
  /** Milliseconds. */
  readonly duration: number;
}

/** What is said to be acceptable in a 415. */
export const INFO_TYPES: readonly string[] = ["application/dtmf-relay", "application/dtmf"];

const DEFAULT_DURATION = 250;
const LONGEST = 40_000;
const KEYS = /^[0-9*#A-DF]$/i;
/** Event numbers of RFC 4733 §3.2, as some write them. */
const BY_NUMBER = "0123456789*#ABCDF";

export const mediaType = ({ headers }: Pick<SipRequest, "headers">): string =>
  headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() ?? "";

/** Undefined where the body is of these types and names no key. */
export function readKeyPress(request: SipRequest): KeyPress | undefined {
  if (mediaType(request) === "application/dtmf") return keyPress(request.content.trim(), undefined);
  const fields = new Map<string, string>();
  for (const line of request.content.split(/\r?\n/).slice(0, 8)) {
    const equals = line.indexOf("=");
    if (equals > 0) fields.set(line.slice(0, equals).trim().toLowerCase(), line.slice(equals + 1).trim());
  }
  return keyPress(fields.get("signal") ?? "", fields.get("duration"));
}

function keyPress(signal: string, duration: string | undefined): KeyPress | undefined {
  const key = KEYS.test(signal) ? signal.toUpperCase() : numbered(signal);
  if (key === undefined) return undefined;
  const millis = duration === undefined || !/^\d{1,6}$/.test(duration) ? DEFAULT_DURATION : Number(duration);
  return { key, duration: Math.min(millis, LONGEST) };
}

function numbered(signal: string): string | undefined {
  return /^1[0-6]$/.test(signal) ? BY_NUMBER[Number(signal)] : undefined;
}
