import { COLON, CR, HTAB, LF, SP, TOKEN } from "./characters.js";

/** One header as written, before anything is known of it. */
export interface HeaderLine {
  /** Undefined: no `name HCOLON`. */
  readonly name: string | undefined;
  /**
   * Without white space at its ends. The CR LF of a fold has become two spaces, so that a position in
   * the value is one in the datagram.
   */
  readonly value: string;
  /** Of the line and of the value, in octets from the beginning of the datagram. */
  readonly offset: number;
  readonly valueOffset: number;
  readonly folded: boolean;
}

/** Where the first CR or LF between `start` and `end` stands that is no part of a CR LF; -1: nowhere. */
export function findBareLineEnd(text: string, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === LF) return at;
    if (code !== CR) continue;
    if (text.charCodeAt(at + 1) !== LF) return at;
    at += 1;
  }
  return -1;
}

/** Cuts `text` from `start` to `end` (after the last header's CR LF) into headers, folds taken together (RFC 3261 §7.3.1). */
export function* headerLines(text: string, start: number, end: number): Generator<HeaderLine> {
  let lineStart = start;
  while (lineStart < end) {
    let lineEnd = text.indexOf("\r\n", lineStart);
    let folded = false;
    while (lineEnd + 2 < end && isSpace(text.charCodeAt(lineEnd + 2))) {
      folded = true;
      lineEnd = text.indexOf("\r\n", lineEnd + 2);
    }
    yield headerLine(text, lineStart, lineEnd, folded);
    lineStart = lineEnd + 2;
  }
}

function headerLine(text: string, start: number, end: number, folded: boolean): HeaderLine {
  let nameEnd = start;
  while (TOKEN[text.charCodeAt(nameEnd)] === 1) nameEnd += 1;
  // RFC 3261 §25.1 (HCOLON): spaces and tabs before the colon belong to neither name nor value.
  let colon = nameEnd;
  while (isSpace(text.charCodeAt(colon))) colon += 1;
  const name = nameEnd > start && text.charCodeAt(colon) === COLON ? text.slice(start, nameEnd) : undefined;

  let valueStart = name === undefined ? start : colon + 1;
  let valueEnd = end;
  while (valueStart < valueEnd && isSpaceOrFold(text.charCodeAt(valueStart))) valueStart += 1;
  while (valueEnd > valueStart && isSpaceOrFold(text.charCodeAt(valueEnd - 1))) valueEnd -= 1;
  const value = text.slice(valueStart, valueEnd);
  return {
    name,
    value: folded ? value.replaceAll("\r\n", "  ") : value,
    offset: start,
    valueOffset: valueStart,
    folded,
  };
}

/** All white space as single spaces: how a folded text reads (RFC 3261 §25.1, LWS). */
export function collapseSpace(value: string): string {
  return value
    .replaceAll("\t", " ")
    .split(" ")
    .filter((word) => word !== "")
    .join(" ");
}

const isSpace = (code: number): boolean => code === SP || code === HTAB;
const isSpaceOrFold = (code: number): boolean => isSpace(code) || code === CR || code === LF;
