import sip from "sip";
import { quoteAuthParams, type AuthKind } from "./auth-params.js";
import { binaryToOctets } from "./binary.js";
import { consistsOf, TOKEN, URI } from "./characters.js";
import type { AuthParams, Headers, NameAddr, Params, SipMessage, Via } from "./message.js";
import { asBinary, oneLine } from "./one-line.js";
import { printableValue } from "./params.js";
import { quote } from "./quoted-string.js";

/**
 * The octets of a message, Content-Length set. The argument is not changed: the `sip` package, which prints
 * and escapes nothing, gets a copy in which no value can end its line, its quotes or its brackets.
 */
export function serializeMessage(message: SipMessage): Uint8Array {
  const headers = Object.create(null) as Record<string, sip.PrintedHeader>;
  for (const name of Object.keys(message.headers)) {
    const printed = isTyped(name) ? printHeader(message.headers, name) : undefined;
    if (printed !== undefined) headers[name] = printed;
  }
  for (const [written, value] of Object.entries(message.other)) {
    const name = written.toLowerCase();
    // A typed header is not printed a second time from here.
    if (isPrintableName(name) && !(name in headers)) headers[name] = oneLine(value);
  }
  const content = asBinary(message.content);
  const version = message.version;
  switch (message.kind) {
    case "request":
      return binaryToOctets(
        sip.stringify({
          method: oneLine(message.method),
          uri: uriText(message.uri),
          version,
          headers,
          content,
        }),
      );
    case "response":
      return binaryToOctets(
        sip.stringify({ status: message.status, reason: oneLine(message.reason), version, headers, content }),
      );
  }
}

type Present = Required<Headers>;

/** What the `sip` package is given for each header; undefined: not printed. */
const PRINTERS: {
  readonly [N in keyof Present]: (value: Present[N]) => sip.PrintedHeader | undefined;
} = {
  via: (vias) => vias.map(printVia),
  from: printAddress,
  to: printAddress,
  "call-id": oneLine,
  cseq: ({ seq, method }) => ({ seq, method: oneLine(method) }),
  "max-forwards": String,
  contact: (contact) => (contact === "*" ? contact : printAddresses(contact)),
  route: printAddresses,
  "record-route": printAddresses,
  path: printAddresses,
  expires: String,
  "min-expires": String,
  // Set by the package from the content.
  "content-length": () => undefined,
  "content-type": oneLine,
  authorization: (list) => printAuth(list, "credentials"),
  "proxy-authorization": (list) => printAuth(list, "credentials"),
  "www-authenticate": (list) => printAuth(list, "challenge"),
  "proxy-authenticate": (list) => printAuth(list, "challenge"),
  require: printTokens,
  "proxy-require": printTokens,
  // An empty list tells something here: no extension (RFC 3261 §20.37), no method (§20.5).
  supported: (tokens) => printTokens(tokens) ?? "",
  unsupported: printTokens,
  allow: (tokens) => printTokens(tokens) ?? "",
  "user-agent": oneLine,
  "alert-info": oneLine,
  reason: oneLine,
  "retry-after": oneLine,
  "remote-party-id": oneLine,
  date: oneLine,
};

function isTyped(name: string): name is keyof Headers {
  return Object.hasOwn(PRINTERS, name);
}

function printHeader<N extends keyof Headers>(
  headers: Partial<Pick<Present, N>>,
  name: N,
): sip.PrintedHeader | undefined {
  const value: Present[N] | undefined = headers[name];
  return value === undefined ? undefined : PRINTERS[name](value);
}

function printVia(via: Via): sip.PrintedVia {
  return {
    version: oneLine(via.version),
    protocol: oneLine(via.protocol),
    host: uriText(via.host),
    ...(via.port === undefined ? {} : { port: via.port }),
    params: printParams(via.params),
  };
}

function printAddress(address: NameAddr): sip.PrintedAddress {
  return {
    ...(address.name === undefined ? {} : { name: quote(oneLine(address.name)) }),
    uri: uriText(address.uri),
    params: printParams(address.params),
  };
}

/** The package prints an empty Contact as "*", which would remove all bindings: an empty list is left out. */
function printAddresses(addresses: NameAddr[]): sip.PrintedAddress[] | undefined {
  return addresses.length === 0 ? undefined : addresses.map(printAddress);
}

function printParams(params: Params): Params {
  const printed = Object.create(null) as Params;
  for (const [name, value] of Object.entries(params)) {
    if (isPrintableName(name)) printed[name] = value === null ? null : printableValue(value);
  }
  return printed;
}

function printAuth(list: AuthParams[], kind: AuthKind): sip.PrintedHeader | undefined {
  if (list.length === 0) return undefined;
  return list.map((auth) => {
    const cleaned = Object.assign(Object.create(null) as AuthParams, { scheme: oneLine(auth.scheme) });
    for (const [name, value] of Object.entries(auth))
      if (isPrintableName(name)) cleaned[name] = oneLine(value);
    return quoteAuthParams(cleaned, kind);
  });
}

function printTokens(tokens: string[]): string | undefined {
  return tokens.length === 0 ? undefined : tokens.map(oneLine).join(", ");
}

/** A name that is no token would become something else on the wire: it is left out with its value. */
function isPrintableName(name: string): boolean {
  return consistsOf(name, TOKEN);
}

/** Without what can't stand in any URI: white space, control characters, "<", ">", '"'. */
function uriText(uri: string): string {
  const binary = asBinary(uri);
  if (consistsOf(binary, URI)) return binary;
  let kept = "";
  for (let index = 0; index < binary.length; index += 1) {
    if (URI[binary.charCodeAt(index)] === 1) kept += binary.charAt(index);
  }
  return kept;
}
