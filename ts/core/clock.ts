import type { EpochMillis, Millis } from "./brand.js";

export interface Timer {
  /** Stops the timer; harmless when it has fired or was cancelled before. */
  cancel(): void;
}

/**
 * The only source of time for protocol logic. `core/system-clock.ts` is the real one; tests advance a
 * manual one, so a 32-second schedule runs in microseconds and twice the same.
 */
export interface Clock {
  /** Monotonic; never jumps with the wall clock. Use it for every interval. */
  now(): Millis;
  /** Wall time; only for records, expiry times shown to people and nonces. */
  epoch(): EpochMillis;
  /** Runs `run` once, `delay` from now; any length is allowed (Node's own timers overflow at 2^31 ms). */
  after(delay: Millis, run: () => void): Timer;
  /** Timers that have neither fired nor been cancelled: a resource that has to go back to where it was. */
  readonly pendingTimers: number;
}
