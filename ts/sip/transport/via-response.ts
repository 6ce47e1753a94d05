import type { SocketAddress } from "../../core/socket-address.js";
import { isIpv4, isIpv6, parsePort, withoutBrackets } from "../message/host.js";
import type { SipRequest, Via } from "../message/message.js";
import type { Flow } from "./transport.js";

/** RFC 3261 §19.1.2, for transports without TLS. */
const DEFAULT_PORT = 5060;

/** Notes on the top Via where `request` really came from, so that the answer finds its way back. */
export function stampReceived(request: SipRequest, from: SocketAddress): void {
  const top = request.headers.via[0];
  if (top !== undefined) stampVia(top, from);
}

/**
 * RFC 3261 §18.2.1: `received` where sent-by is not the source address. RFC 3581 §4: with `rport` both are
 * set always. What the sender wrote into either itself is dropped: it would point answers at a third party.
 */
export function stampVia(via: Via, from: SocketAddress): void {
  delete via.params["received"];
  const asked = via.params["rport"] !== undefined;
  if (asked) via.params["rport"] = String(from.port);
  if (asked || withoutBrackets(via.host) !== from.address.toLowerCase())
    via.params["received"] = from.address;
}

/**
 * Where a response goes whose top Via is `via`, stamped when the request came by `flow` (RFC 3261 §18.2.2,
 * RFC 3581 §4): with `rport` to the source; without it to the source address at the port of sent-by.
 *
 * DEPARTURE RFC 3261 §18.2.2: `maddr` is not followed. It lets a sender aim answers at any address, and only
 * multicast needs it.
 */
export function responseTarget(via: Via, flow: Flow): Flow {
  const address = numericAddress(via.params["received"] ?? via.host) ?? flow.remote.address;
  const rport = via.params["rport"];
  const port =
    rport === undefined
      ? (via.port ?? DEFAULT_PORT)
      : ((rport === null ? undefined : parsePort(rport)) ?? flow.remote.port);
  return { ...flow, remote: { address, port } };
}

function numericAddress(host: string): string | undefined {
  const address = withoutBrackets(host).toLowerCase();
  return isIpv4(address) || isIpv6(address) ? address : undefined;
}
