const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;

const NAME = "content-length";
const COMPACT_NAME = "l";

/** Larger than any message that is taken, small enough to count with. */
const MOST_DIGITS = 9;

/**
 * Content-Length of a header section, without a look at anything else in it (RFC 3261 §20.14, compact form `l`): NaN if
 * it is malformed or said twice with two values, undefined if it is not there.
 * @param end after the CR LF of the last header.
 */
export function findContentLength(octets: Uint8Array, start: number, end: number): number | undefined {
  let found: number | undefined;
  for (let line = start; line < end; line = nextLine(octets, line, end)) {
    const value = valueStart(octets, line, end);
    if (value === undefined) continue;
    const length = readLength(octets, value, nextLine(octets, line, end));
    if (found !== undefined && found !== length) return Number.NaN;
    found = length;
  }
  return found;
}

/** Where the next header line begins, folds being part of the one before (RFC 3261 §7.3.1). */
function nextLine(octets: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    if (octets[at] === LF && !isSpace(octets[at + 1])) return at + 1;
  }
  return end;
}

/** After the colon, if this is the header. */
function valueStart(octets: Uint8Array, line: number, end: number): number | undefined {
  for (const name of [NAME, COMPACT_NAME]) {
    let at = line;
    while (at - line < name.length && lowerCase(octets[at]) === name.charCodeAt(at - line)) at += 1;
    if (at - line < name.length) continue;
    while (at < end && isSpace(octets[at])) at += 1;
    if (octets[at] === COLON) return at + 1;
  }
  return undefined;
}

function readLength(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  const skipSpace = (): void => {
    while (at < end && (isSpace(octets[at]) || octets[at] === CR || octets[at] === LF)) at += 1;
  };
  skipSpace();
  let value = 0;
  const digits = at;
  for (let digit = octets[at]; at < end && digit !== undefined && isDigit(digit); digit = octets[at]) {
    if (at - digits >= MOST_DIGITS) return Number.NaN;
    value = value * 10 + digit - ZERO;
    at += 1;
  }
  if (at === digits) return Number.NaN;
  skipSpace();
  return at === end ? value : Number.NaN;
}

const isSpace = (octet: number | undefined): boolean => octet === SPACE || octet === TAB;
const isDigit = (octet: number): boolean => octet >= ZERO && octet <= NINE;
const lowerCase = (octet: number | undefined): number =>
  octet !== undefined && octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : (octet ?? 0);
