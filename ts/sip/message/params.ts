import { consistsOf, EQUALS, QUOTE, SEMICOLON, TOKEN, visibleExcept } from "./characters.js";
import { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { Params } from "./message.js";
import { NameTable } from "./name-table.js";
import { written, type OctetWriter } from "./octet-writer.js";
import { oneLine } from "./one-line.js";
import { unquote } from "./quoted-string.js";

// DEPARTURE RFC 3261 §25.1 (gen-value): besides token and host we take any visible character that can't end
// the value. Base64 tags and bare IPv6 addresses in `received` (RFC 5118 §4.5) are common and have one reading.
const VALUE = visibleExcept(';,"<>\\');

const KNOWN_NAMES = [
  ...["alias", "branch", "cause", "early-only", "expires", "from-tag", "handling", "id", "index", "keep"],
  ...["lr", "maddr", "methods", "ob", "party", "privacy", "pub-gruu", "q", "reason", "received", "refresher"],
  ...["reg-id", "retry-after", "rport", "screen", "tag", "temp-gruu", "text", "to-tag", "transport", "ttl"],
  ...["+sip.ice", "+sip.instance"],
];
/** The names that most messages have. */
const NAMES = new NameTable(KNOWN_NAMES.map((name) => [name, name]));
const KNOWN: ReadonlySet<string> = new Set(KNOWN_NAMES);

/**
 * What parameters inherit: nothing. Objects that are made of it and have known names alone share a few shapes, which
 * takes a fifth of the memory; names that a stranger makes up go into objects without a prototype, which are
 * dictionaries, as there is no end to the shapes that they could make.
 */
const NOTHING = Object.freeze(Object.create(null) as object);
const newShaped = (): Params => Object.create(NOTHING) as Params;
const newDictionary = (): Params => Object.create(null) as Params;

/** Parameters that inherit nothing: no name means anything special. */
export function newParams(from?: Readonly<Params>): Params {
  if (from === undefined) return newShaped();
  const params = Object.keys(from).every((name) => KNOWN.has(name)) ? newShaped() : newDictionary();
  return Object.assign(params, from);
}

/**
 * Reads `*( SEMI name [ EQUAL value ] )`. Names become lower case; values stay as written, a quoted one with its
 * quotes. Where the cursor fails, what was read before is given.
 */
export function readParams(cursor: Cursor, limits: ParseLimits): Params {
  let params = newShaped();
  let isShaped = true;
  for (let count = 1; cursor.separator(SEMICOLON); count += 1) {
    if (count > limits.params) {
      cursor.fail("too-many-params");
      return params;
    }
    const start = cursor.position;
    cursor.skip(TOKEN);
    const known = NAMES.find(cursor.octets, start, cursor.position);
    const name = known ?? cursor.since(start).toLowerCase();
    if (name === "") {
      cursor.fail("param-malformed");
      return params;
    }
    if (known === undefined && isShaped) {
      params = Object.assign(newDictionary(), params);
      isShaped = false;
    }
    const value = cursor.separator(EQUALS) ? readValue(cursor) : null;
    if (value === undefined) return params;
    // RFC 3261 §7.3.1: a parameter name stands once.
    if (name in params) {
      cursor.fail("param-duplicate", start);
      return params;
    }
    params[name] = value;
  }
  return params;
}

function readValue(cursor: Cursor): string | undefined {
  return cursor.peek() === QUOTE ? cursor.quoted() : cursor.some(VALUE, "param-malformed");
}

/** What `readParams` reads: names that are no token are left out with their values. */
export function writeParams(writer: OctetWriter, params: Readonly<Params>): void {
  for (const name of Object.keys(params)) {
    const value = params[name];
    if (value === undefined || !(KNOWN.has(name) || consistsOf(name, TOKEN))) continue;
    writer.ascii(";");
    writer.ascii(name);
    if (value === null) continue;
    writer.ascii("=");
    writeValue(writer, value);
  }
}

export function formatParams(params: Readonly<Params>): string {
  return written((writer) => {
    writeParams(writer, params);
  });
}

/** A value as it has to be written: what could end it, or begin another parameter, goes between quotes. */
function writeValue(writer: OctetWriter, value: string): void {
  if (writer.whole(VALUE, value)) return;
  const line = oneLine(value);
  // Characters are dropped from what the quotes mean, not from what stands there: a backslash may go before one.
  if (isQuoted(value)) {
    if (line === value) writer.line(value);
    else writer.quoted(unquote(value));
  } else if (consistsOf(line, VALUE)) writer.ascii(line);
  else writer.quoted(line);
}

function isQuoted(value: string): boolean {
  if (!value.startsWith('"')) return false;
  const cursor = Cursor.over(value);
  return cursor.skipQuoted() && cursor.atEnd;
}
