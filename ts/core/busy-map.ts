/** What is in the map for good. Objects, so that no key is ever one of them. */
const BALLAST: readonly object[] = Array.from({ length: 256 }, () => ({}));

/**
 * A map for what comes and goes all the time and holds much: calls while they live. It behaves as `Map` does.
 *
 * V8 gives a map with few entries a new table every few deletions, and the table of a map that has been there for long lies
 * in the old part of memory, also when it is out of use: until all memory is collected, what it refers to counts as alive.
 * So a plain map would keep nearly every call that ever was in it for many seconds. Entries that never go make the table
 * larger, and a new one rare.
 */
export class BusyMap<Value> extends Map<string, Value> {
  constructor() {
    super();
    this.#takeBallast();
  }

  override get size(): number {
    return super.size - BALLAST.length;
  }

  override clear(): void {
    super.clear();
    this.#takeBallast();
  }

  override *entries(): MapIterator<[string, Value]> {
    for (const entry of super.entries()) if (typeof entry[0] === "string") yield entry;
  }

  override *keys(): MapIterator<string> {
    for (const [key] of this.entries()) yield key;
  }

  override *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }

  override [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  override forEach(each: (value: Value, key: string, map: Map<string, Value>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this);
  }

  #takeBallast(): void {
    for (const key of BALLAST) Map.prototype.set.call(this, key, undefined);
  }
}
