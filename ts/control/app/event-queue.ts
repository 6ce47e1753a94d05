/** Events that wait to be read with `for await`; a reader that is too slow misses the oldest. */
import { MediaswitchError } from "../../core/errors.js";

/** How many wait at most. */
const MOST_WAITING = 1000;

type Reader<Event> = {
  readonly resolve: (result: IteratorResult<Event, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

export interface EventQueueOptions<Event> {
  readonly signal: AbortSignal | undefined;
  /** For the error of an aborted reader. */
  readonly verb: string;
  /** What stands for so many events that were not read in time; none: nothing does. */
  readonly lost?: (count: number) => Event;
  /** The reader wants no more, or there is no more. */
  readonly closed: () => void;
}

export class EventQueue<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #options: EventQueueOptions<Event>;
  readonly #waiting: Event[] = [];
  readonly #readers: Reader<Event>[] = [];
  #lost = 0;
  #isClosed = false;
  #error: MediaswitchError | undefined;

  constructor(options: EventQueueOptions<Event>) {
    this.#options = options;
    const { signal } = options;
    if (signal?.aborted === true) this.#aborted();
    else signal?.addEventListener("abort", this.#aborted);
  }

  push(event: Event): void {
    if (this.#isClosed) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value: event });
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#lost += 1;
  }

  /** What waits is still read. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.signal?.removeEventListener("abort", this.#aborted);
    this.#options.closed();
    for (const reader of this.#readers.splice(0)) {
      if (this.#error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(this.#error);
    }
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const value = this.#next();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.#waiting.length = 0;
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #next(): Event | undefined {
    const { lost } = this.#options;
    if (this.#lost > 0 && lost !== undefined) {
      const event = lost(this.#lost);
      this.#lost = 0;
      return event;
    }
    return this.#waiting.shift();
  }

  readonly #aborted = (): void => {
    this.#error = new MediaswitchError("ABORTED", `${this.#options.verb} was aborted`);
    this.#waiting.length = 0;
    this.#lost = 0;
    this.close();
  };
}
