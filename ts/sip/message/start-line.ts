import { consistsOf, DIGIT, TOKEN, URI } from "./characters.js";
import { isUri } from "./name-addr.js";
import type { RefusalReason } from "./refusal-reasons.js";
import { parseUri } from "./uri.js";

export type StartLine =
  | { readonly kind: "request"; readonly method: string; readonly uri: string }
  | { readonly kind: "response"; readonly status: number; readonly reason: string }
  /** `method` is what a request began with. `position` counts from the line's beginning. */
  | {
      readonly kind: "malformed";
      readonly method: string | undefined;
      readonly reason: RefusalReason;
      readonly position: number;
    };

/** RFC 3261 §7.1, §7.2. One space between the parts and none after them. `line` has no CR or LF. */
export function parseStartLine(line: string): StartLine {
  // "/" is no token character, so no request begins like this.
  return line.slice(0, 4).toUpperCase() === "SIP/" ? parseStatusLine(line) : parseRequestLine(line);
}

function parseRequestLine(line: string): StartLine {
  const uriStart = line.indexOf(" ") + 1;
  const word = line.slice(0, Math.max(0, uriStart - 1));
  const method = consistsOf(word, TOKEN) ? word : undefined;
  const malformed = (reason: RefusalReason, position: number): StartLine => ({
    kind: "malformed",
    method,
    reason,
    position,
  });
  if (method === undefined) return malformed("start-line-malformed", 0);

  const versionStart = line.lastIndexOf(" ") + 1;
  if (versionStart === uriStart) return malformed("start-line-malformed", line.length);
  const version = readVersion(line.slice(versionStart));
  if (version === undefined) return malformed("start-line-malformed", versionStart);
  if (version !== "2.0") return malformed("version-unsupported", versionStart);

  const uri = line.slice(uriStart, versionStart - 1);
  return isRequestUri(uri) ? { kind: "request", method, uri } : malformed("request-uri-malformed", uriStart);
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

function parseStatusLine(line: string): StartLine {
  const malformed = (reason: RefusalReason, position: number): StartLine => ({
    kind: "malformed",
    method: undefined,
    reason,
    position,
  });
  const space = line.indexOf(" ");
  const version = readVersion(line.slice(0, space < 0 ? line.length : space));
  if (version === undefined) return malformed("start-line-malformed", 0);
  if (version !== "2.0") return malformed("version-unsupported", 0);

  const code = line.slice(space + 1, space + 4);
  const after = line.slice(space + 4, space + 5);
  // DEPARTURE RFC 3261 §7.2: the space before an empty reason phrase may be missing; some senders trim it.
  if (space < 0 || code.length < 3 || !consistsOf(code, DIGIT) || (after !== " " && after !== "")) {
    return malformed("status-code-malformed", space + 1);
  }
  const status = Number(code);
  if (status < 100 || status > 699) return malformed("status-code-malformed", space + 1);
  return { kind: "response", status, reason: line.slice(space + 5) };
}

/** "2.0" of "SIP/2.0", in any case; undefined for what is no SIP-Version. */
function readVersion(text: string): string | undefined {
  if (text.slice(0, 4).toUpperCase() !== "SIP/") return undefined;
  const version = text.slice(4);
  const parts = version.split(".");
  return parts.length === 2 && parts.every((part) => consistsOf(part, DIGIT)) ? version : undefined;
}
