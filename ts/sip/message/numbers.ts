import { DIGIT, TOKEN, ZERO } from "./characters.js";
import type { Cursor } from "./cursor.js";
import type { CSeq, RAck } from "./message.js";
import type { RefusalReason } from "./refusal-reasons.js";

/** Any number of digits; a value too large for exactness is still larger than every bound here. */
export function readNumber(cursor: Cursor): number | undefined {
  const { octets, end, position: start } = cursor;
  let at = start;
  let value = 0;
  for (; at < end; at += 1) {
    const code = octets[at] ?? 0;
    if (DIGIT[code] !== 1) break;
    value = value * 10 + code - ZERO;
  }
  if (at === start) {
    cursor.fail("value-malformed");
    return undefined;
  }
  cursor.position = at;
  return value;
}

/** A number from `lowest` to `highest`. */
export function readWithin(
  cursor: Cursor,
  lowest: number,
  highest: number,
  reason: RefusalReason = "number-out-of-range",
): number | undefined {
  const start = cursor.position;
  const value = readNumber(cursor);
  if (value === undefined || (value >= lowest && value <= highest)) return value;
  cursor.fail(reason, start);
  return undefined;
}

/** RFC 3261 §8.1.1.5: the number is below 2^31; the method keeps its case and its escapes. */
export function readCSeq(cursor: Cursor): CSeq | undefined {
  const seq = readWithin(cursor, 0, 2 ** 31 - 1);
  if (seq === undefined || !cursor.expectSpace()) return undefined;
  const method = cursor.some(TOKEN, "value-malformed");
  return method === undefined ? undefined : { seq, method };
}

/** RFC 3262 §7.1. */
export function readRSeq(cursor: Cursor): number | undefined {
  return readWithin(cursor, 1, 2 ** 32 - 1);
}

/** RFC 3262 §7.2. */
export function readRAck(cursor: Cursor): RAck | undefined {
  const rseq = readRSeq(cursor);
  if (rseq === undefined || !cursor.expectSpace()) return undefined;
  const cseq = readCSeq(cursor);
  return cseq === undefined ? undefined : { rseq, ...cseq };
}
