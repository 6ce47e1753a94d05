import { seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { equalInConstantTime, hmacSha256 } from "../../core/hash.js";
import { hexToken, type Random } from "../../core/random.js";
import { NonceCountWindow } from "./nonce-count-window.js";

export const NONCE_LIFE = seconds(300);
export const NONCES_REMEMBERED = 10_000;

const TIME_DIGITS = 12;
const RANDOM_OCTETS = 8;
const SIGNED_DIGITS = TIME_DIGITS + 2 * RANDOM_OCTETS;
/** 128 bits of the HMAC: 32 of 64 digits. */
const SIGNATURE_DIGITS = 32;

export interface NoncesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly life?: Millis;
  /** Nonces in use that are remembered for their counts; the one first used is forgotten for a new one. */
  readonly remembered?: number;
}

interface InUse {
  readonly issued: number;
  readonly counts: NonceCountWindow;
}

/**
 * Nonces that carry their own proof: instant of issue (monotonic clock), chance, and an HMAC of both under a
 * secret made at start. A challenge so costs no memory; only a nonce that came back with right credentials has a
 * row here, and rows are bounded. Nothing ties a nonce to an address: phones change theirs (NAT, roaming).
 */
export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #life: Millis;
  readonly #remembered: number;
  readonly #secret: Uint8Array;
  readonly #inUse = new Map<string, InUse>();
  /** A nonce issued up to here without a row may be one that was used and forgotten. */
  #forgottenUpTo = -1;

  constructor(options: NoncesOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#life = options.life ?? NONCE_LIFE;
    this.#remembered = options.remembered ?? NONCES_REMEMBERED;
    this.#secret = options.random.bytes(32);
  }

  /** Rows kept. */
  get inUse(): number {
    return this.#inUse.size;
  }

  /** A new nonce: hexadecimal digits only. */
  issue(): string {
    const instant = Math.floor(this.#clock.now()).toString(16).padStart(TIME_DIGITS, "0");
    const signed = instant + hexToken(this.#random, RANDOM_OCTETS);
    return signed + this.#signature(signed);
  }

  /**
   * Takes `count` of `nonce`, both from credentials that were found right: anyone else could use up a phone's
   * counts. False: the client has to come again with a new nonce, as this one is not of this start, too old,
   * forgotten, or its count was used before.
   */
  take(nonce: string, count: number): boolean {
    const signed = nonce.slice(0, SIGNED_DIGITS);
    if (!equalInConstantTime(nonce.slice(SIGNED_DIGITS), this.#signature(signed))) return false;
    const issued = Number.parseInt(signed.slice(0, TIME_DIGITS), 16);
    if (this.#isExpired(issued)) return false;
    const known = this.#inUse.get(nonce);
    if (known !== undefined) return known.counts.take(count);
    if (issued <= this.#forgottenUpTo) return false;
    this.#makeRoom();
    const counts = new NonceCountWindow();
    this.#inUse.set(nonce, { issued, counts });
    return counts.take(count);
  }

  #isExpired(issued: number): boolean {
    return this.#clock.now() - issued > this.#life;
  }

  #makeRoom(): void {
    for (const [nonce, { issued }] of this.#inUse) {
      if (this.#isExpired(issued)) {
        this.#inUse.delete(nonce);
      } else if (this.#inUse.size >= this.#remembered) {
        this.#inUse.delete(nonce);
        this.#forgottenUpTo = Math.max(this.#forgottenUpTo, issued);
      } else {
        return;
      }
    }
  }

  #signature(signed: string): string {
    return hmacSha256(this.#secret, signed).slice(0, SIGNATURE_DIGITS);
  }
}
