/** Functions that are told of each event, in the order they came, until they are taken out again. */
export class Watchers<Event> {
  readonly #watchers = new Set<(event: Event) => void>();

  get size(): number {
    return this.#watchers.size;
  }

  /** @returns takes it out again. */
  add(watcher: (event: Event) => void): () => void {
    // The same function may watch twice: each time counts by itself.
    const own = (event: Event): void => {
      watcher(event);
    };
    this.#watchers.add(own);
    return () => {
      this.#watchers.delete(own);
    };
  }

  /** One that fails does not keep the others from being told; one that is taken out meanwhile is told no more. */
  tell(event: Event, failed: (error: unknown) => void): void {
    for (const watcher of [...this.#watchers]) {
      if (!this.#watchers.has(watcher)) continue;
      try {
        watcher(event);
      } catch (error) {
        failed(error);
      }
    }
  }
}
