import type { NativeDigits } from "./addon.js";
import { invalid, milliseconds, wholeNumber } from "./argument-checks.js";

export interface KeyPresses {
  readonly digits: string;
  readonly duration?: number;
  readonly pause?: number;
  readonly volume?: number;
}

/** The events that RFC 4733 §3.2 gives to keys, and flash. */
const KEYS = /^[0-9*#A-DF]+$/;
const MOST_DIGITS = 100;
/** Milliseconds. 40 is the least that receivers have to take (ITU-T Q.24); RFC 4733 §2.3 counts 8.19 s at most. */
const SHORTEST = 40;
const LONGEST = 8000;
/** RFC 4733 §2.3: six bits. */
const QUIETEST = 63;

/** @throws {MediaswitchError} ARGUMENT_INVALID, with the path of what is wrong. */
export function nativeDigits({ digits, duration = 220, pause = 200, volume = 13 }: KeyPresses): NativeDigits {
  const keys: unknown = typeof digits === "string" ? digits.toUpperCase() : digits;
  if (typeof keys !== "string" || !KEYS.test(keys)) {
    throw invalid("expected keys 0-9, *, #, A-D or F for flash", "digits");
  }
  if (keys.length > MOST_DIGITS) throw invalid(`expected no more than ${String(MOST_DIGITS)} keys`, "digits");
  return {
    digits: keys,
    durationMillis: milliseconds(duration, "duration", SHORTEST, LONGEST),
    pauseMillis: milliseconds(pause, "pause", SHORTEST, LONGEST),
    volume: wholeNumber(volume, "volume", 0, QUIETEST),
  };
}
