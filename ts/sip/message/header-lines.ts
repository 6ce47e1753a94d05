import { COLON, CR, HTAB, LF, SP, TOKEN } from "./characters.js";

export const isSpace = (code: number | undefined): boolean => code === SP || code === HTAB;

/** Where the header name at `start` ends; `start`: there is none. */
export function endOfName(octets: Uint8Array, start: number): number {
  let at = start;
  while (TOKEN[octets[at] ?? 0] === 1) at += 1;
  return at;
}

/**
 * Behind the colon of a header whose name ends at `nameEnd`; -1: there is none. Spaces and tabs before it belong to
 * neither name nor value (RFC 3261 §25.1, HCOLON).
 */
export function endOfColon(octets: Uint8Array, nameEnd: number): number {
  let at = nameEnd;
  while (isSpace(octets[at])) at += 1;
  return octets[at] === COLON ? at + 1 : -1;
}

/**
 * A copy in which the CR LF of each fold between `start` and the empty line is two spaces (RFC 3261 §7.3.1), so
 * that a header is one line, and a place in the copy is one in the datagram.
 */
export function unfold(octets: Uint8Array, start: number): Uint8Array {
  const unfolded = Uint8Array.from(octets);
  let at = octets.indexOf(CR, start);
  while (at >= 0 && !(octets[at + 1] === LF && octets[at + 2] === CR && octets[at + 3] === LF)) {
    if (octets[at + 1] === LF && isSpace(octets[at + 2])) unfolded.fill(SP, at, at + 2);
    at = octets.indexOf(CR, at + 1);
  }
  return unfolded;
}

/**
 * The first CR or LF from `start` on that is no part of a CR LF, looked for up to the CR LF at `end`; -1: there is
 * none. Where no line ends (`end` < 0) nothing is looked for.
 */
export function findLineEndAlone(octets: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) if (octets[at] === CR || octets[at] === LF) return at;
  return -1;
}
