import { copyOctets, octetsToBinary, textToBinary, writeBinary } from "./binary.js";
import { BACKSLASH, QUOTE, type CharacterSet } from "./characters.js";

const INITIAL_SIZE = 4096;
/** Space kept from one message to the next; a larger message's is given back. */
const LARGEST_KEPT = 65_536;

/** What a value may not have: CR and LF would end its line, and NUL ends it for some readers. */
export const LINE: CharacterSet = new Uint8Array(256).fill(1);
LINE[0x0a] = LINE[0x0d] = LINE[0] = 0;

/** What stands in quotes as it is: what is printed, and the octets of UTF-8. */
const IN_QUOTES: CharacterSet = new Uint8Array(256).fill(1, 0x20);
IN_QUOTES[QUOTE] = IN_QUOTES[BACKSLASH] = IN_QUOTES[0x7f] = 0;

/**
 * Takes text octet by octet, and leaves out what its place can't have. Text is meant to be binary; one with a
 * character that no octet has is people's text: its UTF-8 is taken.
 */
export class OctetWriter {
  #octets = new Uint8Array(INITIAL_SIZE);
  #length = 0;

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

  /** A copy of what was written; the next text is written from the beginning. */
  take(): Uint8Array {
    const taken = copyOctets(this.#octets, this.#length);
    this.#length = 0;
    if (this.#octets.length > LARGEST_KEPT) this.#octets = new Uint8Array(INITIAL_SIZE);
    return taken;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#octets.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#octets);
    this.#octets = larger;
  }
}

/** What `write` writes, as binary text. */
export function written(write: (writer: OctetWriter) => void): string {
  const writer = new OctetWriter();
  write(writer);
  return octetsToBinary(writer.take());
}
