import { MediaswitchError } from "../../core/errors.js";
import { isNumericAddress } from "../../core/socket-address.js";
import { withoutBrackets } from "../message/host.js";
import type { NameAddr } from "../message/message.js";
import { parseUri, type SipUri } from "../message/uri.js";
import type { Protocol } from "../transport/transport.js";

/** Where a URI leads, before anything is looked up. */
export interface NextHop {
  /** TARGET of RFC 3263 §4: `maddr` where there is one, else the host; lower case, no brackets, no dot at the end. */
  readonly host: string;
  readonly isNumeric: boolean;
  readonly port?: number;
  /** Where the URI names one. */
  readonly protocol?: Protocol;
  /** sips: nothing but TLS will do. */
  readonly isSecure: boolean;
  /** Whom a certificate must name (RFC 5922 §7.1): the host, whatever `maddr`, NAPTR and SRV say. */
  readonly certifiedName: string;
}

/** Transport parameter → protocol, of `sip:` and of `sips:` (RFC 3261 §26.2.2, RFC 7118 §5.3). */
const PROTOCOLS: ReadonlyMap<string, { readonly sip: Protocol; readonly sips?: Protocol }> = new Map([
  ["udp", { sip: "UDP" }],
  ["tcp", { sip: "TCP", sips: "TLS" }],
  ["tls", { sip: "TLS", sips: "TLS" }],
  ["ws", { sip: "WS", sips: "WSS" }],
  ["wss", { sip: "WSS", sips: "WSS" }],
]);

const PORTS: Readonly<Record<Protocol, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };

export const defaultPort = (protocol: Protocol): number => PORTS[protocol];

export const isSecure = (protocol: Protocol): boolean => protocol === "TLS" || protocol === "WSS";

/** @throws {MediaswitchError} DESTINATION_UNREACHABLE where the transport it asks for does not exist or is not safe enough. */
export function nextHop(uri: SipUri): NextHop {
  const host = withoutBrackets(uri.params["maddr"]?.toLowerCase() ?? uri.host).replace(/\.$/, "");
  const certifiedName = withoutBrackets(uri.host).replace(/\.$/, "");
  const { port } = uri;
  const transport = uri.params["transport"]?.toLowerCase();
  const protocol = transport === undefined ? undefined : PROTOCOLS.get(transport)?.[uri.scheme];
  if (transport !== undefined && protocol === undefined) {
    throw unreachable(`${uri.scheme} by transport ${transport} is not possible`);
  }
  if (port === 0) throw unreachable("port 0 can't be reached");
  return {
    host,
    isNumeric: isNumericAddress(host),
    ...(port === undefined ? {} : { port }),
    ...(protocol === undefined ? {} : { protocol }),
    isSecure: uri.scheme === "sips",
    certifiedName,
  };
}

/**
 * Whose URI decides where a request goes (RFC 3261 §8.1.2): the first Route's where that is a loose router, else the
 * Request-URI, which for a strict router is the router's own.
 * @throws {MediaswitchError} DESTINATION_UNREACHABLE where it is no SIP URI.
 */
export function routedUri({
  uri,
  route,
}: {
  readonly uri: string;
  readonly route: readonly NameAddr[];
}): SipUri {
  const first = route[0] === undefined ? undefined : parseUri(route[0].uri);
  const routed = first !== undefined && "lr" in first.params ? first : parseUri(uri);
  if (routed === undefined) throw unreachable(`${uri} is no SIP URI`);
  return routed;
}

export const unreachable = (why: string): MediaswitchError =>
  new MediaswitchError("DESTINATION_UNREACHABLE", why);
