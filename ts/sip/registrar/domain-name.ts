import { isIpv6, withBrackets } from "../message/host.js";

/**
 * The one spelling of a domain: lower case, without a port (some phones put theirs into the realm), IPv6 in
 * brackets as in a URI.
 */
export function domainName(text: string): string {
  const name = text.toLowerCase();
  if (!name.includes(":")) return name;
  return isIpv6(name) ? withBrackets(name) : name.replace(/:\d+$/, "");
}
