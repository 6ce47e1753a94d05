import type { Protocol } from "../transport/transport.js";
import type { NaptrRecord } from "./dns.js";

/** NAPTR service → transport (RFC 3263 §4.1, RFC 7118 §8 for WebSocket). TLS runs over TCP: SIPS+D2T. */
const SERVICES: ReadonlyMap<string, Protocol> = new Map([
  ["SIP+D2U", "UDP"],
  ["SIP+D2T", "TCP"],
  ["SIPS+D2T", "TLS"],
  ["SIP+D2W", "WS"],
  ["SIPS+D2W", "WSS"],
]);

/** What a domain says of itself in NAPTR. */
export type SipServices =
  /** Nothing about SIP. */
  | { readonly kind: "unsaid" }
  /** In the order of its preference, as far as we can; none where it wants only what we can't. */
  | {
      readonly kind: "said";
      readonly services: readonly { readonly protocol: Protocol; readonly srv: string }[];
    };

/**
 * RFC 3263 §4.1: transports that both sides have, as the domain prefers them. An order that we can use ends the search
 * (RFC 3403 §4.1): higher ones are not looked at.
 */
export function sipServices(
  records: readonly NaptrRecord[],
  isUsable: (protocol: Protocol) => boolean,
): SipServices {
  const about = records.filter(({ service }) => /^sips?\+d2/i.test(service));
  if (about.length === 0) return { kind: "unsaid" };
  const usable = about
    .flatMap((record) => {
      const protocol = SERVICES.get(record.service.toUpperCase());
      // "s": the replacement is the name of SRV records, and there is no expression.
      const isPlain =
        record.flags.toLowerCase() === "s" && record.regexp === "" && isName(record.replacement);
      return protocol !== undefined && isPlain && isUsable(protocol) ? [{ ...record, protocol }] : [];
    })
    .sort((a, b) => a.order - b.order || a.preference - b.preference);
  const first = usable[0]?.order;
  return {
    kind: "said",
    services: usable
      .filter(({ order }) => order === first)
      .map(({ protocol, replacement }) => ({ protocol, srv: replacement })),
  };
}

const isName = (text: string): boolean => text !== "" && text !== ".";
