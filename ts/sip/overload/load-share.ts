import type { Millis } from "../../core/brand.js";

/** How busy the thread was since the last sample. */
export interface LoadSample {
  /** Mean delay with which its timers fired. */
  readonly lag: Millis;
  /** Share of the time that it was at work, 0–1. */
  readonly utilization: number;
}

/** Above `high` less is taken on, below `low` more again, in between all stays as it is. */
export interface LoadMarks {
  readonly lag: { readonly high: Millis; readonly low: Millis };
  readonly utilization: { readonly high: number; readonly low: number };
}

/** One long pause (garbage, a slow disk) is no overload: as many samples in a row have to be high. */
const PATIENCE = 3;
/** New work between two samples; of so little it is not, others keep the machine busy and refusing would not help. */
const FEW = 20;
/** In a step, of what is taken on: at most this is given up … */
const SMALLEST_STEP = 0.5;
/** … and this comes back. */
const RECOVERY = 1.25;
const RECOVERY_AT_LEAST = 0.05;
/** Never less, else nothing would show that the load is over. */
const LEAST_SHARE = 0.02;

/**
 * The share of new work that is taken on: it shrinks in proportion to how far the load is above its mark, and grows
 * again in steps when it is below (control by occupancy, as RFC 6357 §5 describes). Work is shared out evenly, so that
 * the same samples give the same decisions.
 */
export class LoadShare {
  readonly #marks: LoadMarks;
  #share = 1;
  #highInRow = 0;
  /** New work since the last sample, taken on or not. */
  #asked = 0;
  /** What is owed to the next request. */
  #credit = 0;

  constructor(marks: LoadMarks) {
    this.#marks = marks;
  }

  /** 1 while all is well. */
  get share(): number {
    return this.#share;
  }

  note(sample: LoadSample): void {
    const { lag, utilization } = this.#marks;
    const isHigh = this.#asked >= FEW && (sample.lag > lag.high || sample.utilization > utilization.high);
    this.#highInRow = isHigh ? this.#highInRow + 1 : 0;
    if (this.#highInRow >= PATIENCE) {
      const factor = Math.min(ratio(lag.low, sample.lag), ratio(utilization.low, sample.utilization));
      this.#share = Math.max(LEAST_SHARE, this.#share * Math.max(SMALLEST_STEP, factor));
    } else if (this.#asked < FEW || (sample.lag <= lag.low && sample.utilization <= utilization.low)) {
      this.#share = Math.min(1, Math.max(this.#share * RECOVERY, this.#share + RECOVERY_AT_LEAST));
    }
    this.#asked = 0;
  }

  /** Whether the next piece of new work is taken on. */
  admits(): boolean {
    this.#asked += 1;
    if (this.#share >= 1) return true;
    this.#credit += this.#share;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }
}

/** At most 1. */
const ratio = (wanted: number, measured: number): number => (measured <= wanted ? 1 : wanted / measured);
