import { binaryToOctets } from "./binary.js";
import { BACKSLASH, HTAB, QUOTE, SP, type CharacterSet } from "./characters.js";
import { asBinary } from "./one-line.js";
import type { RefusalReason } from "./refusal-reasons.js";

/** What `peek` gives behind the last octet. */
const END = -1;

/**
 * A place in a message, and the end of the value that is being read. It moves forward; readers that have to go
 * back set `position` themselves, once for a value, so reading is linear.
 *
 * A reading function that can't go on calls `fail` and gives undefined up to its caller.
 */
export class Cursor {
  /** Looked at octet by octet, which is several times as fast as a string. */
  readonly octets: Uint8Array;
  /** The same as binary text, to cut values from. */
  readonly text: string;
  position = 0;
  end: number;
  /** The value stood on several lines, the ends of which have become spaces (RFC 3261 §7.3.1). */
  folded = false;
  /** The first rule that was broken, and where. */
  failure: { readonly reason: RefusalReason; readonly position: number } | undefined;

  constructor(octets: Uint8Array, text: string) {
    this.octets = octets;
    this.text = text;
    this.end = octets.length;
  }

  /** Over a value that stands in no message. */
  static over(value: string): Cursor {
    const binary = asBinary(value);
    return new Cursor(binaryToOctets(binary), binary);
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** The next octet; less than 0 at the end. */
  peek(): number {
    return this.position < this.end ? (this.octets[this.position] ?? END) : END;
  }

  fail(reason: RefusalReason, position = this.position): void {
    this.failure ??= { reason, position };
    return undefined;
  }

  /** Linear white space; folds have become spaces already. */
  skipSpace(): void {
    const { octets, end } = this;
    let at = this.position;
    while (at < end && (octets[at] === SP || octets[at] === HTAB)) at += 1;
    this.position = at;
  }

  /** Takes one octet, no white space around it. */
  take(code: number): boolean {
    if (this.position >= this.end || this.octets[this.position] !== code) return false;
    this.position += 1;
    return true;
  }

  /**
   * Takes a separator with the white space around it (SEMI, EQUAL, COMMA … of RFC 3261 §25.1). Where there is
   * none, the white space alone.
   */
  separator(code: number): boolean {
    this.skipSpace();
    if (!this.take(code)) return false;
    this.skipSpace();
    return true;
  }

  /** A separator that has to be there. */
  expect(code: number): boolean {
    const found = this.separator(code);
    if (!found) this.fail("value-malformed");
    return found;
  }

  /** White space that has to be there. */
  expectSpace(): boolean {
    const before = this.position;
    this.skipSpace();
    if (this.position > before) return true;
    this.fail("value-malformed");
    return false;
  }

  /** Moves behind the longest run of octets of `set`; it may be empty. */
  skip(set: CharacterSet): void {
    const { octets, end } = this;
    let at = this.position;
    while (at < end && set[octets[at] ?? 0] === 1) at += 1;
    this.position = at;
  }

  /** What was passed since `start`. */
  since(start: number): string {
    return this.text.slice(start, this.position);
  }

  /** One or more octets of `set`. */
  some(set: CharacterSet, reason: RefusalReason): string | undefined {
    const start = this.position;
    this.skip(set);
    if (this.position > start) return this.since(start);
    this.fail(reason);
    return undefined;
  }

  /** Passes a quoted string. Call where `peek` gives the opening quote. */
  skipQuoted(): boolean {
    const { octets, end } = this;
    const start = this.position;
    for (let at = start + 1; at < end; at += 1) {
      const code = octets[at];
      if (code === QUOTE) {
        this.position = at + 1;
        return true;
      }
      if (code === BACKSLASH) at += 1;
    }
    this.fail("quote-unbalanced", start);
    return false;
  }

  /** A quoted string as written, quotes and escapes included. Call where `peek` gives the opening quote. */
  quoted(): string | undefined {
    const start = this.position;
    return this.skipQuoted() ? this.since(start) : undefined;
  }

  /** All that is left, as text: where it was folded, with single spaces (RFC 3261 §25.1, LWS). */
  rest(): string {
    const text = this.text.slice(this.position, this.end);
    this.position = this.end;
    return this.folded ? collapseSpace(text) : text;
  }

  /** Only white space may be left. */
  finish(): void {
    this.skipSpace();
    if (!this.atEnd) this.fail("value-malformed");
  }
}

function collapseSpace(value: string): string {
  return value
    .replaceAll("\t", " ")
    .split(" ")
    .filter((word) => word !== "")
    .join(" ");
}
