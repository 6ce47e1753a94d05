import {
  ALPHANUM,
  characterSet,
  consistsOf,
  GREATER,
  LESS,
  QUOTE,
  TOKEN,
  URI,
  visibleExcept,
} from "./characters.js";
import type { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { NameAddr } from "./message.js";
import { readParams } from "./params.js";
import { isPlainSipUri } from "./plain-uri.js";
import { unquote } from "./quoted-string.js";
import { parseUri } from "./uri.js";

/** Outside of <> a URI has no ",", ";" or "?" (RFC 3261 §20.10): what follows is the header's, not the URI's. */
const BARE_URI = visibleExcept('<>",;');
const SCHEME = characterSet(ALPHANUM + "+-.");

// DEPARTURE RFC 3261 §25.1 (display-name): words without quotes may have octets above 0x7f, as old phones send.
const NAME_WORD = TOKEN.map((member, code) => (code > 0x7f ? 1 : member));

/** `name-addr / addr-spec` with header parameters (RFC 3261 §20.10, §20.20, §20.39). */
export function readNameAddr(cursor: Cursor, limits: ParseLimits): NameAddr | undefined {
  let name: string | undefined;
  let uri: string | undefined;
  if (cursor.peek() === QUOTE) {
    const quoted = cursor.quoted();
    if (quoted === undefined) return undefined;
    name = unquote(quoted);
    cursor.skipSpace();
    uri = readBracketed(cursor);
  } else {
    const start = cursor.position;
    const wordsEnd = skipWords(cursor);
    if (cursor.peek() === LESS) {
      if (wordsEnd > start) name = cursor.text.slice(start, wordsEnd);
      uri = readBracketed(cursor);
    } else {
      cursor.position = start;
      uri = readBare(cursor);
    }
  }
  if (uri === undefined) return undefined;
  const params = readParams(cursor, limits);
  return name === undefined ? { uri, params } : { name, uri, params };
}

/** Passes the words of a display name and the space behind them; gives the end of the last word. */
function skipWords(cursor: Cursor): number {
  let end = cursor.position;
  for (;;) {
    const start = cursor.position;
    cursor.skip(NAME_WORD);
    if (cursor.position === start) return end;
    end = cursor.position;
    cursor.skipSpace();
  }
}

function readBare(cursor: Cursor): string | undefined {
  const start = cursor.position;
  cursor.skip(BARE_URI);
  const uri = takenUri(cursor, start);
  if (uri?.includes("?") !== true) return uri;
  cursor.fail("uri-malformed", start);
  return undefined;
}

function readBracketed(cursor: Cursor): string | undefined {
  if (!cursor.take(LESS)) {
    cursor.fail("value-malformed");
    return undefined;
  }
  const start = cursor.position;
  cursor.skip(URI);
  if (cursor.peek() !== GREATER) {
    cursor.fail("uri-malformed", start);
    return undefined;
  }
  const uri = takenUri(cursor, start);
  cursor.position += 1;
  return uri;
}

/** The URI from `start` to the cursor. */
function takenUri(cursor: Cursor, start: number): string | undefined {
  const uri = cursor.since(start);
  if (isPlainSipUri(cursor.octets, start, cursor.position) || isUri(uri)) return uri;
  cursor.fail("uri-malformed", start);
  return undefined;
}

/** Any absolute URI; one of ours must also be well formed. `text` has no white space. */
export function isUri(text: string): boolean {
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1) return false;
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme === "sip" || scheme === "sips") return parseUri(text) !== undefined;
  return consistsOf(scheme, SCHEME);
}
