import { ALPHANUM, characterSet, consistsOf, DIGIT, DOT, ZERO } from "./characters.js";

const HEX = characterSet("0123456789abcdef");

// DEPARTURE RFC 3261 §25.1 (hostname): "_" is taken, host names of containers have it.
const NAME = characterSet(ALPHANUM + "-._");

const HIGHEST_PORT = 65_535;

/**
 * A host in lower case; an IPv6 reference keeps its brackets. Undefined for anything else.
 * RFC 5118 §4.10: ":::" is a known mistake of writers and reads as "::".
 */
export function parseHost(text: string): string | undefined {
  const host = text.toLowerCase();
  if (!host.startsWith("[")) return consistsOf(host, NAME) && isNameOrIpv4(host) ? host : undefined;
  if (!host.endsWith("]")) return undefined;
  const address = host.slice(1, -1).replace(":::", "::");
  return isIpv6(address) ? `[${address}]` : undefined;
}

/**
 * Where the host name or IPv4 address at `start` ends, if it is one that `parseHost` takes; -1: to be asked of
 * `parseHost`. It makes no string, and knows neither IPv6 nor the dot that may end a name.
 */
export function endOfPlainHost(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  let label = start;
  let isNumber = true;
  for (; at < end; at += 1) {
    const code = octets[at] ?? 0;
    if (code === DOT) {
      if (at === label) return -1;
      label = at + 1;
      isNumber = true;
    } else if (DIGIT[code] !== 1) {
      if (NAME[code] !== 1) break;
      isNumber = false;
    }
  }
  if (at === label) return -1;
  return !isNumber || isPlainIpv4(octets, start, at) ? at : -1;
}

/** `octets` from `start` to `end` are digits, and dots with digits around them. */
function isPlainIpv4(octets: Uint8Array, start: number, end: number): boolean {
  let dots = 0;
  let digits = 0;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const code = octets[at] ?? 0;
    if (code === DOT) {
      dots += 1;
      digits = value = 0;
      continue;
    }
    // Without leading zeros, which some read as octal.
    if (DIGIT[code] !== 1 || (digits > 0 && value === 0)) return false;
    digits += 1;
    value = value * 10 + code - ZERO;
    if (value > 255) return false;
  }
  return dots === 3;
}

/** 0 to 65535, as a number. */
export function parsePort(text: string): number | undefined {
  if (!consistsOf(text, DIGIT) || Number(text) > HIGHEST_PORT) return undefined;
  return Number(text);
}

/** An address or name without the brackets that SIP puts around IPv6: what a socket takes. */
export function withoutBrackets(host: string): string {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

/** The other way: what a Via or URI takes. */
export function withBrackets(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}

/** Labels are not empty (but for one dot at the end); what ends in a number is an IPv4 address. */
function isNameOrIpv4(host: string): boolean {
  const end = host.endsWith(".") ? host.length - 1 : host.length;
  let label = 0;
  let isNumber = true;
  for (let at = 0; at < end; at += 1) {
    const code = host.charCodeAt(at);
    if (code === DOT) {
      if (at === label) return false;
      label = at + 1;
      isNumber = true;
    } else if (DIGIT[code] !== 1) {
      isNumber = false;
    }
  }
  if (label === end) return false;
  return !isNumber || isIpv4(host);
}

/** Four numbers up to 255, without leading zeros, which some read as octal. */
export function isIpv4(text: string): boolean {
  if (text.length > 15) return false;
  let dots = 0;
  let digits = 0;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0) return false;
      dots += 1;
      digits = value = 0;
      continue;
    }
    if (DIGIT[code] !== 1 || (digits > 0 && value === 0)) return false;
    digits += 1;
    value = value * 10 + code - ZERO;
    if (value > 255) return false;
  }
  return dots === 3 && digits > 0;
}

/** RFC 4291 §2.2, in lower case, without a zone. */
export function isIpv6(text: string): boolean {
  // What has one colon is a name or an IPv4 address with a port.
  if (text.indexOf(":") === text.lastIndexOf(":")) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === "") continue;
    const parts = half.split(":");
    const last = parts.at(-1) ?? "";
    const mapped = index === halves.length - 1 && isIpv4(last);
    if (mapped) parts.pop();
    if (!parts.every((part) => consistsOf(part, HEX) && part.length <= 4)) return false;
    groups += parts.length + (mapped ? 2 : 0);
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}
