import { seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { equalInConstantTime, sha256 } from "../../core/hash.js";
import { ownCopy } from "../../core/own-copy.js";
import { hexToken, type Random } from "../../core/random.js";
import { NonceCountWindow } from "./nonce-count-window.js";

export const NONCE_LIFE = seconds(300);
export const NONCES_REMEMBERED = 100_000;

const TIME_DIGITS = 12;
const RANDOM_OCTETS = 8;
const UNIQUE_DIGITS = TIME_DIGITS + 2 * RANDOM_OCTETS;
/** What tells for whom it was made; says nothing to whoever doesn't know our secret. */
const SOURCE_DIGITS = 6;
const SIGNED_DIGITS = UNIQUE_DIGITS + SOURCE_DIGITS;
/** 128 bits: 32 of 64 digits. */
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
 * Nonces that carry their own proof: instant of issue (monotonic clock), chance, a mark of the source that asked, and
 * a signature of these under a secret made at start. A challenge so costs no memory; only a nonce that came back
 * with right credentials has a row here, and rows are bounded. A nonce is good from any address, as phones change
 * theirs (NAT, roaming); the mark only tells whose failures are his own (attempts.ts).
 */
export class Nonces {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #life: Millis;
  readonly #remembered: number;
  readonly #secret: string;
  readonly #inUse = new Map<string, InUse>();
  /** A nonce issued up to here without a row may be one that was used and forgotten. */
  #forgottenUpTo = -1;

  constructor(options: NoncesOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#life = options.life ?? NONCE_LIFE;
    this.#remembered = options.remembered ?? NONCES_REMEMBERED;
    this.#secret = hexToken(options.random, 32);
  }

  /** Rows kept. */
  get inUse(): number {
    return this.#inUse.size;
  }

  /** A new nonce for whoever asks from `source`: hexadecimal digits only. */
  issue(source: string): string {
    const instant = Math.floor(this.#clock.now()).toString(16).padStart(TIME_DIGITS, "0");
    const unique = instant + hexToken(this.#random, RANDOM_OCTETS);
    const signed = unique + this.#mark(unique, source);
    return signed + this.#signature(signed);
  }

  /** Whether it bears the mark of this source; the signature is not looked at. */
  isMarked(nonce: string, source: string): boolean {
    return nonce.slice(UNIQUE_DIGITS, SIGNED_DIGITS) === this.#mark(nonce.slice(0, UNIQUE_DIGITS), source);
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
    this.#inUse.set(ownCopy(nonce), { issued, counts });
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

  #mark(unique: string, source: string): string {
    return sha256(`${this.#secret} source ${unique} ${source}`).slice(0, SOURCE_DIGITS);
  }

  /**
   * Half of a hash that begins with the secret: with half of it, and texts of one length only, nobody can go on from
   * it to another text, which is what HMAC is needed against elsewhere. It costs a quarter of that.
   */
  #signature(signed: string): string {
    return sha256(`${this.#secret} nonce ${signed}`).slice(0, SIGNATURE_DIGITS);
  }
}
