import type { EventSink } from "./service.js";

/**
 * Hands events to one sink: those of one key in order and one at a time, those of different keys side by side.
 * While there is no sink, events are refused, so that nothing waits for a receiver that never comes.
 */
export class OrderedDelivery<Event> {
  #sink: EventSink<Event> | undefined;
  readonly #last = new Map<string, Promise<void>>();

  attach(sink: EventSink<Event>): void {
    this.#sink = sink;
  }

  /** Keys with an event that is not settled yet. */
  get inFlight(): number {
    return this.#last.size;
  }

  /** @returns settles with the sink's answer to this very event: rejected when it was not taken. */
  send(key: string, event: Event): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const taken = before.then(() => {
      if (this.#sink === undefined) throw new Error("nobody is attached to these events");
      return this.#sink(event);
    });
    const settled = taken.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    return taken;
  }
}
