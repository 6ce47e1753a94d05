import { ALPHANUM, characterSet } from "./characters.js";
import { parseHost, parsePort, withoutBrackets } from "./host.js";
import type { Params } from "./message.js";
import { newParams } from "./params.js";
import { percentDecode, percentEncode } from "./percent.js";

/**
 * A SIP or SIPS URI (RFC 3261 §19.1). Everything is unescaped; non-ASCII octets are binary characters
 * (message/binary.ts turns them into text).
 */
export interface SipUri {
  scheme: "sip" | "sips";
  user?: string;
  password?: string;
  /** Lower case; IPv6 in brackets. */
  host: string;
  port?: number;
  /** Names in lower case. */
  params: Params;
  /** What follows "?"; names in lower case. */
  headers: Record<string, string>;
}

const UNRESERVED = ALPHANUM + "-_.!~*'()";
const USER = characterSet(UNRESERVED + "&=+$,;?/");
const PASSWORD = characterSet(UNRESERVED + "&=+$,");
const PARAM = characterSet(UNRESERVED + "[]/:&+$");
const HEADER = characterSet(UNRESERVED + "[]/?:+$");

// DEPARTURE RFC 3261 §25.1 (user): an unescaped "#" is taken, because phones send dialled codes such as *#21#
// as they are. It is printed escaped.
const USER_READ = characterSet(UNRESERVED + "&=+$,;?/#");

/** Total. Undefined for other schemes and for what breaks the grammar of RFC 3261 §25.1. */
export function parseUri(text: string): SipUri | undefined {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (scheme !== "sip" && scheme !== "sips") return undefined;

  // "@" stands unescaped nowhere else, while ";" and "?" may stand in a user part: so it is looked for first.
  const at = text.indexOf("@", colon);
  const afterUser = at < 0 ? colon + 1 : at + 1;
  const question = text.indexOf("?", afterUser);
  const headersStart = question < 0 ? text.length : question;
  const semicolon = text.indexOf(";", afterUser);
  const paramsStart = semicolon < 0 || semicolon > headersStart ? headersStart : semicolon;

  const uri = parseHostAndPort(scheme, text.slice(afterUser, paramsStart));
  if (uri === undefined) return undefined;
  if (at >= 0 && !readUserInfo(uri, text.slice(colon + 1, at))) return undefined;
  if (!readUriParams(uri.params, text.slice(paramsStart, headersStart))) return undefined;
  if (question >= 0) {
    uri.headers = Object.create(null) as Record<string, string>;
    if (!readHeaders(uri.headers, text.slice(question + 1))) return undefined;
  }
  return uri;
}

function parseHostAndPort(scheme: SipUri["scheme"], text: string): SipUri | undefined {
  const portColon = text.indexOf(":", Math.max(0, text.indexOf("]")));
  const host = parseHost(portColon < 0 ? text : text.slice(0, portColon));
  if (host === undefined) return undefined;
  const uri: SipUri = { scheme, host, params: newParams(), headers: newHeaders() };
  if (portColon < 0) return uri;
  const port = parsePort(text.slice(portColon + 1));
  if (port === undefined) return undefined;
  uri.port = port;
  return uri;
}

function readUserInfo(uri: SipUri, text: string): boolean {
  const colon = text.indexOf(":");
  const user = percentDecode(colon < 0 ? text : text.slice(0, colon), USER_READ);
  if (user === undefined || user === "") return false;
  uri.user = user;
  if (colon < 0) return true;
  const password = percentDecode(text.slice(colon + 1), PASSWORD);
  if (password === undefined) return false;
  uri.password = password;
  return true;
}

/** `text` is empty or begins with ";". A name stands once (RFC 3261 §19.1.1). */
function readUriParams(params: Params, text: string): boolean {
  if (text === "") return true;
  for (const part of text.slice(1).split(";")) {
    const equals = part.indexOf("=");
    const name = percentDecode(equals < 0 ? part : part.slice(0, equals), PARAM)?.toLowerCase();
    const value = equals < 0 ? null : percentDecode(part.slice(equals + 1), PARAM);
    if (name === undefined || name === "" || value === undefined || value === "" || name in params)
      return false;
    params[name] = value;
  }
  return true;
}

function readHeaders(headers: Record<string, string>, text: string): boolean {
  for (const part of text.split("&")) {
    const equals = part.indexOf("=");
    if (equals < 1) return false;
    const name = percentDecode(part.slice(0, equals), HEADER)?.toLowerCase();
    const value = percentDecode(part.slice(equals + 1), HEADER);
    if (name === undefined || value === undefined || name in headers) return false;
    headers[name] = value;
  }
  return true;
}

/** Inherits nothing. Most URIs have none: an object with a shape costs a quarter of the dictionary that `null` makes. */
function newHeaders(): Record<string, string> {
  return Object.create(NOTHING) as Record<string, string>;
}

const NOTHING = Object.freeze(Object.create(null) as object);

/** Escapes whatever its place does not allow, so that any user name gives one URI with that user. */
export function formatUri(uri: SipUri): string {
  let text = uri.scheme + ":";
  if (uri.user !== undefined && uri.user !== "") {
    text += percentEncode(uri.user, USER);
    if (uri.password !== undefined) text += ":" + percentEncode(uri.password, PASSWORD);
    text += "@";
  }
  text += uri.host;
  if (uri.port !== undefined) text += `:${String(uri.port)}`;
  for (const name of Object.keys(uri.params)) {
    const value = uri.params[name] ?? null;
    text += ";" + percentEncode(name, PARAM);
    if (value !== null) text += "=" + percentEncode(value, PARAM);
  }
  let separator = "?";
  for (const name of Object.keys(uri.headers)) {
    text += separator + percentEncode(name, HEADER) + "=" + percentEncode(uri.headers[name] ?? "", HEADER);
    separator = "&";
  }
  return text;
}

/** The host without the brackets of IPv6, as a socket or resolver takes it. */
export function hostOf(uri: SipUri): string {
  return withoutBrackets(uri.host);
}

/** Parameters that make two URIs differ when only one has them. RFC 3261 §19.1.4; its examples add transport. */
const TELLING_PARAMS = ["user", "ttl", "method", "maddr", "transport"];

/** RFC 3261 §19.1.4: do both name the same resource? Not transitive, as the RFC says itself. */
export function equalUri(a: SipUri, b: SipUri): boolean {
  return (
    a.scheme === b.scheme &&
    a.user === b.user &&
    a.password === b.password &&
    a.host.toLowerCase() === b.host.toLowerCase() &&
    a.port === b.port &&
    equalParams(a.params, b.params) &&
    equalHeaders(a.headers, b.headers)
  );
}

function equalParams(a: Params, b: Params): boolean {
  for (const name of TELLING_PARAMS) if (Object.hasOwn(a, name) !== Object.hasOwn(b, name)) return false;
  return Object.entries(a).every(
    ([name, value]) => !Object.hasOwn(b, name) || equalIgnoringCase(value, b[name] ?? null),
  );
}

function equalHeaders(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equalIgnoringCase(a[name] ?? "", b[name] ?? ""))
  );
}

function equalIgnoringCase(a: string | null, b: string | null): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}
