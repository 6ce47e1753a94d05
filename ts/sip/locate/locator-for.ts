import type { Protocol, Transport } from "../transport/transport.js";
import { Locator, type AddressFamily, type LocatorOptions } from "./locator.js";

/** The order in which we try transports that a domain says nothing about: the one that all have first. */
const PREFERENCE: readonly Protocol[] = ["UDP", "TCP", "TLS", "WS", "WSS"];

/** A locator of servers that this transport can reach, the address family of its first listener preferred. */
export function locatorFor(
  transport: Transport,
  options: Omit<LocatorOptions, "protocols" | "families">,
): Locator {
  const families = transport.listeners.map(({ local }): AddressFamily =>
    local.address.includes(":") ? "IPv6" : "IPv4",
  );
  return new Locator({
    ...options,
    protocols: PREFERENCE.filter((protocol) => transport.connects(protocol)),
    families: [...new Set(families)],
  });
}
