import { formatSocketAddress } from "../core/socket-address.js";
import { isSecure } from "./locate/next-hop.js";
import type { NameAddr } from "./message/message.js";
import { sipAddress } from "./message/sip-address.js";
import type { Flow, Listener, Protocol, Transport } from "./transport/transport.js";

/**
 * The Contact by which the far end of a flow reaches us (RFC 3261 §8.1.1.8); for UDP the transport needs no word.
 * @param scheme that the call asks for.
 */
export function ownContact(
  transport: Transport,
  user: string,
  to: Flow,
  scheme: "sip" | "sips" = "sip",
): NameAddr {
  const usual = transport.listenerFor(to);
  const secure = scheme === "sips" ? secureListener(transport.listeners, usual) : undefined;
  const { advertised, protocol } = secure ?? usual;
  const uri = sipAddress(user, formatSocketAddress(advertised));
  // DEPARTURE RFC 3261 §12.1.1: where we listen for no TLS, the Contact stays a sip URI; whoever called by sips has come
  // through a proxy that ends TLS for us, and by a sips URI nobody could reach us.
  if (secure !== undefined)
    return { uri: `${uri.replace(/^sip:/, "sips:")}${SIPS_PARAMS[protocol] ?? ""}`, params: {} };
  const param = TRANSPORT_PARAMS[protocol];
  return { uri: param === undefined ? uri : `${uri};transport=${param}`, params: {} };
}

/** The usual one where that is secure, else one of its address family that is. */
function secureListener(listeners: readonly Listener[], usual: Listener): Listener | undefined {
  if (isSecure(usual.protocol)) return usual;
  const isIpv6 = ({ local }: Listener): boolean => local.address.includes(":");
  const others = listeners.filter((one) => isIpv6(one) === isIpv6(usual));
  return ["TLS", "WSS"].map((wanted) => others.find(({ protocol }) => protocol === wanted)).find(Boolean);
}

/** RFC 3261 §19.1.1; RFC 7118 §5.2.3 has one value for both kinds of WebSocket. */
const TRANSPORT_PARAMS: Readonly<Record<Protocol, string | undefined>> = {
  UDP: undefined,
  TCP: "tcp",
  TLS: "tls",
  WS: "ws",
  WSS: "ws",
};

/** With sips, TLS goes without saying (RFC 3261 §26.2.2 has no `tls` there). */
const SIPS_PARAMS: Readonly<Partial<Record<Protocol, string>>> = { WSS: ";transport=ws" };
