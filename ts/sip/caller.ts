import type { Authenticator } from "./auth/authenticator.js";
import { binaryToText } from "./message/binary.js";
import type { SipRequest } from "./message/message.js";
import { parseUri } from "./message/uri.js";
import type { RequestRefusal } from "./request-checks.js";
import type { Flow } from "./transport/transport.js";

/** Whom a request outside a dialog comes from. */
export interface Caller {
  readonly username: string;
  readonly domain: string;
  /** Its source is believed without digest. */
  readonly trusted?: true;
  /** Name of the gateway it comes from, where that is why it is believed … */
  readonly gateway?: string;
  /** … and the domain of ours that it is for, where that is set. */
  readonly serves?: string;
}

export type Identified =
  | { readonly kind: "known"; readonly caller: Caller }
  | { readonly kind: "refused"; readonly refusal: RequestRefusal };

export interface CallerChecks {
  readonly authenticator: Authenticator;
  /** Sources that are believed without digest. */
  readonly trusted: (address: string) => boolean;
  /** Realm of a challenge to whoever names no domain. */
  readonly ownHost: string;
}

/**
 * Who sends this? A trusted source is whom it says; anybody else shows it by digest, in the realm of the domain that
 * is claimed: To of a REGISTER (RFC 3261 §10.2), From of all others.
 */
export function identify(request: SipRequest, flow: Flow, checks: CallerChecks): Identified {
  const { to, from } = request.headers;
  const claimed = parseUri(request.method === "REGISTER" ? to.uri : from.uri);
  if (checks.trusted(flow.remote.address)) {
    const [username, domain] = [binaryToText(claimed?.user ?? ""), claimed?.host ?? ""];
    return { kind: "known", caller: { username, domain, trusted: true } };
  }
  const outcome = checks.authenticator.check(request, claimed?.host ?? checks.ownHost, flow.remote.address);
  switch (outcome.kind) {
    case "accepted":
      return { kind: "known", caller: { username: outcome.username, domain: outcome.domain } };
    case "challenge":
      return {
        kind: "refused",
        refusal: { status: 401, headers: { "www-authenticate": outcome.challenges } },
      };
    case "slowed":
      return { kind: "refused", refusal: { status: 503, headers: { "retry-after": outcome.retryAfter } } };
    case "malformed":
      return { kind: "refused", refusal: { status: 400, reason: outcome.reason } };
  }
}
