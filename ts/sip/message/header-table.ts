import {
  ALPHANUM,
  ASTERISK,
  characterSet,
  COMMA,
  SEMICOLON,
  TOKEN,
  VISIBLE,
  type CharacterSet,
} from "./characters.js";
import { readAuthParams } from "./auth-params.js";
import type { Cursor } from "./cursor.js";
import { readReplaces, readTargetDialog } from "./dialog-identifiers.js";
import { LONGEST, readMinSe, readRetryAfter, readSessionExpires } from "./intervals.js";
import type { ParseLimits } from "./limits.js";
import type { AuthParams, Headers, NameAddr, OtherHeaders, ValueWithParams } from "./message.js";
import { NameTable } from "./name-table.js";
import { readNameAddr } from "./name-addr.js";
import { readCSeq, readNumber, readRAck, readRSeq, readWithin } from "./numbers.js";
import { readParams } from "./params.js";
import { readVia } from "./via.js";

/** Headers read so far. */
export interface Draft {
  readonly headers: Partial<Headers>;
  readonly other: OtherHeaders;
}

/** Reads one header line's value into the draft, or makes the cursor fail. */
export type ReadHeader = (cursor: Cursor, draft: Draft, limits: ParseLimits) => void;

export interface HeaderRow {
  /** Lower case, full form. */
  readonly name: string;
  /** RFC 3261 §7.3.1: may the header stand on several lines, which then read as one list? */
  readonly lines: "one" | "many";
  readonly read: ReadHeader;
}

type Name<Type> = { [N in keyof Headers]-?: NonNullable<Headers[N]> extends Type ? N : never }[keyof Headers];
type ListName<Item> = { [N in keyof Headers]-?: Item[] extends Headers[N] ? N : never }[keyof Headers];

type Lines = HeaderRow["lines"];

/** type/subtype of RFC 3261 §25.1 (media-range), asterisks included. */
const MEDIA_RANGE = characterSet(ALPHANUM + "-.!%*_+`'~/");

const one = (name: string, read: ReadHeader): HeaderRow => ({ name, lines: "one", read });
const many = (name: string, read: ReadHeader): HeaderRow => ({ name, lines: "many", read });

/** Headers of RFC 3261 §20 and of the RFCs named, by how often they may stand. Others: many, as text. */
const ROWS: readonly HeaderRow[] = [
  many("via", readVias),
  value("from", readNameAddr),
  value("to", readNameAddr),
  many("contact", readContact),
  many("route", nameAddrs("route")),
  many("record-route", nameAddrs("record-route")),
  many("path", nameAddrs("path")), // RFC 3327
  many("service-route", nameAddrs("service-route")), // RFC 3608
  value("refer-to", readNameAddr), // RFC 3515
  value("referred-by", readNameAddr), // RFC 3892
  many("p-asserted-identity", nameAddrs("p-asserted-identity")), // RFC 3325
  many("p-preferred-identity", nameAddrs("p-preferred-identity")), // RFC 3325
  many("remote-party-id", nameAddrs("remote-party-id")), // draft-ietf-sip-privacy-04
  many("diversion", nameAddrs("diversion")), // RFC 5806
  many("history-info", nameAddrs("history-info")), // RFC 7044
  value("call-id", readCallId),
  value("cseq", readCSeq),
  one("max-forwards", scalar("max-forwards", 255, "refuse")),
  one("expires", scalar("expires", LONGEST, "clamp")),
  one("min-expires", scalar("min-expires", LONGEST, "clamp")),
  one("content-length", scalar("content-length", 2 ** 31 - 1, "clamp")),
  value("retry-after", readRetryAfter),
  value("min-se", readMinSe), // RFC 4028
  value("session-expires", readSessionExpires), // RFC 4028
  one("flow-timer", scalar("flow-timer", LONGEST, "clamp")), // RFC 5626
  value("rseq", readRSeq), // RFC 3262
  value("rack", readRAck), // RFC 3262
  value("replaces", readReplaces), // RFC 3891
  value("target-dialog", readTargetDialog), // RFC 4538
  value("event", withParams(TOKEN)), // RFC 6665
  value("subscription-state", withParams(TOKEN)), // RFC 6665
  value("content-disposition", withParams(TOKEN)),
  value("info-package", withParams(TOKEN)), // RFC 6086
  many("recv-info", valuesWithParams("recv-info", TOKEN)), // RFC 6086
  many("accept", valuesWithParams("accept", MEDIA_RANGE)),
  many("reason", valuesWithParams("reason", TOKEN)), // RFC 3326
  value("sip-etag", token), // RFC 3903
  value("sip-if-match", token), // RFC 3903
  many("authorization", authParams("authorization")),
  many("proxy-authorization", authParams("proxy-authorization")),
  many("www-authenticate", authParams("www-authenticate")),
  many("proxy-authenticate", authParams("proxy-authenticate")),
  many("require", tokens("require")),
  many("proxy-require", tokens("proxy-require")),
  many("supported", tokens("supported")),
  many("unsupported", tokens("unsupported")),
  many("allow", tokens("allow")),
  many("allow-events", tokens("allow-events")), // RFC 6665
  many("content-encoding", tokens("content-encoding")),
  many("request-disposition", tokens("request-disposition")), // RFC 3841
  many("privacy", readPrivacy), // RFC 3323
  text("content-type", "one"),
  text("user-agent", "one"),
  text("alert-info", "many"),
  text("call-info", "many"),
  text("error-info", "many"),
  text("date", "one"),
  otherText("accept-contact", "many"), // RFC 3841
  otherText("reject-contact", "many"), // RFC 3841
  otherText("identity", "many"), // RFC 8224
  otherText("identity-info", "one"), // RFC 4474
  otherText("join", "one"), // RFC 3911
  otherText("mime-version", "one"),
  otherText("organization", "one"),
  otherText("priority", "one"),
  otherText("reply-to", "one"),
  otherText("server", "one"),
  otherText("subject", "one"),
  otherText("timestamp", "one"),
];

/** IANA registry "SIP Header Fields", column Compact. */
const COMPACT_FORMS: readonly (readonly [compact: string, full: string])[] = [
  ["a", "accept-contact"],
  ["b", "referred-by"],
  ["c", "content-type"],
  ["d", "request-disposition"],
  ["e", "content-encoding"],
  ["f", "from"],
  ["i", "call-id"],
  ["j", "reject-contact"],
  ["k", "supported"],
  ["l", "content-length"],
  ["m", "contact"],
  ["n", "identity-info"],
  ["o", "event"],
  ["r", "refer-to"],
  ["s", "subject"],
  ["t", "to"],
  ["u", "allow-events"],
  ["v", "via"],
  ["x", "session-expires"],
  ["y", "identity"],
];

const MANDATORY = ["via", "from", "to", "call-id", "cseq"];
export const MANDATORY_ROWS = ROWS.filter(({ name }) => MANDATORY.includes(name));

const ROW_OF_NAME = new NameTable(
  ROWS.flatMap((row) => [
    [row.name, row] as const,
    ...COMPACT_FORMS.filter(([, full]) => full === row.name).map(([compact]) => [compact, row] as const),
  ]),
);

/** The row of a header name as written from `start` to `end`, compact or full, in any case. */
export function headerRow({ octets, text }: Cursor, start: number, end: number): HeaderRow {
  return ROW_OF_NAME.find(octets, start, end) ?? otherText(text.slice(start, end).toLowerCase(), "many");
}

/** False, and the cursor fails, where a list has all the items that it may have over all its lines. */
function hasRoom(cursor: Cursor, items: readonly unknown[], limits: ParseLimits): boolean {
  if (items.length < limits.listItems) return true;
  cursor.fail("too-many-items");
  return false;
}

function readVias(cursor: Cursor, { headers }: Draft, limits: ParseLimits): void {
  const vias = (headers.via ??= []);
  do {
    if (!hasRoom(cursor, vias, limits)) return;
    readVia(cursor, vias, limits);
  } while (cursor.failure === undefined && cursor.separator(COMMA));
}

/** Values separated by commas. */
function readList<Item>(
  cursor: Cursor,
  items: Item[],
  limits: ParseLimits,
  read: (cursor: Cursor, limits: ParseLimits) => Item | undefined,
): void {
  do {
    if (!hasRoom(cursor, items, limits)) return;
    const item = read(cursor, limits);
    if (item === undefined) return;
    items.push(item);
  } while (cursor.failure === undefined && cursor.separator(COMMA));
}

function nameAddrs(name: Exclude<ListName<NameAddr>, "contact">): ReadHeader {
  return (cursor, { headers }, limits) => {
    readList(cursor, (headers[name] ??= []), limits, readNameAddr);
  };
}

/** RFC 3261 §20.10: addresses, or "*" alone. */
function readContact(cursor: Cursor, { headers }: Draft, limits: ParseLimits): void {
  const before = headers.contact;
  const isAll = cursor.peek() === ASTERISK && cursor.end === cursor.position + 1;
  if (before === "*" || (before !== undefined && isAll)) {
    cursor.fail("header-duplicate");
    return;
  }
  if (isAll) {
    headers.contact = "*";
    cursor.position = cursor.end;
    return;
  }
  readList(cursor, (headers.contact = before ?? []), limits, readNameAddr);
}

// DEPARTURE RFC 3261 §25.1 (callid): any visible characters are taken. A Call-ID is compared octet for octet
// and nothing more, and clients in use write "=" and "&" into it.
function readCallId(cursor: Cursor): string | undefined {
  return cursor.some(VISIBLE, "value-malformed");
}

function scalar(name: Name<number>, highest: number, above: "refuse" | "clamp"): ReadHeader {
  return (cursor, { headers }) => {
    const found = above === "refuse" ? readWithin(cursor, 0, highest) : readNumber(cursor);
    if (found !== undefined) headers[name] = Math.min(found, highest);
  };
}

/** A header of one value; `read` gives undefined where it made the cursor fail. */
function value<N extends keyof Headers>(
  name: N,
  read: (cursor: Cursor, limits: ParseLimits) => Headers[N] | undefined,
): HeaderRow {
  return one(name, (cursor, { headers }, limits) => {
    const found = read(cursor, limits);
    if (found !== undefined) headers[name] = found;
  });
}

/** Reads a value of `set` with its parameters. */
function withParams(set: CharacterSet): (cursor: Cursor, limits: ParseLimits) => ValueWithParams | undefined {
  return (cursor, limits) => {
    const found = cursor.some(set, "value-malformed");
    if (found === undefined) return undefined;
    const params = readParams(cursor, limits);
    return { value: found, params };
  };
}

/** A list of values with parameters; an empty header is an empty list. */
function valuesWithParams(name: ListName<ValueWithParams>, set: CharacterSet): ReadHeader {
  const read = withParams(set);
  return (cursor, { headers }, limits) => {
    const list = (headers[name] ??= []);
    if (cursor.atEnd) return;
    readList(cursor, list, limits, read);
  };
}

function token(cursor: Cursor): string | undefined {
  return cursor.some(TOKEN, "value-malformed");
}

// DEPARTURE RFC 3323 §4.2: a comma separates as ";" does; many write this header like every other list.
function readPrivacy(cursor: Cursor, { headers }: Draft, limits: ParseLimits): void {
  const list = (headers.privacy ??= []);
  do {
    if (!hasRoom(cursor, list, limits)) return;
    const found = token(cursor);
    if (found !== undefined) list.push(found);
  } while (cursor.failure === undefined && (cursor.separator(SEMICOLON) || cursor.separator(COMMA)));
}

function authParams(name: ListName<AuthParams>): ReadHeader {
  return (cursor, { headers }, limits) => {
    const list = (headers[name] ??= []);
    if (!hasRoom(cursor, list, limits)) return;
    const auth = readAuthParams(cursor, limits);
    if (auth !== undefined) list.push(auth);
  };
}

/** A list of tokens; an empty header is an empty list (RFC 3261 §20.5, §20.37). */
function tokens(name: ListName<string>): ReadHeader {
  return (cursor, { headers }, limits) => {
    const list = (headers[name] ??= []);
    if (cursor.atEnd) return;
    readList(cursor, list, limits, token);
  };
}

function text(name: Name<string>, lines: Lines): HeaderRow {
  const read: ReadHeader = (cursor, { headers }) => {
    headers[name] = joined(headers[name], cursor.rest());
  };
  return { name, lines, read };
}

function otherText(name: string, lines: Lines): HeaderRow {
  const read: ReadHeader = (cursor, { other }) => {
    other[name] = joined(other[name], cursor.rest());
  };
  return { name, lines, read };
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
