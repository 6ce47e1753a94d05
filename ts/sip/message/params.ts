import { consistsOf, EQUALS, QUOTE, SEMICOLON, TOKEN, visibleExcept } from "./characters.js";
import { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { Params } from "./message.js";
import { oneLine } from "./one-line.js";
import { quote, unquote } from "./quoted-string.js";

// DEPARTURE RFC 3261 §25.1 (gen-value): besides token and host we take any visible character that can't end
// the value. Base64 tags and bare IPv6 addresses in `received` (RFC 5118 §4.5) are common and have one reading.
const VALUE = visibleExcept(';,"<>\\');

/** Parameters without a prototype: no name means anything special. */
export function newParams(from: Readonly<Params> = {}): Params {
  return Object.assign(Object.create(null) as Params, from);
}

/**
 * Reads `*( SEMI name [ EQUAL value ] )` into `params`. Names become lower case; values stay as written,
 * a quoted one with its quotes.
 */
export function readParams(cursor: Cursor, params: Params, limits: ParseLimits): void {
  for (let count = 1; cursor.separator(SEMICOLON); count += 1) {
    if (count > limits.params) {
      cursor.fail("too-many-params");
      return;
    }
    const start = cursor.position;
    const name = cursor.some(TOKEN, "param-malformed")?.toLowerCase();
    if (name === undefined) return;
    let value: string | null = null;
    if (cursor.separator(EQUALS)) {
      const read = cursor.peek() === QUOTE ? cursor.quoted() : cursor.some(VALUE, "param-malformed");
      if (read === undefined) return;
      value = read;
    }
    // RFC 3261 §7.3.1: a parameter name stands once.
    if (name in params) {
      cursor.fail("param-duplicate", start);
      return;
    }
    params[name] = value;
  }
}

/** A value as it has to be written: what could end it, or begin another parameter, goes between quotes. */
export function printableValue(value: string): string {
  const line = oneLine(value);
  // Characters are dropped from what the quotes mean, not from what stands there: a backslash may go before one.
  if (isQuoted(value)) return line === value ? value : quote(oneLine(unquote(value)));
  return consistsOf(line, VALUE) ? line : quote(line);
}

function isQuoted(value: string): boolean {
  const cursor = new Cursor(value);
  return cursor.peek() === QUOTE && cursor.quoted() !== undefined && cursor.atEnd;
}
