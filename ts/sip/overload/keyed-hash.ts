import type { Random } from "../../core/random.js";

/**
 * Makes a number of a text that names it in a table: a long text, or one cut out of a message, would keep all of that
 * in memory. Two texts may have the same number, but nobody outside can find two: the start values are secret.
 */
export function keyedHash(random: Random): (text: string) => number {
  const [high, low] = new Uint32Array(random.bytes(8).slice().buffer);
  return (text) => fnv(high ?? 0, text) * 2 ** 21 + (fnv(low ?? 0, text) >>> 11);
}

/** FNV-1a with another start. */
function fnv(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
