import { COMMA, consistsOf, EQUALS, QUOTE, TOKEN, visibleExcept } from "./characters.js";
import type { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { AuthParams } from "./message.js";
import { quote, unquote } from "./quoted-string.js";

const VALUE = visibleExcept(',"');

/** Where a scheme has no parameters but one opaque text (`Bearer eyJ…`, RFC 8898 §2.3), it has this name. */
const OPAQUE = "token68";

/**
 * Reads one challenge or one set of credentials (RFC 3261 §20.7, §20.44). A header line holds one
 * (§7.3.1), so each comma separates parameters. Parameter names become lower case.
 */
export function readAuthParams(cursor: Cursor, limits: ParseLimits): AuthParams | undefined {
  const scheme = cursor.some(TOKEN, "value-malformed");
  if (scheme === undefined) return undefined;
  const auth = Object.assign(Object.create(null) as AuthParams, { scheme });
  if (!cursor.expectSpace()) return undefined;

  const start = cursor.position;
  for (let count = 1; ; count += 1) {
    if (count > limits.params) {
      cursor.fail("too-many-params");
      return undefined;
    }
    const nameAt = cursor.position;
    const name = cursor.run(TOKEN).toLowerCase();
    const isParam = name !== "" && cursor.separator(EQUALS) && !cursor.atEnd;
    if (!isParam && count === 1) return readOpaque(cursor, auth, start);
    const value = isParam ? readValue(cursor) : undefined;
    if (value === undefined) {
      cursor.fail("param-malformed");
      return undefined;
    }
    if (name in auth) {
      cursor.fail("param-duplicate", nameAt);
      return undefined;
    }
    auth[name] = value;
    if (!cursor.separator(COMMA)) return auth;
  }
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

/** The same parameters with quotes where the wire has them; the opaque text of a scheme joins its name. */
export function quoteAuthParams(auth: Readonly<AuthParams>, kind: AuthKind): AuthParams {
  const quoted = Object.assign(Object.create(null) as AuthParams, { scheme: auth.scheme });
  for (const [name, value] of Object.entries(auth)) {
    if (name === "scheme") continue;
    const quotes = QUOTED.has(name) || (name === "qop" && kind === "challenge") || !consistsOf(value, TOKEN);
    if (name === OPAQUE) quoted.scheme += ` ${value}`;
    else quoted[name] = quotes ? quote(value) : value;
  }
  return quoted;
}
