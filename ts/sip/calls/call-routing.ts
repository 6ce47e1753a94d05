import type { InviteTarget } from "../dialog/uac-invite.js";
import type { Gateway } from "../gateway/gateway.js";
import type { SipUri } from "../message/uri.js";
import { gatewayTarget, targetsOf, type OutboundSources } from "../outbound-targets.js";
import type { Flow } from "../transport/transport.js";

/** Whom a call is for. */
export interface Destination {
  readonly user: string;
  readonly domain: string;
  /** One phone of the user (RFC 5627). */
  readonly gr?: string | undefined;
  /** By which it goes out, in place of what `domain` says. */
  readonly gateway?: Gateway | undefined;
}

/** Where calls go. */
export class CallRouting {
  readonly #sources: OutboundSources;
  /** Ends what waits for lookups. */
  readonly #closing = new AbortController();

  constructor(sources: OutboundSources) {
    this.#sources = sources;
  }

  /** Rejects {MediaswitchError} USER_UNKNOWN, USER_NOT_REGISTERED, DESTINATION_UNREACHABLE, ABORTED. */
  async targets(
    { gateway, user, domain, gr }: Destination,
    signal?: AbortSignal,
  ): Promise<readonly InviteTarget[]> {
    const closing = this.#closing.signal;
    const until = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    if (gateway !== undefined) return [await gatewayTarget(this.#sources.locator, gateway, user, until)];
    return targetsOf(this.#sources, { user, domain, gr }, until);
  }

  /** Where a URI leads (RFC 3263 §4). Rejects {MediaswitchError} DESTINATION_UNREACHABLE. */
  flows(uri: SipUri): Promise<readonly Flow[]> {
    return this.#sources.locator.all(uri, this.#closing.signal);
  }

  close(): void {
    this.#closing.abort();
  }
}
