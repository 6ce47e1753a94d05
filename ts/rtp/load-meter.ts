import type { Clock } from "../core/clock.js";

/** A share of time is told of no less than this. */
const SHORTEST_MILLIS = 1000;

/** How busy the media threads are: their CPU time against the time that went by between two readings. */
export class LoadMeter {
  readonly #clock: Clock;
  readonly #threads: number;
  readonly #cpuMicros: () => number;
  #since: { readonly at: number; readonly cpuMicros: number } | undefined;
  #last: number | undefined;

  /** @param cpuMicros used by all threads since they were started; asked at most once a second. */
  constructor(clock: Clock, threads: number, cpuMicros: () => number) {
    this.#clock = clock;
    this.#threads = threads;
    this.#cpuMicros = cpuMicros;
  }

  /**
   * @returns 0–1, of the last second or of what went by since the last reading, whichever is longer; undefined in the
   * first second.
   */
  read(): number | undefined {
    const at = this.#clock.now();
    const since = this.#since;
    if (since === undefined) {
      this.#since = { at, cpuMicros: this.#cpuMicros() };
    } else if (at - since.at >= SHORTEST_MILLIS) {
      const cpuMicros = this.#cpuMicros();
      const share = (cpuMicros - since.cpuMicros) / ((at - since.at) * 1000 * this.#threads);
      this.#last = Math.min(1, Math.max(0, share));
      this.#since = { at, cpuMicros };
    }
    return this.#last;
  }
}
