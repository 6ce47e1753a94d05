import type { Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { equalInConstantTime } from "../../core/hash.js";
import { hexToken, type Random } from "../../core/random.js";
import { binaryToText, textToBinary } from "../message/binary.js";
import type { AuthParams, SipRequest } from "../message/message.js";
import { equalUri, parseUri } from "../message/uri.js";
import type { Directory } from "../registrar/directory.js";
import { domainName } from "../registrar/domain-name.js";
import { Attempts, type Attempt } from "./attempts.js";
import { readCredentials, type Credentials } from "./credentials.js";
import { DIGEST_HASHES, digestResponse, isDigest, type DigestHashes } from "./digest.js";
import { Nonces } from "./nonces.js";
import { sourceKey } from "./source-key.js";

export type AuthOutcome =
  /** `username` without "@domain"; `domain` in the directory's spelling. */
  | { readonly kind: "accepted"; readonly username: string; readonly domain: string }
  /** To be answered 401 with one WWW-Authenticate per challenge. `stale`: the secret was right, the nonce too old. */
  | { readonly kind: "challenge"; readonly challenges: AuthParams[]; readonly stale: boolean }
  /** To be answered 503 with this Retry-After, in seconds: too many failures, and the secret was not looked at. */
  | { readonly kind: "slowed"; readonly retryAfter: number }
  /** To be answered 400. */
  | { readonly kind: "malformed"; readonly reason: string };

export interface AuthenticatorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: Pick<Directory, "find" | "algorithms">;
  /** Addresses and names of this server that a digest `uri` may carry besides the domain. */
  readonly ownHosts?: readonly string[];
  /** Default 300 s. */
  readonly nonceLife?: Millis;
  /** Default 100,000. */
  readonly noncesRemembered?: number;
  readonly hashes?: DigestHashes;
  /** Whether a user is registered from an address: such a phone is not slowed by others at its address. */
  readonly isAtHome?: (address: string, domain: string, username: string) => boolean;
}

/** Outcomes so far that somebody may want to watch. */
export interface AuthCounts {
  /** Wrong secret, unknown user, or a `uri` of somewhere else. */
  "digest-failed": number;
  /** Right, with a nonce that was too old or a count that was used. */
  "digest-stale": number;
  /** Not looked at, after too many failures. */
  "digest-slowed": number;
}

/**
 * Decides who sent a request, by digest (RFC 3261 §22.4, RFC 7616, RFC 8760). An unknown domain, an unknown user and
 * a wrong secret cost the same work and get the same answer, so names can't be found out.
 */
export class Authenticator {
  readonly #directory: Pick<Directory, "find" | "algorithms">;
  readonly #ownHosts: ReadonlySet<string>;
  readonly #hashes: DigestHashes;
  readonly #nonces: Nonces;
  readonly #attempts: Attempts;
  readonly #counts: AuthCounts = { "digest-failed": 0, "digest-stale": 0, "digest-slowed": 0 };
  /** Stands in for the secret of a user who doesn't exist. */
  readonly #nobodysSecret: string;

  constructor(options: AuthenticatorOptions) {
    const { clock, random, nonceLife, noncesRemembered } = options;
    this.#directory = options.directory;
    this.#ownHosts = new Set((options.ownHosts ?? []).map(domainName));
    this.#hashes = options.hashes ?? DIGEST_HASHES;
    this.#nobodysSecret = hexToken(random, 16);
    const { isAtHome = () => false } = options;
    this.#attempts = new Attempts({
      clock,
      isAtHome: ({ source, domain, username }) => isAtHome(source, domain, username),
    });
    this.#nonces = new Nonces({
      clock,
      random,
      ...(nonceLife === undefined ? {} : { life: nonceLife }),
      ...(noncesRemembered === undefined ? {} : { remembered: noncesRemembered }),
    });
  }

  /** Nonces whose counts are remembered. */
  get noncesInUse(): number {
    return this.#nonces.inUse;
  }

  get counts(): Readonly<AuthCounts> {
    return this.#counts;
  }

  /**
   * @param realm the domain the sender claims; credentials for another realm are not looked at (RFC 3261 §22.1).
   * @param source numeric address it came from.
   */
  check(request: SipRequest, realm: string, source: string): AuthOutcome {
    const domain = domainName(realm);
    const params = request.headers.authorization?.find(
      (candidate) => isDigest(candidate) && isForRealm(candidate, domain),
    );
    if (params === undefined) return this.#challenge(domain, source, "new");
    const credentials = readCredentials(params);
    if (typeof credentials === "string") return { kind: "malformed", reason: credentials };

    const username = withoutDomain(credentials.username, domain);
    const isOwnNonce = this.#nonces.isMarked(credentials.nonce, sourceKey(source));
    const attempt: Attempt = { source, username, domain, isOwnNonce };
    const admission = this.#attempts.admit(attempt);
    switch (admission.kind) {
      case "refuse":
        return this.#slowed(admission.wait);
      case "challenge":
        return this.#challenge(domain, source, "stale");
      case "check":
    }
    if (!this.#isGenuine(credentials, username, domain, request)) {
      this.#counts["digest-failed"] += 1;
      const wait = this.#attempts.failed(attempt);
      return admission.afterFailure === "refuse"
        ? this.#slowed(wait)
        : this.#challenge(domain, source, "new");
    }
    this.#attempts.succeeded(attempt);
    if (!this.#nonces.take(credentials.nonce, Number.parseInt(credentials.nc, 16))) {
      this.#counts["digest-stale"] += 1;
      return this.#challenge(domain, source, "stale");
    }
    return { kind: "accepted", username, domain };
  }

  /** The same work whoever is claimed: three hashes and a comparison. */
  #isGenuine(credentials: Credentials, username: string, domain: string, request: SipRequest): boolean {
    const user = this.#directory.find(domain, username);
    const { algorithm } = credentials;
    const ha1 = user?.ha1?.[algorithm];
    const expected = digestResponse(
      {
        algorithm,
        username: credentials.username,
        realm: credentials.realm,
        secret: user?.secret ?? this.#nobodysSecret,
        ...(ha1 === undefined ? {} : { ha1 }),
        method: request.method,
        uri: credentials.uri,
        nonce: credentials.nonce,
        auth: { cnonce: credentials.cnonce, nc: credentials.nc },
      },
      this.#hashes,
    );
    return (
      equalInConstantTime(expected, credentials.response) &&
      user !== undefined &&
      this.#directory.algorithms(domain).includes(algorithm) &&
      this.#isAddressedHere(textToBinary(credentials.uri), request.uri, domain)
    );
  }

  /** RFC 3261 §21.5.4, in whole seconds, at least one. */
  #slowed(wait: Millis): AuthOutcome {
    this.#counts["digest-slowed"] += 1;
    return { kind: "slowed", retryAfter: Math.max(1, Math.ceil(wait / 1000)) };
  }

  /**
   * One challenge per algorithm, strongest first (RFC 8760 §2.3), with one nonce: whichever is answered uses it up.
   * `stale` stands only where it is true (RFC 7616 §3.3: a false one says no more than none).
   */
  #challenge(domain: string, source: string, why: "new" | "stale"): AuthOutcome {
    const nonce = this.#nonces.issue(sourceKey(source));
    const challenges = this.#directory.algorithms(domain).map((algorithm) => ({
      scheme: "Digest",
      realm: domain,
      nonce,
      qop: "auth",
      algorithm,
      ...(why === "stale" ? { stale: "true" } : {}),
    }));
    return { kind: "challenge", challenges, stale: why === "stale" };
  }

  /**
   * Whether credentials for `digestUri` may be used with a request to `requestUri`. RFC 7616 §3.4.6 leaves it to the
   * server what counts as the same resource: the Request-URI itself, or anything at the same host, the domain or this
   * server, as proxies rewrite the Request-URI and test tools sign the address they send to.
   */
  #isAddressedHere(digestUri: string, requestUri: string, domain: string): boolean {
    if (digestUri === requestUri) return true;
    const signed = parseUri(digestUri);
    if (signed === undefined) return false;
    const requested = parseUri(requestUri);
    if (requested !== undefined && (equalUri(signed, requested) || signed.host === requested.host))
      return true;
    const host = domainName(signed.host);
    return host === domain || this.#ownHosts.has(host);
  }
}

/** Credentials without a realm count as ours: they are malformed, not somebody else's. */
function isForRealm(params: AuthParams, domain: string): boolean {
  const { realm } = params;
  return realm === undefined || domainName(binaryToText(realm)) === domain;
}

/** Some phones send `user@domain` as the username. */
function withoutDomain(username: string, domain: string): string {
  const at = username.lastIndexOf("@");
  return at > 0 && domainName(username.slice(at + 1)) === domain ? username.slice(0, at) : username;
}
