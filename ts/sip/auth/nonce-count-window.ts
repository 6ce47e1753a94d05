/** How far a request may fall behind the newest one of its nonce and still be told from a replay. */
export const WINDOW_COUNTS = 128;

const ALL = (1n << BigInt(WINDOW_COUNTS)) - 1n;

/**
 * The nonce counts seen with one nonce: each is taken once, in any order within the window, so UDP may reorder
 * requests and a client may begin at any number (RFC 7616 §3.4, `nc`). Of fixed size whatever comes.
 */
export class NonceCountWindow {
  #newest = -1;
  /** Bit n: `newest − n` was seen. */
  #seen = 0n;

  /** Takes `count`; false when it was seen before, or is too old to tell. */
  take(count: number): boolean {
    const ahead = count - this.#newest;
    if (ahead > 0) {
      this.#seen = ahead >= WINDOW_COUNTS ? 1n : ((this.#seen << BigInt(ahead)) | 1n) & ALL;
      this.#newest = count;
      return true;
    }
    if (-ahead >= WINDOW_COUNTS) return false;
    const bit = 1n << BigInt(-ahead);
    if ((this.#seen & bit) !== 0n) return false;
    this.#seen |= bit;
    return true;
  }
}
