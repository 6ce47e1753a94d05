import { ms, type Millis } from "../../core/brand.js";
import type { RateLimit } from "./limits.js";

/** What a request is worth at this moment: served, refused, or not even that. */
export type Rating = "within" | "beyond" | "far beyond";

interface Row {
  /** Requests that may still be served at once. */
  level: number;
  /** Refusals that may still be sent. */
  refusals: number;
  at: Millis;
}

/** What all those share that came when the table was full, in shares of one row's. */
const OTHERS = 10;

/**
 * Token buckets by key, in a table of bounded size. The row that was not used for longest is forgotten for a new one,
 * but only when it is full again: then forgetting changes nothing, so nobody gets a fresh bucket by filling the table
 * with strangers. While none can be forgotten, newcomers share one bucket.
 */
export class RateTable<Key extends string | number> {
  readonly #limit: RateLimit;
  readonly #rows: number;
  /** Longest unused first. */
  readonly #table = new Map<Key, Row>();
  readonly #others: Row;

  /** @param rows at most; 16,384 unless given. */
  constructor(limit: RateLimit, rows = 16_384) {
    this.#limit = limit;
    this.#rows = rows;
    this.#others = { level: limit.burst * OTHERS, refusals: limit.perSecond * OTHERS, at: ms(0) };
  }

  get size(): number {
    return this.#table.size;
  }

  /** Takes one request into account. */
  take(key: Key, now: Millis): Rating {
    if (this.#limit.perSecond === 0) return "within";
    const row = this.#row(key, now);
    if (row === this.#others) this.#refill(row, now, OTHERS);
    else this.#refill(row, now, 1);
    if (row.level >= 1) {
      row.level -= 1;
      return "within";
    }
    if (row.refusals >= 1) {
      row.refusals -= 1;
      return "beyond";
    }
    return "far beyond";
  }

  #row(key: Key, now: Millis): Row {
    const known = this.#table.get(key);
    if (known !== undefined) {
      this.#table.delete(key);
      this.#table.set(key, known);
      return known;
    }
    if (this.#table.size >= this.#rows && !this.#forgetOne(now)) return this.#others;
    const { burst, perSecond } = this.#limit;
    const fresh = { level: burst, refusals: perSecond, at: now };
    this.#table.set(key, fresh);
    return fresh;
  }

  #forgetOne(now: Millis): boolean {
    const oldest = this.#table.entries().next().value;
    if (oldest === undefined) return false;
    const [key, row] = oldest;
    const { burst, perSecond } = this.#limit;
    if (row.level + ((now - row.at) / 1000) * perSecond < burst) return false;
    this.#table.delete(key);
    return true;
  }

  #refill(row: Row, now: Millis, shares: number): void {
    const { burst, perSecond } = this.#limit;
    const gained = ((now - row.at) / 1000) * perSecond * shares;
    row.level = Math.min(burst * shares, row.level + gained);
    row.refusals = Math.min(perSecond * shares, row.refusals + gained);
    row.at = now;
  }
}
