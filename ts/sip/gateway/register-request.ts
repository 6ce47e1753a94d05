import type { NameAddr, SipRequest } from "../message/message.js";

export interface RegisterFacts {
  /** Of the registrar: a domain, no user (RFC 3261 §10.2). */
  readonly registrar: string;
  /** The AOR that is registered. */
  readonly aor: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly seq: number;
  /** Seconds; 0 takes the binding away. */
  readonly expires: number;
  /** Outbound proxies. */
  readonly route: readonly NameAddr[];
  readonly userAgent: string;
}

/** REGISTER (RFC 3261 §10.2) without its Contact; the transaction layer puts the Via on top. */
export function registerRequest(facts: RegisterFacts): SipRequest {
  const { aor, seq, expires, route } = facts;
  return {
    kind: "request",
    method: "REGISTER",
    uri: facts.registrar,
    version: "2.0",
    headers: {
      via: [],
      "max-forwards": 70,
      from: { uri: aor, params: { tag: facts.fromTag } },
      to: { uri: aor, params: {} },
      "call-id": facts.callId,
      cseq: { seq, method: "REGISTER" },
      expires,
      // RFC 3327 §5.1: we understand what Path in the answer means.
      supported: ["path"],
      "user-agent": facts.userAgent,
      ...(route.length === 0 ? {} : { route: [...route] }),
    },
    other: {},
    content: "",
  };
}
