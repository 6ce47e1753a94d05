/** What happens in a service, told to those who watch, and to those who read with `for await`. */
import type { Log } from "../../core/log.js";
import { EventQueue } from "../app/event-queue.js";
import { Watchers } from "../watchers.js";

/** So many events were not read in time, just before the next one. */
export interface LostEvents {
  readonly type: "lost";
  readonly count: number;
}

export class EventFeed<Event> {
  readonly #log: Log;
  readonly #watchers = new Watchers<Event>();
  readonly #queues = new Map<EventQueue<Event | LostEvents>, (event: Event) => boolean>();

  constructor(log: Log) {
    this.#log = log;
  }

  tell(event: Event): void {
    this.#watchers.tell(event, (error) => {
      this.#log.error({ err: error }, "one who watches a service failed");
    });
    for (const [queue, isWanted] of [...this.#queues]) if (isWanted(event)) queue.push(event);
  }

  /** @returns takes the watcher out again. */
  watch(watcher: (event: Event) => void): () => void {
    return this.#watchers.add(watcher);
  }

  /** Events from now on, until the reader stops, its signal is aborted or `close` is called. */
  read(
    signal: AbortSignal | undefined,
    isWanted: (event: Event) => boolean = () => true,
  ): AsyncIterable<Event | LostEvents> {
    const queue: EventQueue<Event | LostEvents> = new EventQueue<Event | LostEvents>({
      signal,
      verb: "events",
      lost: (count) => ({ type: "lost", count }),
      closed: () => {
        this.#queues.delete(queue);
      },
    });
    if (signal?.aborted !== true) this.#queues.set(queue, isWanted);
    return queue;
  }

  /** No more will come: readers come to their end. */
  close(): void {
    for (const queue of [...this.#queues.keys()]) queue.close();
  }
}
