/**
 * What the script's thread tells of itself through shared memory, which can be read while that thread is busy: a beat that
 * goes on while its event loop turns, and whose callback is running.
 */

const BEATS = 0;
/** Odd while the call-id is being written. */
const VERSION = 1;
const LENGTH = 2;
const HEADER_WORDS = 3;
/** Octets of a call-id; a longer one is cut off. */
const LONGEST = 512;
/** Times that a call-id which changes while it is read is read again. */
const READINGS = 8;

export class ScriptPulse {
  /** Goes to the other thread, which makes its own `ScriptPulse` of it. */
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();

  constructor(memory = new SharedArrayBuffer(HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT + LONGEST)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, HEADER_WORDS);
    this.#octets = new Uint8Array(memory, HEADER_WORDS * Int32Array.BYTES_PER_ELEMENT);
  }

  /** The event loop has turned: nothing of a call is running. */
  beat(): void {
    if (this.#words[LENGTH] !== 0) this.entered("");
    Atomics.add(this.#words, BEATS, 1);
  }

  get beats(): number {
    return Atomics.load(this.#words, BEATS);
  }

  /** From now on what runs belongs to this call. */
  entered(callid: string): void {
    Atomics.add(this.#words, VERSION, 1);
    Atomics.store(this.#words, LENGTH, this.#encoder.encodeInto(callid, this.#octets).written);
    Atomics.add(this.#words, VERSION, 1);
  }

  /** Whose callback runs, or ran last since the event loop has turned. */
  get callid(): string | undefined {
    for (let reading = 0; reading < READINGS; reading += 1) {
      const version = Atomics.load(this.#words, VERSION);
      const text = this.#decoder.decode(this.#octets.slice(0, Atomics.load(this.#words, LENGTH)));
      if (version % 2 === 0 && version === Atomics.load(this.#words, VERSION)) {
        return text === "" ? undefined : text;
      }
    }
    return undefined;
  }
}
