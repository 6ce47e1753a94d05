import { newOctets, octetsToBinary, textToBinary, writeBinary } from "./binary.js";
import { BACKSLASH, QUOTE, type CharacterSet } from "./characters.js";

/** Octets of one piece of memory: some sixty messages, which are kept for about as long as each other. */
const PIECE = 32_768;
/** For a text alone. */
const SHORT = 256;

/** What a value may not have: CR and LF would end its line, and NUL ends it for some readers. */
export const LINE: CharacterSet = new Uint8Array(256).fill(1);
LINE[0x0a] = LINE[0x0d] = LINE[0] = 0;

/** What stands in quotes as it is: what is printed, and the octets of UTF-8. */
const IN_QUOTES: CharacterSet = new Uint8Array(256).fill(1, 0x20);
IN_QUOTES[QUOTE] = IN_QUOTES[BACKSLASH] = IN_QUOTES[0x7f] = 0;

/**
 * Takes text octet by octet, and leaves out what its place can't have. Text is meant to be binary; one with a
 * character that no octet has is people's text: its UTF-8 is taken. Texts are written one behind the other, so that
 * none has to be copied.
 */
export class OctetWriter {
  readonly #piece: number;
  #octets: Uint8Array;
  /** Of the text that is being written. */
  #start = 0;
  /** Where the next octet goes. */
  #length = 0;

  /** @param piece octets of memory that are asked for at once. */
  constructor(piece = PIECE) {
    this.#piece = piece;
    this.#octets = newOctets(piece);
  }

  /** Begins a text; one that was begun and not taken, because printing it failed, is forgotten. */
  begin(): void {
    this.#length = this.#start;
  }

  /** Text of ours: ASCII. */
  ascii(text: string): void {
    this.#makeRoom(text.length);
    const octets = this.#octets;
    let at = this.#length;
    for (let index = 0; index < text.length; index += 1) {
      octets[at] = text.charCodeAt(index);
      at += 1;
    }
    this.#length = at;
  }

  /** `text` without what is not in `allowed`. */
  only(allowed: CharacterSet, text: string): void {
    this.#makeRoom(text.length);
    const octets = this.#octets;
    let at = this.#length;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0xff) {
        this.only(allowed, textToBinary(text));
        return;
      }
      if (allowed[code] === 1) {
        octets[at] = code;
        at += 1;
      }
    }
    this.#length = at;
  }

  /** `text` if it is not empty and has nothing that is not in `allowed`; false: nothing is written. */
  whole(allowed: CharacterSet, text: string): boolean {
    this.#makeRoom(text.length);
    const octets = this.#octets;
    const start = this.#length;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (allowed[code] !== 1) return false;
      octets[start + index] = code;
    }
    this.#length = start + text.length;
    return text !== "";
  }

  line(text: string): void {
    this.only(LINE, text);
  }

  /** RFC 3261 §25.1 quoted-string. Control characters are escaped as well; CR, LF and NUL are left out. */
  quoted(text: string): void {
    this.#makeRoom(2 * text.length + 2);
    const octets = this.#octets;
    let at = this.#length;
    octets[at] = QUOTE;
    at += 1;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 0xff) {
        this.quoted(textToBinary(text));
        return;
      }
      if (LINE[code] !== 1) continue;
      if (IN_QUOTES[code] !== 1) {
        octets[at] = BACKSLASH;
        at += 1;
      }
      octets[at] = code;
      at += 1;
    }
    octets[at] = QUOTE;
    this.#length = at + 1;
  }

  /** All octets of a binary text. */
  body(binary: string): void {
    if (binary === "") return;
    this.#makeRoom(binary.length);
    writeBinary(this.#octets, this.#length, binary);
    this.#length += binary.length;
  }

  /** What was written, nobody else's from now on; the next text begins behind it. */
  take(): Uint8Array {
    const taken = this.#octets.subarray(this.#start, this.#length);
    this.#start = this.#length;
    return taken;
  }

  #makeRoom(more: number): void {
    if (this.#length + more > this.#octets.length)
      this.#goOn(this.#piece + 2 * (this.#length - this.#start + more));
  }

  /** Goes on in a new piece of memory, with what was written of the text so far. */
  #goOn(size: number): void {
    const written = this.#octets.subarray(this.#start, this.#length);
    this.#octets = newOctets(size);
    this.#octets.set(written);
    this.#start = 0;
    this.#length = written.length;
  }
}

/** What `write` writes, as binary text. */
export function written(write: (writer: OctetWriter) => void): string {
  const writer = new OctetWriter(SHORT);
  write(writer);
  return octetsToBinary(writer.take());
}
