const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Whether arrays and objects of this JSON text (UTF-8) are nested deeper than `limit`. Reads it once. */
export function isDeeperThan(limit: number, text: Uint8Array): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const octet = text[at];
    if (isInString) {
      if (octet === BACKSLASH) at += 1;
      else if (octet === QUOTE) isInString = false;
    } else if (octet === QUOTE) {
      isInString = true;
    } else if (octet === OPEN_ARRAY || octet === OPEN_OBJECT) {
      depth += 1;
      if (depth > limit) return true;
    } else if (octet === CLOSE_ARRAY || octet === CLOSE_OBJECT) {
      depth -= 1;
    }
  }
  return false;
}
