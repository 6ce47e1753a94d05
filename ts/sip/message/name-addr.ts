import {
  characterSet,
  consistsOf,
  ALPHANUM,
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
import { newParams, readParams } from "./params.js";
import { unquote } from "./quoted-string.js";
import { parseUri } from "./uri.js";

/** Outside of <> a URI has no ",", ";" or "?" (RFC 3261 §20.10): what follows is the header's, not the URI's. */
const BARE_URI = visibleExcept('<>",;');
const SCHEME = characterSet(ALPHANUM + "+-.");

// DEPARTURE RFC 3261 §25.1 (display-name): words without quotes may have octets above 0x7f, as old phones send.
const NAME_WORD = TOKEN.map((member, code) => (code > 0x7f ? 1 : member));

/** `name-addr / addr-spec` with header parameters (RFC 3261 §20.10, §20.20, §20.39). */
export function readNameAddr(cursor: Cursor, limits: ParseLimits): NameAddr | undefined {
  const read = cursor.peek() === QUOTE ? afterQuotedName(cursor) : afterWords(cursor);
  if (read === undefined) return undefined;
  const address: NameAddr = { ...read, params: newParams() };
  readParams(cursor, address.params, limits);
  return address;
}

type NameAndUri = Pick<NameAddr, "name" | "uri">;

function afterQuotedName(cursor: Cursor): NameAndUri | undefined {
  const quoted = cursor.quoted();
  if (quoted === undefined) return undefined;
  cursor.skipSpace();
  const uri = bracketed(cursor);
  return uri === undefined ? undefined : { name: unquote(quoted), uri };
}

/** Words and `<uri>`, `<uri>` alone, or a URI without brackets. Which of them shows at the first "<", if any. */
function afterWords(cursor: Cursor): NameAndUri | undefined {
  const start = cursor.position;
  let end = start;
  while (cursor.run(NAME_WORD) !== "") {
    end = cursor.position;
    cursor.skipSpace();
  }
  if (cursor.peek() === LESS) {
    const uri = bracketed(cursor);
    if (uri === undefined) return undefined;
    return end === start ? { uri } : { name: cursor.text.slice(start, end), uri };
  }
  cursor.position = start;
  const uri = cursor.some(BARE_URI, "uri-malformed");
  if (uri === undefined) return undefined;
  if (!uri.includes("?") && isUri(uri)) return { uri };
  cursor.fail("uri-malformed", start);
  return undefined;
}

function bracketed(cursor: Cursor): string | undefined {
  if (!cursor.take(LESS)) {
    cursor.fail("value-malformed");
    return undefined;
  }
  const start = cursor.position;
  const uri = cursor.run(URI);
  if (cursor.take(GREATER) && isUri(uri)) return uri;
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
