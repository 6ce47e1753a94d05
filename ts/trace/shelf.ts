/** A set that gives its oldest item at once, however many older ones have gone. */
export class Shelf<Item> {
  readonly #items = new Set<Item>();
  /** Stands behind all that has gone: a new one would have to pass over the gaps that those have left. */
  #next = this.#items.values();

  get size(): number {
    return this.#items.size;
  }

  add(item: Item): void {
    this.#items.add(item);
  }

  delete(item: Item): void {
    this.#items.delete(item);
  }

  /** Is to be deleted by whoever asks, or stands last from now on. @param spared another one than this. */
  oldest(spared?: Item): Item | undefined {
    for (let tries = 0; tries < 3; tries += 1) {
      const { value, done } = this.#next.next();
      if (done === true) {
        this.#next = this.#items.values();
        continue;
      }
      this.#items.delete(value);
      this.#items.add(value);
      if (value !== spared) return value;
    }
    return undefined;
  }
}
