import { ms, type Millis } from "../core/brand.js";
import type { ManualClock } from "./manual-clock.js";

interface Waiter {
  readonly isDone: () => boolean;
  readonly deadline: Millis;
  readonly settle: (isDone: boolean) => void;
  readonly fail: (error: unknown) => void;
}

export interface StageOptions {
  readonly clock: ManualClock;
  /** Everything that happens by itself happens within this. */
  readonly within: <Result>(act: () => Result) => Result;
  /** After everything that has happened. */
  readonly happened: () => void;
}

/** Lets virtual time pass while somebody waits for something, and stand still while nobody does. */
export class Stage {
  readonly #options: StageOptions;
  readonly #waiters = new Set<Waiter>();
  #isRunning = false;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /**
   * Lets time pass until `isDone`, or so many milliseconds.
   * @returns whether it is done; the present is the moment at which it became so. Rejects with what `isDone` throws.
   */
  until(isDone: () => boolean, within: Millis): Promise<boolean> {
    return new Promise((settle, fail) => {
      const deadline = ms(this.#options.clock.now() + within);
      this.#waiters.add({ isDone, deadline, settle, fail });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    const { clock, within, happened } = this.#options;
    this.#isRunning = true;
    await within(() => clock.settle());
    happened();
    for (;;) {
      // Who waited goes on before time does, and may do something now, or wait again.
      while (this.#settleWaiters()) {
        await within(() => clock.settle());
        happened();
      }
      if (this.#waiters.size === 0) break;
      const next = Math.min(...[...this.#waiters].map(({ deadline }) => deadline));
      await within(() => clock.step(ms(next)));
      happened();
    }
    this.#isRunning = false;
  }

  /** @returns whether there was one to settle. */
  #settleWaiters(): boolean {
    const now = this.#options.clock.now();
    const before = this.#waiters.size;
    for (const waiter of this.#waiters) {
      try {
        const isDone = waiter.isDone();
        if (!isDone && now < waiter.deadline) continue;
        waiter.settle(isDone);
      } catch (error) {
        waiter.fail(error);
      }
      this.#waiters.delete(waiter);
    }
    return this.#waiters.size < before;
  }
}
