/** RTP packets by sequence number, given out in order some packets later: what the original shows of its own. */

export interface ReorderOptions {
  /** Packets that fit; default 32. */
  readonly size?: number;
  /** Packets by which the first one is held back; default 10. */
  readonly waterlevel?: number;
}

const SIZE = 32;
const WATER_LEVEL = 10;
const SEQUENCE_AT = 2;
const SEQUENCES = 0x1_0000;

export class ReorderBuffer {
  readonly #waterLevel: number;
  readonly #slots: (Buffer | undefined)[];
  #held = 0;
  /** Sequence number that is given out next. */
  #next = 0;

  constructor({ size = SIZE, waterlevel = WATER_LEVEL }: ReorderOptions = {}) {
    this.#slots = Array.from({ length: size }, () => undefined);
    this.#waterLevel = waterlevel;
  }

  /** How many packets fit. */
  size(): number {
    return this.#slots.length;
  }

  /** One that comes too early or too late is dropped. */
  push({ payload }: { readonly payload: Buffer }): void {
    if (payload.length < SEQUENCE_AT + 2) return;
    const sequence = payload.readUInt16BE(SEQUENCE_AT);
    if (this.#held === 0) this.#next = (sequence - this.#waterLevel + SEQUENCES) % SEQUENCES;
    if ((sequence - this.#next + SEQUENCES) % SEQUENCES >= this.#slots.length) return;
    const slot = sequence % this.#slots.length;
    if (this.#slots[slot] === undefined) this.#held += 1;
    this.#slots[slot] = payload;
  }

  /** The packet whose turn it is; undefined where it is missing, and its turn is over. */
  pop(): Buffer | undefined {
    const packet = this.peek();
    this.poppeeked();
    return packet;
  }

  /** The same, and its turn goes on. */
  peek(): Buffer | undefined {
    return this.#slots[this.#next % this.#slots.length];
  }

  poppeeked(): void {
    if (this.#held === 0) return;
    const slot = this.#next % this.#slots.length;
    if (this.#slots[slot] !== undefined) this.#held -= 1;
    this.#slots[slot] = undefined;
    this.#next = (this.#next + 1) % SEQUENCES;
  }
}
