import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { sha256 } from "../../core/hash.js";

export interface FailureDelaysOptions {
  readonly clock: Clock;
  /** Failures that cost nothing. */
  readonly free: number;
  /** What the next one costs; each further one costs twice as much … */
  readonly first: Millis;
  /** … up to this. */
  readonly longest: Millis;
  /** Keys that are remembered; the one that failed longest ago is forgotten for a new one. */
  readonly rows: number;
}

interface Row {
  failures: number;
  last: Millis;
  until: Millis;
}

/** A longer key is kept as its hash, so that a row has a bounded size. */
const LONGEST_KEY = 160;
/** A key that has not failed for so long begins anew. */
const FORGOTTEN_AFTER = seconds(900);

/** How long somebody who failed has to wait before the next attempt is looked at. Of bounded size. */
export class FailureDelays {
  readonly #options: FailureDelaysOptions;
  /** The one that failed longest ago first. */
  readonly #rows = new Map<string, Row>();

  constructor(options: FailureDelaysOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** What is left of the wait; 0 is none. */
  wait(key: string): Millis {
    if (this.#rows.size === 0) return ms(0);
    const row = this.#rows.get(bounded(key));
    return ms(row === undefined ? 0 : Math.max(0, row.until - this.#options.clock.now()));
  }

  /** @returns whether it is the key's first failure that is remembered. */
  failed(key: string): boolean {
    const { clock, free, first, longest, rows } = this.#options;
    const name = bounded(key);
    const now = clock.now();
    const known = this.#rows.get(name);
    const isKnown = known !== undefined && now - known.last <= FORGOTTEN_AFTER;
    const failures = isKnown ? known.failures + 1 : 1;
    const delay = failures <= free ? 0 : Math.min(longest, first * 2 ** (failures - free - 1));
    this.#rows.delete(name);
    this.#rows.set(name, { failures, last: now, until: ms(now + delay) });
    if (this.#rows.size > rows) this.#forgetOldest();
    return !isKnown;
  }

  forget(key: string): void {
    if (this.#rows.size > 0) this.#rows.delete(bounded(key));
  }

  #forgetOldest(): void {
    for (const name of this.#rows.keys()) {
      this.#rows.delete(name);
      return;
    }
  }
}

const bounded = (key: string): string => (key.length > LONGEST_KEY ? sha256(key) : key);
