/** Waiting lines of calls by name: who waits, at which place. What is played meanwhile is the script's business. */
import { MediaswitchError } from "../core/errors.js";
import type { Call, CallListener } from "./call.js";
import { ListenerList } from "./listener-list.js";
import type { QueuePlace } from "./queue-place.js";

/** Names may come from what callers dial. */
const MOST_QUEUES = 10_000;

type Leaving = Exclude<QueuePlace["state"], "waiting">;

export class CallQueue {
  readonly name: string;
  readonly #listeners = new ListenerList<Call>();
  readonly #ofAll: ListenerList<Call>;
  /** Which queue a call waits in: one at a time. */
  readonly #places: WeakMap<Call, CallQueue>;
  /** Those who wait, the next one first; each with what ends the watch over it. */
  readonly #waiting = new Map<Call, () => void>();

  constructor(name: string, ofAll: ListenerList<Call>, places: WeakMap<Call, CallQueue>) {
    this.name = name;
    this.#ofAll = ofAll;
    this.#places = places;
  }

  /** Those who wait, the next one first. */
  get calls(): Call[] {
    return [...this.#waiting.keys()];
  }

  /** Assigning a callback adds it: run for a call that joins, and for all that are left when one leaves. */
  set onpositionchange(listener: CallListener) {
    this.#listeners.add(listener);
  }

  /** The call waits here now, after the others. One that waits here stays where it is; one that is over never does. */
  queue(call: Call): void {
    if (call.isOver || this.#waiting.has(call)) return;
    this.#places.get(call)?.leave(call, "abandoned");
    this.#waiting.set(call, this.#watch(call));
    this.#places.set(call, this);
    const position = this.#waiting.size;
    call.metadata.queue = { state: "waiting", position };
    call.history = `Queue ${this.name}: waiting, position ${String(position)}`;
    this.#tell(call);
  }

  /** Somebody talks with the call: it waits no more. */
  delivered(call: Call): void {
    this.leave(call, "talking");
  }

  /** Takes a call out; all that are left hear of their positions. */
  leave(call: Call, state: Leaving): void {
    const unwatch = this.#waiting.get(call);
    if (unwatch === undefined) return;
    unwatch();
    this.#waiting.delete(call);
    this.#places.delete(call);
    call.metadata.queue = { state, position: call.metadata.queue?.position ?? 1 };
    call.history = `Queue ${this.name}: ${state}`;
    const left = this.calls;
    left.forEach((waiting, index) => {
      waiting.metadata.queue = { state: "waiting", position: index + 1 };
    });
    for (const waiting of left) {
      // A callback before may have taken it out.
      if (this.#waiting.has(waiting)) this.#tell(waiting);
    }
  }

  /** @returns ends the watch. */
  #watch(call: Call): () => void {
    return call.watchers.add(({ type }) => {
      if (type === "ended") this.leave(call, "abandoned");
      if (type === "replaced" && call.replacedBy !== undefined) this.#succeed(call, call.replacedBy);
    });
  }

  /** A transfer has put another leg in the place of one that waits: it waits on, at the same position. */
  #succeed(call: Call, successor: Call): void {
    const place = call.metadata.queue;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [each, unwatch] of waiting) {
      if (each !== call) {
        this.#waiting.set(each, unwatch);
        continue;
      }
      unwatch();
      this.#places.delete(call);
      this.#waiting.set(successor, this.#watch(successor));
      this.#places.set(successor, this);
    }
    if (place !== undefined) successor.metadata.queue = place;
    successor.history = `Queue ${this.name}: in the place of ${call.callid}`;
  }

  #tell(call: Call): void {
    call.callBack(this.#ofAll);
    call.callBack(this.#listeners);
  }
}

export class CallQueues {
  readonly #queues = new Map<string, CallQueue>();
  readonly #listeners = new ListenerList<Call>();
  readonly #places = new WeakMap<Call, CallQueue>();

  /** Run for the calls of all queues; before those of the call's own queue. */
  set onpositionchange(listener: CallListener) {
    this.#listeners.add(listener);
  }

  /** The queue of that name, which is there from now on. @throws {MediaswitchError} ARGUMENT_INVALID: too many names. */
  find(name: string): CallQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    if (this.#queues.size >= MOST_QUEUES) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `there are ${String(MOST_QUEUES)} queues, and no more are made`,
        "name",
      );
    }
    const queue = new CallQueue(name, this.#listeners, this.#places);
    this.#queues.set(name, queue);
    return queue;
  }
}
