import { writeAuthParams, type AuthKind } from "./auth-params.js";
import { consistsOf, TOKEN, URI } from "./characters.js";
import { writeReplaces, writeTargetDialog } from "./dialog-identifiers.js";
import { printedName } from "./header-names.js";
import type { AuthParams, Headers, NameAddr, SipMessage, ValueWithParams, Via } from "./message.js";
import { OctetWriter } from "./octet-writer.js";
import { asBinary } from "./one-line.js";
import { writeParams } from "./params.js";

/** Used for one message after the other: nothing that is written calls back. */
const writer = new OctetWriter();

/**
 * The octets of a message, Content-Length set. No value can end its line, its quotes or its brackets: what would is
 * left out, or put between quotes where the grammar has them. The argument is not changed.
 */
export function serializeMessage(message: SipMessage): Uint8Array {
  const content = asBinary(message.content);
  writer.begin();
  writeStartLine(message);
  writeHeaders(message);
  writer.ascii("Content-Length: ");
  writer.ascii(String(content.length));
  writer.ascii("\r\n\r\n");
  writer.body(content);
  return writer.take();
}

function writeStartLine(message: SipMessage): void {
  switch (message.kind) {
    case "request":
      writer.line(message.method);
      writer.ascii(" ");
      writer.only(URI, message.uri);
      writer.ascii(" SIP/2.0\r\n");
      return;
    case "response":
      writer.ascii("SIP/2.0 ");
      writer.ascii(String(message.status));
      writer.ascii(" ");
      writer.line(message.reason);
      writer.ascii("\r\n");
  }
}

function writeHeaders({ headers, other }: SipMessage): void {
  for (const name of Object.keys(headers)) writeTyped(name, headers[name as keyof Headers]);
  for (const name of Object.keys(other)) {
    const lower = name.toLowerCase();
    const isWritten =
      lower === "content-length" || (TYPED.has(lower) && headers[lower as keyof Headers] !== undefined);
    // A typed header is not written a second time from here; a name that is no token would become something else.
    if (isWritten || !consistsOf(name, TOKEN)) continue;
    writer.ascii(printedName(lower));
    writer.ascii(": ");
    writer.line(other[name] ?? "");
    writer.ascii("\r\n");
  }
}

type Present = Required<Headers>;

/** Writes one header on one or more lines; none where its value is one that no header can have. */
type WriteHeader<Value> = (value: Value) => void;

function line<Value>(name: string, write: (value: Value) => void): WriteHeader<Value> {
  const start = `${name}: `;
  return (value) => {
    writer.ascii(start);
    write(value);
    writer.ascii("\r\n");
  };
}

/** A list on one line. An empty one is no header, unless it tells something. */
function list<Item>(
  name: string,
  write: (item: Item) => void,
  { separator = ", ", empty = "left out" }: { separator?: string; empty?: "left out" | "written" } = {},
): WriteHeader<Item[]> {
  const start = `${name}: `;
  return (items) => {
    if (items.length === 0 && empty === "left out") return;
    writer.ascii(start);
    for (let index = 0; index < items.length; index += 1) {
      if (index > 0) writer.ascii(separator);
      const item = items[index];
      if (item !== undefined) write(item);
    }
    writer.ascii("\r\n");
  };
}

/** Each item on a line of its own. */
function lines<Item>(name: string, write: (item: Item) => void): WriteHeader<Item[]> {
  const writeLine = line(name, write);
  return (items) => {
    for (const item of items) writeLine(item);
  };
}

const writeText = (value: string): void => {
  writer.line(value);
};
const writeNumber = (value: number): void => {
  writer.ascii(String(value));
};

function writeAddress({ name, uri, params }: NameAddr): void {
  if (name !== undefined) {
    writer.quoted(name);
    writer.ascii(" ");
  }
  writer.ascii("<");
  writer.only(URI, uri);
  writer.ascii(">");
  writeParams(writer, params);
}

function writeVia({ version, protocol, host, port, params }: Via): void {
  writer.ascii("SIP/");
  writer.line(version);
  writer.ascii("/");
  writer.line(protocol);
  writer.ascii(" ");
  writer.only(URI, host);
  if (port !== undefined) {
    writer.ascii(":");
    writer.ascii(String(port));
  }
  writeParams(writer, params);
}

function writeValue({ value, params }: ValueWithParams): void {
  writer.line(value);
  writeParams(writer, params);
}

const number = (name: string): WriteHeader<number> => line(name, writeNumber);
const text = (name: string): WriteHeader<string> => line(name, writeText);
const address = (name: string): WriteHeader<NameAddr> => line(name, writeAddress);
const addresses = (name: string): WriteHeader<NameAddr[]> => list(name, writeAddress);
const value = (name: string): WriteHeader<ValueWithParams> => line(name, writeValue);
const tokens = (name: string): WriteHeader<string[]> => list(name, writeText);
const contacts = addresses("Contact");

/** Commas separate parameters here, so each stands on its line (RFC 3261 §7.3.1). */
function auth(name: string, kind: AuthKind): WriteHeader<AuthParams[]> {
  return lines(name, (item) => {
    writeAuthParams(writer, item, kind);
  });
}

/** For lists whose emptiness tells something. */
const TELLING = { empty: "written" } as const;

const WRITERS: { readonly [N in keyof Present]: WriteHeader<Present[N]> } = {
  via: lines("Via", writeVia),
  from: address("From"),
  to: address("To"),
  "call-id": text("Call-ID"),
  cseq: line("CSeq", ({ seq, method }) => {
    writer.ascii(String(seq));
    writer.ascii(" ");
    writer.line(method);
  }),
  "max-forwards": number("Max-Forwards"),
  // An empty Contact is left out: it must not become the "*" that removes all bindings.
  contact: (contact) => {
    if (contact === "*") writer.ascii("Contact: *\r\n");
    else contacts(contact);
  },
  route: addresses("Route"),
  "record-route": addresses("Record-Route"),
  path: addresses("Path"),
  "service-route": addresses("Service-Route"),
  "refer-to": address("Refer-To"),
  "referred-by": address("Referred-By"),
  "p-asserted-identity": addresses("P-Asserted-Identity"),
  "p-preferred-identity": addresses("P-Preferred-Identity"),
  "remote-party-id": addresses("Remote-Party-ID"),
  diversion: addresses("Diversion"),
  "history-info": addresses("History-Info"),
  expires: number("Expires"),
  "min-expires": number("Min-Expires"),
  "retry-after": number("Retry-After"),
  "min-se": number("Min-SE"),
  "session-expires": line("Session-Expires", ({ delta, refresher }) => {
    writer.ascii(refresher === undefined ? String(delta) : `${String(delta)};refresher=${refresher}`);
  }),
  "flow-timer": number("Flow-Timer"),
  rseq: number("RSeq"),
  rack: line("RAck", ({ rseq, seq, method }) => {
    writer.line(`${String(rseq)} ${String(seq)} ${method}`);
  }),
  replaces: line("Replaces", (replaces) => {
    writeReplaces(writer, replaces);
  }),
  "target-dialog": line("Target-Dialog", (dialog) => {
    writeTargetDialog(writer, dialog);
  }),
  event: value("Event"),
  "subscription-state": value("Subscription-State"),
  "content-disposition": value("Content-Disposition"),
  "info-package": value("Info-Package"),
  "recv-info": list("Recv-Info", writeValue, TELLING), // no package is wanted (RFC 6086 §5.2.3)
  accept: list("Accept", writeValue, TELLING), // no body is acceptable (RFC 3261 §20.1)
  reason: list("Reason", writeValue),
  "sip-etag": text("SIP-ETag"),
  "sip-if-match": text("SIP-If-Match"),
  // Printed last, from the content.
  "content-length": () => undefined,
  "content-type": text("Content-Type"),
  authorization: auth("Authorization", "credentials"),
  "proxy-authorization": auth("Proxy-Authorization", "credentials"),
  "www-authenticate": auth("WWW-Authenticate", "challenge"),
  "proxy-authenticate": auth("Proxy-Authenticate", "challenge"),
  require: tokens("Require"),
  "proxy-require": tokens("Proxy-Require"),
  supported: list("Supported", writeText, TELLING), // no extension (RFC 3261 §20.37)
  unsupported: tokens("Unsupported"),
  allow: list("Allow", writeText, TELLING), // no method (RFC 3261 §20.5)
  "allow-events": tokens("Allow-Events"),
  "content-encoding": tokens("Content-Encoding"),
  "request-disposition": tokens("Request-Disposition"),
  privacy: list("Privacy", writeText, { separator: ";" }),
  "user-agent": text("User-Agent"),
  "alert-info": text("Alert-Info"),
  "call-info": text("Call-Info"),
  "error-info": text("Error-Info"),
  date: text("Date"),
};

/** By name. Each is given what stands under its own name. */
const TYPED: ReadonlyMap<string, WriteHeader<never>> = new Map(Object.entries(WRITERS));

function writeTyped(name: string, value: Headers[keyof Headers]): void {
  if (value !== undefined) TYPED.get(name)?.(value as never);
}
