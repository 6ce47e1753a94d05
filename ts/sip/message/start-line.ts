import { consistsOf, DIGIT, SP, TOKEN, URI, ZERO } from "./characters.js";
import type { Cursor } from "./cursor.js";
import { isUri } from "./name-addr.js";
import { isPlainSipUri } from "./plain-uri.js";
import type { RefusalReason } from "./refusal-reasons.js";
import { parseUri } from "./uri.js";

export type StartLine =
  | { readonly kind: "request"; readonly method: string; readonly uri: string }
  | { readonly kind: "response"; readonly status: number; readonly reason: string }
  /** `method` is what a request began with. `position` counts from the datagram's beginning. */
  | {
      readonly kind: "malformed";
      readonly method: string | undefined;
      readonly reason: RefusalReason;
      readonly position: number;
    };

const malformed = (reason: RefusalReason, position: number, method?: string): StartLine => ({
  kind: "malformed",
  method,
  reason,
  position,
});

/** RFC 3261 §7.1, §7.2. One space between the parts and none after them. The cursor's end is the line's. */
export function readStartLine(cursor: Cursor): StartLine {
  // "/" is no token character, so no request begins like this.
  const isStatus = cursor.text.slice(cursor.position, cursor.position + 4).toUpperCase() === "SIP/";
  return isStatus ? readStatusLine(cursor) : readRequestLine(cursor);
}

function readRequestLine(cursor: Cursor): StartLine {
  const { text, octets, position: start, end } = cursor;
  cursor.skip(TOKEN);
  const uriStart = cursor.position + 1;
  if (cursor.position === start || !cursor.take(SP)) return malformed("start-line-malformed", start);
  const method = text.slice(start, uriStart - 1);

  const uriEnd = text.lastIndexOf(" ", end - 1);
  if (uriEnd < uriStart) return malformed("start-line-malformed", end, method);
  const version = readVersion(text.slice(uriEnd + 1, end));
  if (version === undefined) return malformed("start-line-malformed", uriEnd + 1, method);
  if (version !== "2.0") return malformed("version-unsupported", uriEnd + 1, method);

  const uri = text.slice(uriStart, uriEnd);
  const isGood = isPlainSipUri(octets, uriStart, uriEnd) || isRequestUri(uri);
  return isGood ? { kind: "request", method, uri } : malformed("request-uri-malformed", uriStart, method);
}

/**
 * A Request-URI has no headers part (RFC 3261 §19.1.1, table 1): it could only be ignored or acted on, and
 * either is a second reading. Other schemes are for the transaction user to refuse (416).
 */
function isRequestUri(uri: string): boolean {
  const parsed = parseUri(uri);
  if (parsed !== undefined) return Object.keys(parsed.headers).length === 0;
  return consistsOf(uri, URI) && isUri(uri);
}

function readStatusLine(cursor: Cursor): StartLine {
  const { text, position: start, end } = cursor;
  const space = text.indexOf(" ", start);
  const versionEnd = space < 0 || space > end ? end : space;
  const version = readVersion(text.slice(start, versionEnd));
  if (version === undefined) return malformed("start-line-malformed", start);
  if (version !== "2.0") return malformed("version-unsupported", start);

  cursor.position = versionEnd + 1;
  const status = readStatusCode(cursor);
  // DEPARTURE RFC 3261 §7.2: the space before an empty reason phrase may be missing; some senders trim it.
  if (status < 100 || status > 699 || (!cursor.atEnd && !cursor.take(SP))) {
    return malformed("status-code-malformed", Math.min(versionEnd + 1, end));
  }
  return { kind: "response", status, reason: text.slice(Math.min(cursor.position, end), end) };
}

/** Three digits; 0 for anything else. */
function readStatusCode(cursor: Cursor): number {
  let code = 0;
  for (let count = 0; count < 3; count += 1) {
    const digit = cursor.peek();
    if (digit < 0 || DIGIT[digit] !== 1) return 0;
    code = code * 10 + digit - ZERO;
    cursor.position += 1;
  }
  return code;
}

/** "2.0" of "SIP/2.0", in any case; undefined for what is no SIP-Version. */
function readVersion(text: string): string | undefined {
  if (text === "SIP/2.0") return "2.0";
  if (text.slice(0, 4).toUpperCase() !== "SIP/") return undefined;
  const version = text.slice(4);
  const parts = version.split(".");
  return parts.length === 2 && parts.every((part) => consistsOf(part, DIGIT)) ? version : undefined;
}
