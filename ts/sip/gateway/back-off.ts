import { ms, seconds, type Millis } from "../../core/brand.js";
import { fraction, type Random } from "../../core/random.js";

/** RFC 5626 §4.5: base-time where no flow works, and max-time. */
const BASE = seconds(30);
const LONGEST = seconds(1800);

/**
 * How long to wait after so many failures in a row (RFC 5626 §4.5): twice as long each time up to half an hour, and
 * from half of it to the whole at random, so that not all who lost one server come back at once.
 */
export function backOff(failures: number, random: Random): Millis {
  const longest = Math.min(LONGEST, BASE * 2 ** Math.min(failures, 30));
  return ms(Math.round(longest * (0.5 + fraction(random) / 2)));
}

/**
 * When a registration for `expires` seconds is to be refreshed: after 80 to 90 % of its time, so that a server that is
 * down can be waited for and many registrations spread; never sooner than a few seconds, whatever a server grants.
 */
export function refreshDelay(expires: number, random: Random): Millis {
  return ms(Math.max(SOONEST, Math.round(expires * 1000 * (0.8 + fraction(random) / 10))));
}

const SOONEST = seconds(5);
