import { BACKSLASH, HTAB, QUOTE, SP, type CharacterSet } from "./characters.js";
import type { RefusalReason } from "./refusal-reasons.js";

/**
 * A place in one header value. It moves forward; readers that have to go back set `position` themselves, once for
 * a value, so reading is linear.
 *
 * A reading function that can't go on calls `fail` and gives undefined up to its caller.
 */
export class Cursor {
  readonly text: string;
  position = 0;
  /** The first rule that was broken, and where in `text`. */
  failure: { readonly reason: RefusalReason; readonly position: number } | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** Code of the next character; NaN at the end. */
  peek(): number {
    return this.text.charCodeAt(this.position);
  }

  fail(reason: RefusalReason, position = this.position): void {
    this.failure ??= { reason, position };
    return undefined;
  }

  /** Linear white space; folds have become spaces already. */
  skipSpace(): void {
    while (this.peek() === SP || this.peek() === HTAB) this.position += 1;
  }

  /** Takes one character, no white space around it. */
  take(code: number): boolean {
    if (this.peek() !== code) return false;
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

  /** The longest run of characters of `set`; it may be empty. */
  run(set: CharacterSet): string {
    const start = this.position;
    while (set[this.peek()] === 1) this.position += 1;
    return this.text.slice(start, this.position);
  }

  /** One or more characters of `set`. */
  some(set: CharacterSet, reason: RefusalReason): string | undefined {
    const run = this.run(set);
    if (run !== "") return run;
    this.fail(reason);
    return undefined;
  }

  /** A quoted string as written, quotes and escapes included. Call where `peek` gives the opening quote. */
  quoted(): string | undefined {
    const start = this.position;
    this.position += 1;
    while (!this.atEnd) {
      const code = this.peek();
      this.position += code === BACKSLASH ? 2 : 1;
      if (code === QUOTE) return this.text.slice(start, this.position);
    }
    this.fail("quote-unbalanced", start);
    return undefined;
  }

  /** Only white space may be left. */
  finish(): void {
    this.skipSpace();
    if (!this.atEnd) this.fail("value-malformed");
  }
}
