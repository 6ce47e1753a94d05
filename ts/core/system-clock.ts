import { epochMillis, ms, type EpochMillis, type Millis } from "./brand.js";
import type { Clock, Timer } from "./clock.js";

/** Node fires a longer timer at once (2^31 − 1 ms is its largest), so longer ones are taken in steps. */
const LONGEST_STEP = 2 ** 31 - 1;

/** The machine's clock. */
export class SystemClock implements Clock {
  #pending = 0;

  now(): Millis {
    return ms(performance.now());
  }

  epoch(): EpochMillis {
    return epochMillis(Date.now());
  }

  get pendingTimers(): number {
    return this.#pending;
  }

  after(delay: Millis, run: () => void): Timer {
    const due = performance.now() + delay;
    let handle: NodeJS.Timeout | undefined;
    const step = (): void => {
      const left = due - performance.now();
      if (left > LONGEST_STEP) {
        handle = setTimeout(step, LONGEST_STEP);
        return;
      }
      handle = setTimeout(
        () => {
          handle = undefined;
          this.#pending -= 1;
          run();
        },
        Math.max(0, left),
      );
    };
    this.#pending += 1;
    step();
    return {
      cancel: () => {
        if (handle === undefined) return;
        clearTimeout(handle);
        handle = undefined;
        this.#pending -= 1;
      },
    };
  }
}
