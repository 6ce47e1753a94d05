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
    this.#pending += 1;
    return new SystemTimer(delay, run, this.#ended);
  }

  readonly #ended = (): void => {
    this.#pending -= 1;
  };
}

/** One object and Node's own: there may be as many as transactions. */
class SystemTimer implements Timer {
  readonly #due: number;
  readonly #run: () => void;
  readonly #ended: () => void;
  #handle: NodeJS.Timeout | undefined;

  /** @param ended is called once: the timer has fired, or was cancelled before. */
  constructor(delay: Millis, run: () => void, ended: () => void) {
    this.#due = performance.now() + delay;
    this.#run = run;
    this.#ended = ended;
    this.#wait(delay);
  }

  cancel(): void {
    if (this.#handle === undefined) return;
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#ended();
  }

  #wait(left: number): void {
    this.#handle = setTimeout(SystemTimer.#step, Math.max(0, Math.min(left, LONGEST_STEP)), this);
  }

  static readonly #step = (timer: SystemTimer): void => {
    const left = timer.#due - performance.now();
    // Node counts whole milliseconds: less than one is no reason to wait again.
    if (left > 1) {
      timer.#wait(left);
      return;
    }
    timer.#handle = undefined;
    timer.#ended();
    timer.#run();
  };
}
