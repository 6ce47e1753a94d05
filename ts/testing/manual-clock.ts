import { setImmediate as realImmediate } from "node:timers/promises";
import { epochMillis, ms, type EpochMillis, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";

const IS_RUNNING = "the clock is running already; await its last run first";

interface PendingTimer {
  readonly due: Millis;
  readonly run: () => void;
}

/**
 * A clock that stands still until it is told to move. Timers fire in the order of their instants, ties in the
 * order in which they were made; after each one, everything that only waits for promises is let run to its
 * end, so what a timer started has happened before the next timer fires. It does not wait for real input and
 * output (sockets, files, other threads).
 */
export class ManualClock implements Clock {
  readonly #startEpoch: EpochMillis;
  /** Sorted by due instant, then by age. */
  readonly #timers: PendingTimer[] = [];
  #now = ms(0);
  #isRunning = false;

  /** @param startEpoch wall time at instant 0; 2024-01-01T00:00:00Z unless given. */
  constructor(startEpoch: EpochMillis = epochMillis(1_704_067_200_000)) {
    this.#startEpoch = startEpoch;
  }

  now(): Millis {
    return this.#now;
  }

  epoch(): EpochMillis {
    return epochMillis(this.#startEpoch + this.#now);
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  after(delay: Millis, run: () => void): Timer {
    if (Number.isNaN(delay)) throw new RangeError("a delay has to be a number");
    const timer = { due: ms(this.#now + Math.max(0, delay)), run };
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other !== undefined && other.due <= timer.due) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return {
      cancel: () => {
        const index = this.#timers.indexOf(timer);
        if (index !== -1) this.#timers.splice(index, 1);
      },
    };
  }

  /** Runs everything that is due in the next `by` milliseconds. */
  async advance(by: Millis): Promise<void> {
    await this.runUntil(ms(this.#now + by));
  }

  /** Runs everything due up to and including the instant `at`, which is then the present. */
  async runUntil(at: Millis): Promise<void> {
    await this.#run(at, (due) => due <= at);
  }

  /** Runs everything due before the instant `at`, which is then the present; what is due at `at` itself waits. */
  async runUpTo(at: Millis): Promise<void> {
    await this.#run(at, (due) => due < at);
  }

  /** Runs the next timer if it is due by the instant `at`; else `at` is the present. */
  async step(at: Millis): Promise<void> {
    if (this.#isRunning) throw new Error(IS_RUNNING);
    const next = this.#timers[0];
    if (next === undefined || next.due > at) {
      this.#now = ms(Math.max(this.#now, at));
      return;
    }
    this.#isRunning = true;
    try {
      this.#timers.shift();
      this.#now = next.due;
      next.run();
      await this.settle();
    } finally {
      this.#isRunning = false;
    }
  }

  /** Lets everything that only waits for promises run to its end, at the present instant. */
  async settle(): Promise<void> {
    await realImmediate();
  }

  async #run(at: Millis, isDue: (due: Millis) => boolean): Promise<void> {
    if (this.#isRunning) throw new Error(IS_RUNNING);
    if (!(at >= this.#now)) {
      throw new RangeError(`the clock stands at ${String(this.#now)} and can't go to ${String(at)}`);
    }
    this.#isRunning = true;
    try {
      await this.settle();
      for (let next = this.#timers[0]; next !== undefined && isDue(next.due); next = this.#timers[0]) {
        this.#timers.shift();
        this.#now = next.due;
        next.run();
        await this.settle();
      }
      this.#now = at;
    } finally {
      this.#isRunning = false;
    }
  }
}
