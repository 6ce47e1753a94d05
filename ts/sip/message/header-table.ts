import { COMMA, DIGIT, TOKEN, VISIBLE } from "./characters.js";
import { readAuthParams } from "./auth-params.js";
import type { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { AuthParams, Headers, NameAddr, OtherHeaders } from "./message.js";
import { readNameAddr } from "./name-addr.js";
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
  /** The value is kept as text; its folds are taken out first. */
  readonly text: boolean;
  readonly read: ReadHeader;
}

type Name<Type> = { [N in keyof Headers]-?: NonNullable<Headers[N]> extends Type ? N : never }[keyof Headers];
type ListName<Item> = { [N in keyof Headers]-?: Item[] extends Headers[N] ? N : never }[keyof Headers];

type Lines = HeaderRow["lines"];

const one = (name: string, read: ReadHeader): HeaderRow => ({ name, lines: "one", text: false, read });
const many = (name: string, read: ReadHeader): HeaderRow => ({ name, lines: "many", text: false, read });

/** Headers of RFC 3261 §20 and of the RFCs named, by how often they may stand. Others: many, as text. */
const ROWS: readonly HeaderRow[] = [
  many("via", (cursor, { headers }, limits) => {
    const vias = (headers.via ??= []);
    readList(cursor, vias, limits, () => {
      readVia(cursor, vias, limits);
    });
  }),
  one("from", nameAddr("from")),
  one("to", nameAddr("to")),
  many("contact", readContact),
  many("route", nameAddrs("route")),
  many("record-route", nameAddrs("record-route")),
  many("path", nameAddrs("path")), // RFC 3327
  one("call-id", readCallId),
  one("cseq", readCSeq),
  one("max-forwards", scalar("max-forwards", 255, "refuse")),
  // RFC 3261 §25.1 (delta-seconds) has no bound; RFC 4475 §3.1.2.4 lets too large a time count as the largest.
  one("expires", scalar("expires", 2 ** 32 - 1, "clamp")),
  one("min-expires", scalar("min-expires", 2 ** 32 - 1, "clamp")),
  one("content-length", scalar("content-length", 2 ** 31 - 1, "clamp")),
  many("authorization", authParams("authorization")),
  many("proxy-authorization", authParams("proxy-authorization")),
  many("www-authenticate", authParams("www-authenticate")),
  many("proxy-authenticate", authParams("proxy-authenticate")),
  many("require", tokens("require")),
  many("proxy-require", tokens("proxy-require")),
  many("supported", tokens("supported")),
  many("unsupported", tokens("unsupported")),
  many("allow", tokens("allow")),
  text("content-type", "one"),
  text("user-agent", "one"),
  text("alert-info", "many"),
  text("reason", "many"), // RFC 3326
  text("retry-after", "one"),
  text("remote-party-id", "many"),
  text("date", "one"),
  otherText("content-disposition", "one"),
  otherText("event", "one"), // RFC 6665
  otherText("identity-info", "one"), // RFC 4474
  otherText("join", "one"), // RFC 3911
  otherText("mime-version", "one"),
  otherText("min-se", "one"), // RFC 4028
  otherText("organization", "one"),
  otherText("priority", "one"),
  otherText("rack", "one"), // RFC 3262
  otherText("refer-to", "one"), // RFC 3515
  otherText("referred-by", "one"), // RFC 3892
  otherText("replaces", "one"), // RFC 3891
  otherText("reply-to", "one"),
  otherText("rseq", "one"), // RFC 3262
  otherText("server", "one"),
  otherText("session-expires", "one"), // RFC 4028
  otherText("sip-etag", "one"), // RFC 3903
  otherText("sip-if-match", "one"), // RFC 3903
  otherText("subject", "one"),
  otherText("subscription-state", "one"), // RFC 6665
  otherText("target-dialog", "one"), // RFC 4538
  otherText("timestamp", "one"),
];

/** IANA registry "SIP Header Fields", column Compact. */
const COMPACT_FORMS: ReadonlyMap<string, string> = new Map([
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
]);

const BY_NAME: ReadonlyMap<string, HeaderRow> = new Map(ROWS.map((row) => [row.name, row]));

/** The row of a header name as written, compact or full, in any case. */
export function headerRow(written: string): HeaderRow {
  const lower = written.toLowerCase();
  const name = COMPACT_FORMS.get(lower) ?? lower;
  return BY_NAME.get(name) ?? otherText(name, "many");
}

/** Values separated by commas; `readItem` appends one to `items`. Their number is limited over all lines. */
function readList(
  cursor: Cursor,
  items: readonly unknown[],
  limits: ParseLimits,
  readItem: () => void,
): void {
  do {
    if (items.length >= limits.listItems) {
      cursor.fail("too-many-items");
      return;
    }
    readItem();
  } while (cursor.failure === undefined && cursor.separator(COMMA));
}

function nameAddr(name: Name<NameAddr>): ReadHeader {
  return (cursor, { headers }, limits) => {
    const address = readNameAddr(cursor, limits);
    if (address !== undefined) headers[name] = address;
  };
}

function readNameAddrs(cursor: Cursor, addresses: NameAddr[], limits: ParseLimits): void {
  readList(cursor, addresses, limits, () => {
    const address = readNameAddr(cursor, limits);
    if (address !== undefined) addresses.push(address);
  });
}

function nameAddrs(name: "route" | "record-route" | "path"): ReadHeader {
  return (cursor, { headers }, limits) => {
    readNameAddrs(cursor, (headers[name] ??= []), limits);
  };
}

/** RFC 3261 §20.10: addresses, or "*" alone. */
function readContact(cursor: Cursor, { headers }: Draft, limits: ParseLimits): void {
  const before = headers.contact;
  if (before === "*" || (before !== undefined && cursor.text === "*")) {
    cursor.fail("header-duplicate");
    return;
  }
  if (cursor.text === "*") {
    headers.contact = "*";
    cursor.position = 1;
    return;
  }
  const contacts = (headers.contact = before ?? []);
  readNameAddrs(cursor, contacts, limits);
}

// DEPARTURE RFC 3261 §25.1 (callid): any visible characters are taken. A Call-ID is compared octet for octet
// and nothing more, and clients in use write "=" and "&" into it.
function readCallId(cursor: Cursor, { headers }: Draft): void {
  const callId = cursor.some(VISIBLE, "value-malformed");
  if (callId !== undefined) headers["call-id"] = callId;
}

/** RFC 3261 §8.1.1.5: the number is below 2^31; the method keeps its case and its escapes. */
function readCSeq(cursor: Cursor, { headers }: Draft): void {
  const seq = readNumber(cursor);
  if (seq === undefined) return;
  if (seq >= 2 ** 31) {
    cursor.fail("number-out-of-range", 0);
    return;
  }
  if (!cursor.expectSpace()) return;
  const method = cursor.some(TOKEN, "value-malformed");
  if (method !== undefined) headers.cseq = { seq, method };
}

function scalar(name: Name<number>, highest: number, above: "refuse" | "clamp"): ReadHeader {
  return (cursor, { headers }) => {
    const value = readNumber(cursor);
    if (value === undefined) return;
    if (value > highest && above === "refuse") {
      cursor.fail("number-out-of-range", 0);
      return;
    }
    headers[name] = Math.min(value, highest);
  };
}

/** Any number of digits; a value too large for exactness is still larger than every bound here. */
function readNumber(cursor: Cursor): number | undefined {
  const digits = cursor.some(DIGIT, "value-malformed");
  return digits === undefined ? undefined : Number(digits);
}

function authParams(name: ListName<AuthParams>): ReadHeader {
  return (cursor, { headers }, limits) => {
    const list = (headers[name] ??= []);
    if (list.length >= limits.listItems) {
      cursor.fail("too-many-items");
      return;
    }
    const auth = readAuthParams(cursor, limits);
    if (auth !== undefined) list.push(auth);
  };
}

/** A list of tokens; an empty header is an empty list (RFC 3261 §20.5, §20.37). */
function tokens(name: ListName<string>): ReadHeader {
  return (cursor, { headers }, limits) => {
    const list = (headers[name] ??= []);
    if (cursor.text === "") return;
    readList(cursor, list, limits, () => {
      const token = cursor.some(TOKEN, "value-malformed");
      if (token !== undefined) list.push(token);
    });
  };
}

function text(name: Name<string>, lines: Lines): HeaderRow {
  const read: ReadHeader = (cursor, { headers }) => {
    headers[name] = joined(headers[name], rest(cursor));
  };
  return { name, lines, text: true, read };
}

function otherText(name: string, lines: Lines): HeaderRow {
  const read: ReadHeader = (cursor, { other }) => {
    other[name] = joined(other[name], rest(cursor));
  };
  return { name, lines, text: true, read };
}

function rest(cursor: Cursor): string {
  cursor.position = cursor.text.length;
  return cursor.text;
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
