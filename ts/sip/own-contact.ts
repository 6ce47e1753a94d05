import { formatSocketAddress } from "../core/socket-address.js";
import type { NameAddr } from "./message/message.js";
import { sipAddress } from "./message/sip-address.js";
import type { Flow, Protocol, Transport } from "./transport/transport.js";

/** The Contact by which the far end of a flow reaches us (RFC 3261 §8.1.1.8); for UDP the transport needs no word. */
export function ownContact(transport: Transport, user: string, to: Flow): NameAddr {
  const { advertised, protocol } = transport.listenerFor(to);
  const uri = sipAddress(user, formatSocketAddress(advertised));
  const param = TRANSPORT_PARAMS[protocol];
  return { uri: param === undefined ? uri : `${uri};transport=${param}`, params: {} };
}

/** RFC 3261 §19.1.1; RFC 7118 §5.2.3 has one value for both kinds of WebSocket. */
const TRANSPORT_PARAMS: Readonly<Record<Protocol, string | undefined>> = {
  UDP: undefined,
  TCP: "tcp",
  TLS: "tls",
  WS: "ws",
  WSS: "ws",
};
