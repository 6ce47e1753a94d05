/** Key → the items under it; a key without items is none. */
export class SetMap<Key, Item> {
  readonly #sets = new Map<Key, Set<Item>>();

  get(key: Key): ReadonlySet<Item> {
    return this.#sets.get(key) ?? NONE;
  }

  count(key: Key): number {
    return this.#sets.get(key)?.size ?? 0;
  }

  add(key: Key, item: Item): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([item]));
    else set.add(item);
  }

  delete(key: Key, item: Item): void {
    const set = this.#sets.get(key);
    if (set?.delete(item) === true && set.size === 0) this.#sets.delete(key);
  }

  clear(): void {
    this.#sets.clear();
  }
}

const NONE: ReadonlySet<never> = new Set<never>();
