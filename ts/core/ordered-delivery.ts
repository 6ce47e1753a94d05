import { BusyMap } from "./busy-map.js";
import type { EventSink } from "./service.js";

export interface DeliveryLimits {
  /** Events of one key that may wait. */
  readonly perKey: number;
  /** Events that may wait, in all. */
  readonly inAll: number;
}

const LIMITS: DeliveryLimits = { perKey: 64, inAll: 50_000 };

interface Line {
  /** Settles when the last one has. */
  last: Promise<void>;
  length: number;
}

const NOTHING_BEFORE = Promise.resolve();

/**
 * Hands events to one sink: those of one key in order and one at a time, those of different keys side by side.
 * While there is no sink, events are refused, so that nothing waits for a receiver that never comes. When too many
 * wait, the newest is refused, but for the last one of its key: of that twice as many may wait in all.
 */
export class OrderedDelivery<Event> {
  readonly #limits: DeliveryLimits;
  #sink: EventSink<Event> | undefined;
  readonly #lines = new BusyMap<Line>();
  #waiting = 0;
  #lost = 0;

  constructor(limits: Partial<DeliveryLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  attach(sink: EventSink<Event>): void {
    this.#sink = sink;
  }

  /** Keys with an event that is not settled yet. */
  get inFlight(): number {
    return this.#lines.size;
  }

  /** Events that are not settled yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Those of one key. */
  waitingFor(key: string): number {
    return this.#lines.get(key)?.length ?? 0;
  }

  /** Events that were refused because too many waited. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * @param options isLast: nothing comes after it for this key, and nobody would learn what it says.
   * @returns settles with the sink's answer to this very event: rejected when it was not taken.
   */
  send(key: string, event: Event, options?: { readonly isLast?: boolean }): Promise<void> {
    const line = this.#lines.get(key) ?? { last: NOTHING_BEFORE, length: 0 };
    if (!this.#hasRoom(line, options?.isLast === true)) {
      this.#lost += 1;
      return Promise.reject(new Error("too many events wait for their receiver"));
    }
    line.length += 1;
    this.#waiting += 1;
    const taken = this.#give(event, line.last);
    const settle = (): void => {
      this.#waiting -= 1;
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(key);
    };
    line.last = taken.then(settle, settle);
    this.#lines.set(key, line);
    return taken;
  }

  async #give(event: Event, before: Promise<void>): Promise<void> {
    await before;
    if (this.#sink === undefined) throw new Error("nobody is attached to these events");
    await this.#sink(event);
  }

  #hasRoom(line: Line, isLast: boolean): boolean {
    const { perKey, inAll } = this.#limits;
    return isLast ? this.#waiting < inAll * 2 : line.length < perKey && this.#waiting < inAll;
  }
}
