import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import type { Flow } from "../transport/transport.js";
import type { FlowFailure } from "./flow-failure.js";
import { flowKey } from "./flow-key.js";

/** A server that did not answer is tried after all others for so long. */
const OUT_OF_FAVOUR = seconds(20);
/** The longest Retry-After that is respected. */
const LONGEST_RETRY_AFTER = 300;
/** Servers remembered; the one noted first makes room. */
const MOST = 1000;

interface Note {
  readonly until: Millis;
  /** The server has asked to be left alone (RFC 3261 §21.5.4), not just failed. */
  readonly isBarred: boolean;
}

/** Servers that failed lately, for a time each. */
export class UnavailableFlows {
  readonly #clock: Clock;
  readonly #notes = new Map<string, Note>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#notes.size;
  }

  note(flow: Flow, failure: FlowFailure): void {
    const key = flowKey(flow);
    this.#notes.delete(key);
    if (this.#notes.size >= MOST) {
      const [first] = this.#notes.keys();
      if (first !== undefined) this.#notes.delete(first);
    }
    this.#notes.set(key, this.#noteOf(failure));
  }

  /**
   * The flows that may be tried now, in their order but for those that failed lately, which come last. Those that
   * asked for time with Retry-After are left out, so there may be none.
   */
  usable(flows: readonly Flow[]): Flow[] {
    const good: Flow[] = [];
    const doubtful: Flow[] = [];
    for (const flow of flows) {
      const note = this.#current(flow);
      if (note === undefined) good.push(flow);
      else if (!note.isBarred) doubtful.push(flow);
    }
    return [...good, ...doubtful];
  }

  #current(flow: Flow): Note | undefined {
    const key = flowKey(flow);
    const note = this.#notes.get(key);
    if (note === undefined || note.until > this.#clock.now()) return note;
    this.#notes.delete(key);
    return undefined;
  }

  #noteOf(failure: FlowFailure): Note {
    const now = this.#clock.now();
    if (failure.kind !== "unavailable" || failure.retryAfter === undefined) {
      return { until: ms(now + OUT_OF_FAVOUR), isBarred: false };
    }
    return { until: ms(now + Math.min(failure.retryAfter, LONGEST_RETRY_AFTER) * 1000), isBarred: true };
  }
}
