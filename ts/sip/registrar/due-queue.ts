import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";

/** Something that is to be looked at at an instant. The queue keeps its place in `place`; −1 is not in it. */
export interface Due {
  due: Millis;
  place: number;
}

/** How many are handled before the event loop gets its turn. */
const MOST_AT_ONCE = 500;

/**
 * Any number of instants under one timer: a binary heap that knows where each item is, so that adding, moving and
 * removing cost its depth, and an item nothing but two fields.
 */
export class DueQueue<Item extends Due> {
  readonly #clock: Clock;
  readonly #handle: (item: Item) => void;
  readonly #heap: Item[] = [];
  #wake: { readonly due: Millis; readonly timer: Timer } | undefined;

  /** @param handle gets each item at its instant, taken out before; it may add it again. */
  constructor(clock: Clock, handle: (item: Item) => void) {
    this.#clock = clock;
    this.#handle = handle;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Adds an item that is not in it, or moves one that is. */
  set(item: Item, due: Millis): void {
    item.due = due;
    if (item.place < 0) {
      item.place = this.#heap.length;
      this.#heap.push(item);
    }
    this.#settle(item);
    this.#wakeForFirst();
  }

  /** Harmless when it isn't in it. */
  remove(item: Item): void {
    if (item.place < 0) return;
    const place = item.place;
    item.place = -1;
    const last = this.#heap.pop();
    if (last !== undefined && last !== item) {
      last.place = place;
      this.#heap[place] = last;
      this.#settle(last);
    }
    if (this.#heap.length === 0) this.#sleep();
  }

  clear(): void {
    for (const item of this.#heap) item.place = -1;
    this.#heap.length = 0;
    this.#sleep();
  }

  #settle(item: Item): void {
    this.#up(item);
    this.#down(item);
  }

  #up(item: Item): void {
    while (item.place > 0) {
      const parent = this.#heap[(item.place - 1) >> 1];
      if (parent === undefined || parent.due <= item.due) return;
      this.#swap(parent, item);
    }
  }

  #down(item: Item): void {
    for (;;) {
      const left = this.#heap[2 * item.place + 1];
      const right = this.#heap[2 * item.place + 2];
      const child = right !== undefined && left !== undefined && right.due < left.due ? right : left;
      if (child === undefined || child.due >= item.due) return;
      this.#swap(item, child);
    }
  }

  #swap(parent: Item, child: Item): void {
    const place = parent.place;
    this.#heap[child.place] = parent;
    this.#heap[place] = child;
    parent.place = child.place;
    child.place = place;
  }

  /** An item that was moved to later moves no timer: the wake then finds nothing due. */
  #wakeForFirst(): void {
    const [first] = this.#heap;
    if (first === undefined) return;
    if (this.#wake !== undefined && this.#wake.due <= first.due) return;
    this.#wake?.timer.cancel();
    const delay = ms(Math.max(0, first.due - this.#clock.now()));
    const timer = this.#clock.after(delay, () => {
      this.#wake = undefined;
      this.#handleDue();
    });
    this.#wake = { due: first.due, timer };
  }

  #sleep(): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
  }

  #handleDue(): void {
    const now = this.#clock.now();
    for (let count = 0; count < MOST_AT_ONCE; count += 1) {
      const [first] = this.#heap;
      if (first === undefined || first.due > now) break;
      this.remove(first);
      this.#handle(first);
    }
    this.#wakeForFirst();
  }
}
