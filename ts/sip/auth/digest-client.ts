import { hexToken, type Random } from "../../core/random.js";
import type { AuthParams, SipRequest, SipResponse } from "../message/message.js";
import { answerChallenge, canAnswer } from "./digest.js";

export interface ClientCredentials {
  readonly username: string;
  readonly secret: string;
}

type Kind = "authorization" | "proxy-authorization";

interface Known {
  readonly kind: Kind;
  readonly challenge: AuthParams;
  /** Requests sent with its nonce so far. */
  uses: number;
}

/** Realms remembered; a server and the proxies before it have one each. */
const MOST_REALMS = 4;
/** Challenges that one request answers: each realm once, and again where a nonce was stale. */
const MOST_ANSWERS = 4;

/**
 * Credentials of ours and the challenges that were answered with them (RFC 3261 §22.2 and §22.3, RFC 7616 §3.4):
 * a later request carries an answer at once, with the nonce counted on.
 */
export class DigestClient {
  readonly #credentials: ClientCredentials;
  readonly #random: Random;
  readonly #known = new Map<string, Known>();

  constructor(credentials: ClientCredentials, random: Random) {
    this.#credentials = credentials;
    this.#random = random;
  }

  /** For one request and the repetitions of it that challenges ask for. */
  begin(): DigestExchange {
    return new DigestExchange({
      sign: (request) => this.#sign(request),
      learn: (key, known) => {
        this.#learn(key, known);
      },
    });
  }

  #learn(key: string, known: Known): void {
    this.#known.delete(key);
    if (this.#known.size >= MOST_REALMS) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(key, known);
  }

  #sign(request: SipRequest): SipRequest {
    const answers: Partial<Record<Kind, AuthParams[]>> = {};
    for (const known of this.#known.values()) {
      known.uses += 1;
      const answer = answerChallenge(known.challenge, {
        ...this.#credentials,
        method: request.method,
        uri: request.uri,
        cnonce: hexToken(this.#random, 8),
        nc: known.uses,
      });
      (answers[known.kind] ??= []).push(answer);
    }
    return { ...request, headers: { ...request.headers, ...answers } };
  }
}

interface DigestMemory {
  readonly sign: (request: SipRequest) => SipRequest;
  readonly learn: (key: string, known: Known) => void;
}

/** One request's dealings with whoever challenges it. */
export class DigestExchange {
  readonly #memory: DigestMemory;
  /** Realms whose challenge was answered in this exchange. */
  readonly #answered = new Set<string>();
  #answers = 0;

  constructor(memory: DigestMemory) {
    this.#memory = memory;
  }

  /** The request with all credentials known by now. */
  sign(request: SipRequest): SipRequest {
    return this.#memory.sign(request);
  }

  /**
   * Takes note of a 401 or 407. @returns whether signing anew can help: not where no challenge can be answered, nor
   * where a fresh nonce was answered already and the secret must be wrong.
   */
  challenged(response: SipResponse): boolean {
    const isProxy = response.status === 407;
    const kind: Kind = isProxy ? "proxy-authorization" : "authorization";
    const challenges = response.headers[isProxy ? "proxy-authenticate" : "www-authenticate"] ?? [];
    // The server's own order is its preference (RFC 8760 §2.4).
    const challenge = challenges.find(canAnswer);
    if (challenge === undefined || this.#answers >= MOST_ANSWERS) return false;
    const key = `${kind} ${challenge["realm"] ?? ""}`;
    if (this.#answered.has(key) && challenge["stale"]?.toLowerCase() !== "true") return false;
    this.#answered.add(key);
    this.#answers += 1;
    this.#memory.learn(key, { kind, challenge, uses: 0 });
    return true;
  }
}
