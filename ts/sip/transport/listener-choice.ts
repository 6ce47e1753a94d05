import { formatSocketAddress, type SocketAddress } from "../../core/socket-address.js";
import type { Flow, Listener, Protocol } from "./transport.js";

export const listenerName = (protocol: Protocol, local: SocketAddress): string =>
  `${protocol.toLowerCase()}:${formatSocketAddress(local)}`;

const isIpv6 = (address: string): boolean => address.includes(":");

/** The listener by which the peer of `flow` can reach us; see `Transport.listenerFor`. */
export function chooseListener(listeners: readonly [Listener, ...Listener[]], flow: Flow): Listener {
  const named = flow.listener === undefined ? undefined : byName(listeners, flow.listener);
  if (named !== undefined) return named;
  const isSameFamily = ({ local }: Listener): boolean =>
    isIpv6(local.address) === isIpv6(flow.remote.address);
  return (
    listeners.find((one) => one.protocol === flow.protocol && isSameFamily(one)) ??
    listeners.find(isSameFamily) ??
    listeners[0]
  );
}

const byName = (listeners: readonly Listener[], name: string): Listener | undefined =>
  listeners.find((one) => one.name === name);
