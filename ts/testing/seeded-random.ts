import type { Random } from "../core/random.js";

/** splitmix32: spreads a small seed over 32 bits, one word per call. */
function splitmix32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let word = state;
    word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}

const rotateLeft = (word: number, by: number): number => ((word << by) | (word >>> (32 - by))) >>> 0;

/** Chance that repeats: the same seed gives the same octets (xoshiro128**, Blackman and Vigna 2018). */
export class SeededRandom implements Random {
  readonly #seed: number;
  readonly #state: [number, number, number, number];

  constructor(seed: number) {
    const word = splitmix32(seed);
    this.#seed = seed;
    this.#state = [word(), word(), word(), word()];
  }

  bytes(count: number): Uint8Array {
    const octets = new Uint8Array(count);
    for (let index = 0; index < count; index += 4) {
      const word = this.#word();
      for (let part = 0; part < 4 && index + part < count; part++) octets[index + part] = word >>> (part * 8);
    }
    return octets;
  }

  /**
   * A generator of its own for `purpose`: how much one part of a test draws does not change what another gets.
   * The same seed and purpose give the same octets.
   */
  fork(purpose: string): SeededRandom {
    let seed = this.#seed ^ 0x811c9dc5;
    for (const character of purpose) seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return new SeededRandom(seed >>> 0);
  }

  #word(): number {
    const state = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotateLeft(state[3], 11);
    return result;
  }
}

/** A number from 0 up to, not including, 1. */
export function uniform(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32;
}

/** A whole number from 0 up to, not including, `end`. */
export const below = (random: Random, end: number): number => Math.floor(uniform(random) * end);
