import ipaddr from "ipaddr.js";

/** Octets of an IPv6 address that a provider gives to one customer: a /64 is one household or one machine. */
const IPV6_PREFIX_OCTETS = 8;

/** Whom the requests from an address are put down to: the address, of IPv6 its /64. */
export function sourceKey(address: string): string {
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.IPv6.parse(address);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const octets = parsed.toByteArray().slice(0, IPV6_PREFIX_OCTETS);
  return `${octets.map((octet) => octet.toString(16).padStart(2, "0")).join("")}/64`;
}
