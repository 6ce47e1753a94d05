import { ms, type Millis } from "../../core/brand.js";
import type { Random } from "../../core/random.js";

/**
 * How long to wait after a 491 before the request is sent again (RFC 3261 §14.1), in units of 10 ms, so that two that
 * met do not meet again: 2.1 to 4 s for the side that made the Call-ID, 0 to 2 s for the other.
 */
export function pauseAfterGlare(madeCallId: boolean, random: Random): Millis {
  const [high = 0, low = 0] = random.bytes(2);
  const share = (high * 256 + low) / 65_536;
  return madeCallId ? ms(2100 + 10 * Math.floor(share * 191)) : ms(10 * Math.floor(share * 201));
}
