import { COMMA, consistsOf, EQUALS, QUOTE, TOKEN, visibleExcept } from "./characters.js";
import type { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { AuthParams } from "./message.js";
import { NameTable } from "./name-table.js";
import type { OctetWriter } from "./octet-writer.js";
import { unquote } from "./quoted-string.js";

const VALUE = visibleExcept(',"');

/** Where a scheme has no parameters but one opaque text (`Bearer eyJ…`, RFC 8898 §2.3), it has this name. */
const OPAQUE = "token68";

/** The names of Digest (RFC 7616 §3.3–§3.5). */
const NAMES = new NameTable(
  [
    ...["algorithm", "cnonce", "domain", "nc", "nonce", "opaque", "qop", "realm", "response", "stale", "uri"],
    ...["userhash", "username"],
  ].map((name) => [name, name]),
);

/**
 * Reads one challenge or one set of credentials (RFC 3261 §20.7, §20.44). A header line holds one
 * (§7.3.1), so each comma separates parameters. Parameter names become lower case.
 */
export function readAuthParams(cursor: Cursor, limits: ParseLimits): AuthParams | undefined {
  const scheme = cursor.some(TOKEN, "value-malformed");
  if (scheme === undefined) return undefined;
  const auth = newAuthParams(scheme);
  if (!cursor.expectSpace()) return undefined;

  const start = cursor.position;
  for (let count = 1; ; count += 1) {
    if (count > limits.params) {
      cursor.fail("too-many-params");
      return undefined;
    }
    const nameAt = cursor.position;
    cursor.skip(TOKEN);
    const nameEnd = cursor.position;
    const isParam = nameEnd > nameAt && cursor.separator(EQUALS) && !cursor.atEnd;
    if (!isParam && count === 1) return readOpaque(cursor, auth, start);
    const value = isParam ? readValue(cursor) : undefined;
    if (value === undefined) {
      cursor.fail("param-malformed");
      return undefined;
    }
    const name =
      NAMES.find(cursor.octets, nameAt, nameEnd) ?? cursor.text.slice(nameAt, nameEnd).toLowerCase();
    if (name in auth) {
      cursor.fail("param-duplicate", nameAt);
      return undefined;
    }
    auth[name] = value;
    if (!cursor.separator(COMMA)) return auth;
  }
}

function newAuthParams(scheme: string): AuthParams {
  const auth = Object.create(null) as AuthParams;
  auth.scheme = scheme;
  return auth;
}

function readValue(cursor: Cursor): string | undefined {
  if (cursor.peek() !== QUOTE) return cursor.some(VALUE, "param-malformed");
  const quoted = cursor.quoted();
  return quoted === undefined ? undefined : unquote(quoted);
}

function readOpaque(cursor: Cursor, auth: AuthParams, start: number): AuthParams | undefined {
  cursor.position = start;
  const opaque = cursor.some(VALUE, "param-malformed");
  if (opaque === undefined) return undefined;
  auth[OPAQUE] = opaque;
  return auth;
}

/** Parameters of Digest with a grammar that demands quotes (RFC 3261 §25.1; RFC 7616 §3.3, §3.4). */
const QUOTED = new Set(["realm", "domain", "nonce", "opaque", "username", "uri", "response", "cnonce"]);

/** In a challenge `qop` is a quoted list, in credentials a token. */
export type AuthKind = "challenge" | "credentials";

/** As it stands in a header, with quotes where the wire has them. A name that is no token is left out. */
export function writeAuthParams(writer: OctetWriter, auth: Readonly<AuthParams>, kind: AuthKind): void {
  writer.line(auth.scheme);
  let separator = " ";
  for (const name of Object.keys(auth)) {
    const value = auth[name];
    if (name === "scheme" || value === undefined || !consistsOf(name, TOKEN)) continue;
    writer.ascii(separator);
    separator = ", ";
    if (name === OPAQUE) {
      writer.line(value);
      continue;
    }
    writer.ascii(name);
    writer.ascii("=");
    const quotes = QUOTED.has(name) || (name === "qop" && kind === "challenge");
    if (quotes || !writer.whole(TOKEN, value)) writer.quoted(value);
  }
}
