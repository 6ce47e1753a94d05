import { withBrackets } from "../message/host.js";
import type { Via } from "../message/message.js";
import type { Flow, Transport } from "../transport/transport.js";
import { sentBy } from "./matching.js";

/** The Via of a request that goes to `flow` (RFC 3261 §18.1.1), with rport (RFC 3581 §3). */
export function ownVia(transport: Transport, flow: Flow, branch: string): Via {
  const { advertised } = transport.listenerFor(flow);
  return {
    version: "2.0",
    protocol: flow.protocol,
    host: withBrackets(advertised.address),
    port: advertised.port,
    params: { branch, rport: null },
  };
}

/** Is it the sent-by of one of our listeners? A response with another one on top is not for us (§18.1.2). */
export function isOwnVia(transport: Transport, via: Via): boolean {
  const seen = sentBy(via);
  return transport.listeners.some(
    ({ advertised }) =>
      `${withBrackets(advertised.address).toLowerCase()}:${String(advertised.port)}` === seen,
  );
}
