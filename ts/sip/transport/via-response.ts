import { ownCopy } from "../../core/own-copy.js";
import type { SocketAddress } from "../../core/socket-address.js";
import { isIpv4, isIpv6, parsePort, withoutBrackets } from "../message/host.js";
import type { SipRequest, Via } from "../message/message.js";
import { DEFAULT_PORTS, type Flow } from "./transport.js";

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

/** Where a response goes. */
export interface ResponsePath {
  readonly to: Flow;
  /** Instead, once the connection that `to` names has ended; absent where there is no other way. */
  readonly otherwise?: Flow;
}

/**
 * Where a response goes whose top Via is `via`, stamped when the request came by `flow` (RFC 3261 §18.2.2): back by
 * the connection, or by a new one to the address it came from at the port of sent-by. Nobody can connect to a
 * browser (RFC 7118 §5).
 *
 * DEPARTURE RFC 3261 §18.2.2: `maddr` is not followed. It lets a sender aim answers at any address, and only
 * multicast needs it.
 */
export function responsePath(via: Via, flow: Flow): ResponsePath {
  switch (flow.protocol) {
    case "UDP":
      return { to: udpPath(via, flow) };
    case "TCP":
    case "TLS":
      return { to: flow, otherwise: anew(via, flow) };
    case "WS":
    case "WSS":
      return { to: flow };
  }
}

function udpPath(via: Via, flow: Flow): Flow {
  const { address, port } = udpTarget(via, flow);
  const isSource = port === flow.remote.port && address === flow.remote.address;
  return isSource ? flow : { ...flow, remote: { address, port } };
}

/** RFC 3581 §4: with `rport` to the source; without it to the source address at the port of sent-by. */
function udpTarget(via: Via, flow: Flow): SocketAddress {
  const rport = via.params["rport"];
  const port =
    rport === undefined
      ? (via.port ?? DEFAULT_PORTS.UDP)
      : ((rport === null ? undefined : parsePort(rport)) ?? flow.remote.port);
  return { address: sourceAddress(via, flow), port };
}

function anew(via: Via, flow: Flow): Flow {
  const { protocol, listener } = flow;
  const port = via.port ?? DEFAULT_PORTS[protocol];
  return {
    protocol,
    remote: { address: sourceAddress(via, flow), port },
    ...(listener === undefined ? {} : { listener }),
  };
}

function sourceAddress(via: Via, { remote: { address } }: Flow): string {
  const named = via.params["received"] ?? via.host;
  return named === address ? address : (numericAddress(named) ?? address);
}

function numericAddress(host: string): string | undefined {
  const address = withoutBrackets(host).toLowerCase();
  return isIpv4(address) || isIpv6(address) ? ownCopy(address) : undefined;
}
