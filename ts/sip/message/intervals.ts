import { BACKSLASH, characterSet, LEFT_PARENTHESIS, RIGHT_PARENTHESIS } from "./characters.js";
import type { Cursor } from "./cursor.js";
import type { ParseLimits } from "./limits.js";
import type { Params, SessionExpires } from "./message.js";
import { readNumber } from "./numbers.js";
import { readParams } from "./params.js";

/**
 * RFC 3261 §25.1 (delta-seconds) has no bound; RFC 4475 §3.1.2.4 lets too large a time count as the largest.
 */
export const LONGEST = 2 ** 32 - 1;

/** RFC 4028 §4. Parameters that the RFC does not name are not kept. */
export function readSessionExpires(cursor: Cursor, limits: ParseLimits): SessionExpires | undefined {
  const read = readInterval(cursor, limits);
  if (read === undefined) return undefined;
  const { seconds: delta, params } = read;
  const written = params["refresher"];
  if (written === undefined) return { delta };
  const refresher = written?.toLowerCase();
  if (refresher === "uac" || refresher === "uas") return { delta, refresher };
  cursor.fail("param-malformed");
  return undefined;
}

/** RFC 4028 §5: seconds; its parameters mean nothing yet. */
export function readMinSe(cursor: Cursor, limits: ParseLimits): number | undefined {
  return readInterval(cursor, limits)?.seconds;
}

/** RFC 3261 §20.33: seconds, then perhaps a comment and parameters. */
export function readRetryAfter(cursor: Cursor, limits: ParseLimits): number | undefined {
  const seconds = readNumber(cursor);
  if (seconds === undefined) return undefined;
  cursor.skipSpace();
  if (cursor.peek() === LEFT_PARENTHESIS && !skipComment(cursor)) return undefined;
  readParams(cursor, limits);
  return cursor.failure === undefined ? Math.min(seconds, LONGEST) : undefined;
}

function readInterval(cursor: Cursor, limits: ParseLimits): { seconds: number; params: Params } | undefined {
  const seconds = readNumber(cursor);
  if (seconds === undefined) return undefined;
  const params = readParams(cursor, limits);
  return cursor.failure === undefined ? { seconds: Math.min(seconds, LONGEST), params } : undefined;
}

/** Everything but the characters that structure a comment. */
const CTEXT = characterSet("()\\").map((structures) => 1 - structures);

/** Comments stand inside each other (RFC 3261 §25.1); a backslash takes the meaning from what follows it. */
function skipComment(cursor: Cursor): boolean {
  const start = cursor.position;
  let depth = 0;
  do {
    cursor.skip(CTEXT);
    if (cursor.take(LEFT_PARENTHESIS)) depth += 1;
    else if (cursor.take(RIGHT_PARENTHESIS)) depth -= 1;
    else if (cursor.take(BACKSLASH) && !cursor.atEnd) cursor.position += 1;
    else {
      cursor.fail("quote-unbalanced", start);
      return false;
    }
  } while (depth > 0);
  return true;
}
