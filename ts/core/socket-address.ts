import ipaddr from "ipaddr.js";

/** Where a datagram comes from or goes to. `address` is numeric IPv4 or IPv6, without brackets. */
export interface SocketAddress {
  readonly address: string;
  /** 1–65535; 0 asks the system for a free one where a listener is opened. */
  readonly port: number;
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function formatSocketAddress({ address, port }: SocketAddress): string {
  return address.includes(":") ? `[${address}]:${String(port)}` : `${address}:${String(port)}`;
}

/** Is this a numeric IPv4 or IPv6 address (without brackets), rather than a name to look up? */
export function isNumericAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}
