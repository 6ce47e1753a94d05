import { hexToken, type Random } from "../../core/random.js";
import type { NameAddr, SipRequest } from "../message/message.js";
import { sipAddress } from "../message/sip-address.js";
import type { TransactionLayer } from "../transaction/transaction.js";
import type { Binding } from "./bindings.js";
import type { Ping } from "./registrar-options.js";

const MAX_FORWARDS = 70;

export interface OptionsPingOptions {
  readonly layer: Pick<TransactionLayer, "request">;
  readonly random: Random;
  /** How we are reached as this user. */
  readonly contact: (user: string) => NameAddr;
  /** User-Agent. */
  readonly userAgent: string;
}

/**
 * Asks phones by OPTIONS (RFC 3261 §11), along the flow they registered by, which keeps a NAT's binding open as well. Any
 * final answer is a sign of life, whatever it says.
 */
export function optionsPing(options: OptionsPingOptions): Ping {
  const { layer } = options;
  return (binding, answered) => {
    layer.request(optionsRequest(binding, options), binding.flow, {
      response: ({ status }) => {
        if (status >= 200) answered(true);
      },
      failed: () => {
        answered(false);
      },
    });
  };
}

function optionsRequest(
  { domain, user, contact: uri, path }: Binding,
  { random, contact, userAgent }: OptionsPingOptions,
): SipRequest {
  return {
    kind: "request",
    version: "2.0",
    method: "OPTIONS",
    uri,
    headers: {
      via: [],
      "max-forwards": MAX_FORWARDS,
      ...(path === undefined || path.length === 0 ? {} : { route: [...path] }),
      from: { uri: `sip:${domain}`, params: { tag: hexToken(random, 8) } },
      to: { uri: sipAddress(user, domain), params: {} },
      "call-id": hexToken(random, 16),
      cseq: { seq: 1, method: "OPTIONS" },
      contact: [contact(user)],
      "user-agent": userAgent,
    },
    other: { Accept: "application/sdp" },
    content: "",
  };
}
