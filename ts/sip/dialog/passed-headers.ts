/** Headers that scripts see and set, which mean nothing to SIP itself: `X-…`, Diversion, History-Info, Alert-Info … */
import { MediaswitchError } from "../../core/errors.js";
import { binaryToText, textToBinary } from "../message/binary.js";
import { consistsOf, TOKEN } from "../message/characters.js";
import type { OtherHeaders, SipRequest } from "../message/message.js";
import { formatNameAddr } from "./name-addr-text.js";

/** So many of them, and of so many octets each, are passed; what goes beyond is left out on the way in, refused on the way out. */
const MAX_HEADERS = 20;
const MAX_OCTETS = 1000;

/** Not of SIP's own machinery although they have a reader: what they say is for people and scripts. */
const PASSED: ReadonlySet<string> = new Set([
  "alert-info",
  "call-info",
  "diversion",
  "history-info",
  "subject",
  "priority",
  "organization",
  "user-to-user",
  "geolocation",
  "accept-contact",
  "answer-mode",
  "identity",
  "referred-by",
]);

const isPassed = (name: string): boolean =>
  PASSED.has(name) || name.startsWith("x-") || (name.startsWith("p-") && !HELD_BACK.has(name));

/** Asserted by the switch itself, or not to be believed of everybody. */
const HELD_BACK: ReadonlySet<string> = new Set(["p-asserted-identity", "p-preferred-identity"]);

/** Of an INVITE that came in. Names in lower case; undefined where there is none. */
export function readPassedHeaders({ headers, other }: SipRequest): Record<string, string> | undefined {
  const passed: [string, string][] = [];
  const take = (name: string, value: string): void => {
    if (passed.length < MAX_HEADERS && value.length <= MAX_OCTETS) passed.push([name, binaryToText(value)]);
  };
  for (const name of ["diversion", "history-info"] as const) {
    const addresses = headers[name];
    if (addresses !== undefined && addresses.length > 0) take(name, addresses.map(formatNameAddr).join(", "));
  }
  const { "referred-by": referredBy } = headers;
  if (referredBy !== undefined) take("referred-by", formatNameAddr(referredBy));
  for (const name of ["alert-info", "call-info"] as const) {
    const value = headers[name];
    if (value !== undefined) take(name, value);
  }
  for (const name of Object.keys(other)) {
    if (isPassed(name)) take(name, other[name] ?? "");
  }
  return passed.length === 0 ? undefined : Object.fromEntries(passed);
}

/**
 * For an INVITE of ours.
 * @throws {MediaswitchError} ARGUMENT_INVALID for a header that is SIP's own, too many, too long, or no header at all.
 */
export function writePassedHeaders(headers: Readonly<Record<string, string>>): OtherHeaders {
  const written: OtherHeaders = {};
  const names = Object.keys(headers);
  if (names.length > MAX_HEADERS)
    throw refused("headers", `at most ${String(MAX_HEADERS)} headers are passed`);
  for (const given of names) {
    const name = given.toLowerCase();
    const field = `headers.${given}`;
    if (given === "" || !consistsOf(given, TOKEN) || !isPassed(name)) {
      throw refused(field, `"${given}" is no header that may be set`);
    }
    const value = textToBinary(headers[given] ?? "");
    if (value.length > MAX_OCTETS || /[\r\n\0]/.test(value)) {
      throw refused(field, `one line of at most ${String(MAX_OCTETS)} octets is expected`);
    }
    written[name] = value;
  }
  return written;
}

const refused = (field: string, message: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, field);
