import { LOWER } from "./characters.js";

interface Entry<Value> {
  /** In lower case. */
  readonly name: Uint8Array;
  readonly value: Value;
  readonly next: Entry<Value> | undefined;
}

const SLOTS = 256;

/**
 * Names that are known beforehand, in any case, found by their octets: no string is made to look one up. The names
 * are ours, so nobody can make the slots uneven.
 */
export class NameTable<Value> {
  readonly #slots: (Entry<Value> | undefined)[] = new Array<undefined>(SLOTS).fill(undefined);

  constructor(entries: Iterable<readonly [name: string, value: Value]>) {
    for (const [written, value] of entries) {
      const name = Uint8Array.from(written.toLowerCase(), (character) => character.charCodeAt(0));
      const slot = slotOf(name, 0, name.length);
      this.#slots[slot] = { name, value, next: this.#slots[slot] };
    }
  }

  find(octets: Uint8Array, start: number, end: number): Value | undefined {
    if (end <= start) return undefined;
    let entry = this.#slots[slotOf(octets, start, end)];
    while (entry !== undefined && !isName(entry.name, octets, start, end)) entry = entry.next;
    return entry?.value;
  }
}

/** Length, first and last letter tell most names apart. */
function slotOf(octets: Uint8Array, start: number, end: number): number {
  const first = LOWER[octets[start] ?? 0] ?? 0;
  const last = LOWER[octets[end - 1] ?? 0] ?? 0;
  return (first * 5 + last + (end - start) * 31) & (SLOTS - 1);
}

function isName(name: Uint8Array, octets: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index += 1) {
    if (LOWER[octets[start + index] ?? 0] !== name[index]) return false;
  }
  return true;
}
