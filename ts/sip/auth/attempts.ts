import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { FailureDelays } from "./failure-delays.js";
import { sourceKey } from "./source-key.js";

/** Who tries to get in as whom. */
export interface Attempt {
  /** Numeric address the request came from. */
  readonly source: string;
  /** As claimed, known here or not. */
  readonly username: string;
  readonly domain: string;
  /** The nonce was given to this very source, so whoever answers it really receives there. */
  readonly isOwnNonce: boolean;
}

export interface AttemptsOptions {
  readonly clock: Clock;
  /** Whether this user is registered from this address: one scanner behind a NAT must not keep its neighbours out. */
  readonly isAtHome: (attempt: Attempt) => boolean;
  readonly rows?: number;
}

/**
 * What is done with an attempt: its secret is looked at; it is looked at, but a wrong one is refused like those that
 * are not; it is refused for so long; it gets a challenge of its own first.
 */
export type Admission =
  | { readonly kind: "check"; readonly afterFailure: "challenge" | "refuse" }
  | { readonly kind: "refuse"; readonly wait: Millis }
  | { readonly kind: "challenge" };

const ROWS = 10_000;

/**
 * Slows guessing down (field practice; RFC 7616 §5.4 names the threat). Each pair of source and user has three wrong
 * attempts, then waits a second, then two, and so on to five minutes. A source that fails as more than twenty
 * users waits as well, but for its registered phones. A user is never kept out from where nobody failed as him.
 *
 * The source of a datagram can be forged, and whoever forges it can't see what we send there. So a failure counts
 * against a source only when the nonce was given to that source; other failures are counted apart, and only lead to a
 * new challenge, which the real owner of the address receives.
 */
export class Attempts {
  readonly #isAtHome: (attempt: Attempt) => boolean;
  readonly #pairs: FailureDelays;
  readonly #strangePairs: FailureDelays;
  readonly #sources: FailureDelays;

  constructor({ clock, isAtHome, rows = ROWS }: AttemptsOptions) {
    const perPair = { clock, free: 3, first: seconds(1), longest: seconds(300), rows };
    this.#isAtHome = isAtHome;
    this.#pairs = new FailureDelays(perPair);
    this.#strangePairs = new FailureDelays(perPair);
    this.#sources = new FailureDelays({ clock, free: 20, first: seconds(1), longest: seconds(60), rows });
  }

  /** Rows kept. */
  get size(): number {
    return this.#pairs.size + this.#strangePairs.size + this.#sources.size;
  }

  admit(attempt: Attempt): Admission {
    if (this.size === 0) return { kind: "check", afterFailure: "challenge" };
    if (!attempt.isOwnNonce) {
      const isSlowed = this.#strangePairs.wait(pairKey(attempt)) > 0;
      return isSlowed ? { kind: "challenge" } : { kind: "check", afterFailure: "challenge" };
    }
    const wait = this.#pairs.wait(pairKey(attempt));
    if (wait > 0) return { kind: "refuse", wait };
    const waitOfSource = this.#sources.wait(sourceKey(attempt.source));
    if (waitOfSource === 0) return { kind: "check", afterFailure: "challenge" };
    return this.#isAtHome(attempt)
      ? { kind: "check", afterFailure: "refuse" }
      : { kind: "refuse", wait: waitOfSource };
  }

  /** @returns what the source now has to wait: told where a failure is refused. */
  failed(attempt: Attempt): Millis {
    if (!attempt.isOwnNonce) {
      this.#strangePairs.failed(pairKey(attempt));
      return ms(0);
    }
    const source = sourceKey(attempt.source);
    if (this.#pairs.failed(pairKey(attempt))) this.#sources.failed(source);
    return this.#sources.wait(source);
  }

  succeeded(attempt: Attempt): void {
    if (this.size === 0) return;
    (attempt.isOwnNonce ? this.#pairs : this.#strangePairs).forget(pairKey(attempt));
  }
}

const pairKey = ({ source, username, domain }: Attempt): string =>
  `${sourceKey(source)} ${domain} ${username}`;
