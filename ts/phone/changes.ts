import { ms } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";

/** How long to wait, and how to stop it. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; default 30,000; Infinity: as long as it takes. */
  readonly within?: number | undefined;
}

const PATIENCE = 30_000;

/** Lets many wait for states of one thing, which are looked at again whenever something of it has changed. */
export class Changes {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  happened(): void {
    for (const look of [...this.#waiting]) look();
  }

  /**
   * Waits until `look` gives something; it may throw to end the waiting.
   * @param what that is waited for, for the message of the error.
   * @throws {MediaswitchError} NO_ANSWER after `within`; ABORTED.
   */
  until<T>(look: () => T | undefined, what: string, { signal, within = PATIENCE }: Waiting = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const end = (): void => {
        this.#waiting.delete(attempt);
        timer?.cancel();
        signal?.removeEventListener("abort", aborted);
      };
      const attempt = (): void => {
        try {
          const found = look();
          if (found === undefined) return;
          end();
          resolve(found);
        } catch (error) {
          end();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const late = (): void => {
        end();
        const seconds = String(Math.round(within / 100) / 10);
        reject(new MediaswitchError("NO_ANSWER", `waited ${seconds} s for ${what}, and it did not come`));
      };
      const aborted = (): void => {
        end();
        reject(new MediaswitchError("ABORTED", `waiting for ${what} was aborted`));
      };
      if (signal?.aborted === true) {
        aborted();
        return;
      }
      signal?.addEventListener("abort", aborted);
      this.#waiting.add(attempt);
      if (Number.isFinite(within)) timer = this.#clock.after(ms(within), late);
      attempt();
    });
  }
}
