import { randomFillSync } from "node:crypto";
import type { Random } from "./random.js";

/** Octets drawn at once: a call of the generator costs more than hundreds of octets do. */
const POOL_OCTETS = 4096;

const pool = new Uint8Array(POOL_OCTETS);
let used = POOL_OCTETS;

/** The operating system's cryptographic generator. No octet is given out twice, or kept after it was. */
export const systemRandom: Random = {
  bytes: (count) => {
    if (count > POOL_OCTETS) return randomFillSync(new Uint8Array(count));
    if (used + count > POOL_OCTETS) {
      randomFillSync(pool);
      used = 0;
    }
    const octets = pool.slice(used, used + count);
    pool.fill(0, used, used + count);
    used += count;
    return octets;
  },
};
