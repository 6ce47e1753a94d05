import { ALPHANUM, AT, characterSet, COLON, DIGIT, EQUALS, LOWER, SEMICOLON, ZERO } from "./characters.js";
import { endOfPlainHost } from "./host.js";
import { NameTable } from "./name-table.js";

/** Nothing escaped; no password. */
const USER = characterSet(ALPHANUM + "-_.!~*'()&=+$,;?/");
const PARAM = characterSet(ALPHANUM + "-_.!~*'()[]/:&+$");

const UNKNOWN_BIT = 1;

/** The parameters that most URIs have, each with its bit. */
const PARAM_BITS = new NameTable(
  ["transport", "lr", "user", "maddr", "ttl", "method", "ob", "gr", "line", "rinstance", "expires"].map(
    (name, index) => [name, 2 << index],
  ),
);

/**
 * True for a SIP URI that is well formed beyond doubt, and has no headers part: nearly all that are sent. False says
 * nothing: then `parseUri`, which knows the whole grammar and makes an object to do so, is to be asked.
 */
export function isPlainSipUri(octets: Uint8Array, start: number, end: number): boolean {
  const afterScheme = endOfScheme(octets, start, end);
  if (afterScheme < 0) return false;
  let at = afterScheme;
  while (at < end && USER[octets[at] ?? 0] === 1) at += 1;
  const hasUser = at < end && octets[at] === AT;
  if (hasUser && at === afterScheme) return false;

  at = endOfPlainHost(octets, hasUser ? at + 1 : afterScheme, end);
  if (at < 0) return false;
  if (at < end && octets[at] === COLON) at = endOfPort(octets, at + 1, end);
  return at >= 0 && arePlainParams(octets, at, end);
}

function endOfScheme(octets: Uint8Array, start: number, end: number): number {
  if (end - start < 5) return -1;
  if (LOWER[octets[start] ?? 0] !== 0x73) return -1;
  if (LOWER[octets[start + 1] ?? 0] !== 0x69) return -1;
  if (LOWER[octets[start + 2] ?? 0] !== 0x70) return -1;
  const colon = LOWER[octets[start + 3] ?? 0] === 0x73 ? start + 4 : start + 3;
  return octets[colon] === COLON ? colon + 1 : -1;
}

function endOfPort(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  let port = 0;
  while (at < end && DIGIT[octets[at] ?? 0] === 1 && port <= 65_535) {
    port = port * 10 + (octets[at] ?? 0) - ZERO;
    at += 1;
  }
  return at === start || port > 65_535 ? -1 : at;
}

/** None, or some with names that stand once: those that we know, and at most one other. */
function arePlainParams(octets: Uint8Array, start: number, end: number): boolean {
  let at = start;
  let seen = 0;
  while (at < end) {
    if (octets[at] !== SEMICOLON) return false;
    const name = at + 1;
    at = endOfParamPart(octets, name, end);
    const bit = PARAM_BITS.find(octets, name, at) ?? UNKNOWN_BIT;
    if (at === name || (seen & bit) !== 0) return false;
    seen |= bit;
    if (at < end && octets[at] === EQUALS) {
      const value = at + 1;
      at = endOfParamPart(octets, value, end);
      if (at === value) return false;
    }
  }
  return true;
}

function endOfParamPart(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && PARAM[octets[at] ?? 0] === 1) at += 1;
  return at;
}
