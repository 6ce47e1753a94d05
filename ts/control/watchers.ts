/** Functions that are told of each event, in the order they came, until they are taken out again. */
export class Watchers<Event> {
  /** A new list whenever one comes or goes, so that one that is being gone through stays as it was. */
  #watchers: readonly ((event: Event) => void)[] = [];

  get size(): number {
    return this.#watchers.length;
  }

  /** @returns takes it out again. */
  add(watcher: (event: Event) => void): () => void {
    // The same function may watch twice: each time counts by itself.
    const own = (event: Event): void => {
      watcher(event);
    };
    this.#watchers = [...this.#watchers, own];
    return () => {
      this.#watchers = this.#watchers.filter((watching) => watching !== own);
    };
  }

  /** One that fails does not keep the others from being told; one that is taken out meanwhile is told no more. */
  tell(event: Event, failed: (error: unknown) => void): void {
    const told = this.#watchers;
    for (const watcher of told) {
      if (told !== this.#watchers && !this.#watchers.includes(watcher)) continue;
      try {
        watcher(event);
      } catch (error) {
        failed(error);
      }
    }
  }
}
