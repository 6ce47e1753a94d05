/** The last events, by number: who comes back after a while reads on from where he was. */
import type { Clock } from "../../core/clock.js";
import type { EventType, Tidings, V1Event } from "./event-schema.js";

/** As it is sent. */
export interface LoggedEvent {
  readonly number: number;
  readonly type: EventType;
  readonly call: string | undefined;
  /** About which webhook; that one is not told. */
  readonly about: string | undefined;
  readonly text: string;
}

export interface EventLogOptions {
  readonly clock: Clock;
  /** Another one after each start, so that numbers of the last one are not taken for ours. */
  readonly feed: string;
  /** Events kept, and characters of them. */
  readonly mostEvents?: number;
  readonly mostText?: number;
}

const MOST_EVENTS = 10_000;
const MOST_TEXT = 16 * 1024 * 1024;

export class EventLog {
  readonly feed: string;
  readonly #clock: Clock;
  readonly #mostEvents: number;
  readonly #mostText: number;
  readonly #events: LoggedEvent[] = [];
  /** Index in `#events` of the oldest that is kept: what is before is cut off now and then. */
  #head = 0;
  #text = 0;
  #last = 0;
  readonly #readers = new Set<() => void>();

  constructor({ clock, feed, mostEvents = MOST_EVENTS, mostText = MOST_TEXT }: EventLogOptions) {
    this.#clock = clock;
    this.feed = feed;
    this.#mostEvents = mostEvents;
    this.#mostText = mostText;
  }

  /** Number of the newest event; 0 before there is one. */
  get last(): number {
    return this.#last;
  }
  /** Number of the oldest that is kept, else the next one's. */
  get first(): number {
    return this.#last - (this.#events.length - this.#head) + 1;
  }
  get readers(): number {
    return this.#readers.size;
  }

  tell(tidings: Tidings): void {
    this.#last += 1;
    const event: V1Event = { ...tidings, feed: this.feed, number: this.#last, at: this.#clock.epoch() };
    const text = JSON.stringify(event);
    const about = tidings.type === "webhook.undelivered" ? tidings.data.webhook : undefined;
    this.#events.push({ number: this.#last, type: tidings.type, call: tidings.call, about, text });
    this.#text += text.length;
    this.#forget();
    for (const wake of [...this.#readers]) wake();
  }

  /** Undefined where it is kept no more, or is not there yet. */
  at(number: number): LoggedEvent | undefined {
    return number < this.first ? undefined : this.#events[this.#head + number - this.first];
  }

  /** `wake` is called after each new event. @returns takes it out again. */
  watch(wake: () => void): () => void {
    this.#readers.add(wake);
    return () => this.#readers.delete(wake);
  }

  #forget(): void {
    while (this.#events.length - this.#head > this.#mostEvents || this.#text > this.#mostText) {
      const oldest = this.#events[this.#head];
      // The newest stays, however large it is.
      if (oldest === undefined || oldest.number === this.#last) break;
      this.#text -= oldest.text.length;
      this.#head += 1;
    }
    if (this.#head < this.#mostEvents) return;
    this.#events.splice(0, this.#head);
    this.#head = 0;
  }
}
