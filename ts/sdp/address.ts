import ipaddr from "ipaddr.js";
import type { Connection, MediaDescription, SessionDescription } from "./session-description.js";

const LONGEST_HOST_NAME = 255;

/** Four numbers up to 255 without leading zeros, each with its dot but for the last. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export const isIpv4 = (text: string): boolean => IPV4.test(text);

/** Without a zone: one names an interface of whoever wrote it, and means nothing elsewhere (RFC 4007 §6). */
export const isIpv6 = (text: string): boolean =>
  text.length <= 45 && text.includes(":") && !text.includes("%") && ipaddr.IPv6.isValid(text);

/** Letters, digits, dots, hyphens (and the underscore some networks use); digits and dots alone are no name. */
function isHostName(text: string): boolean {
  return text.length <= LONGEST_HOST_NAME && /^[A-Za-z0-9_.-]+$/.test(text) && /[A-Za-z_-]/.test(text);
}

/** What may stand in a c= line: a numeric address, also multicast with `/ttl/count` or IPv6 with a zone, or a host name. */
export function isConnectionAddress(text: string): boolean {
  if (text.length > LONGEST_HOST_NAME) return false;
  const slash = text.indexOf("/");
  const address = slash === -1 ? text : text.slice(0, slash);
  if (slash !== -1 && !/^(\/\d{1,5}){1,2}$/.test(text.slice(slash))) return false;
  const zone = address.indexOf("%");
  if (zone !== -1) return isIpv6(address.slice(0, zone)) && /^[A-Za-z0-9_.-]+$/.test(address.slice(zone + 1));
  return isIpv4(address) || isIpv6(address) || (slash === -1 && isHostName(address));
}

/** The connection line that counts for a media section (RFC 8866 §5.7: its own goes before the session's). */
export function connectionOf(session: SessionDescription, media: MediaDescription): Connection | undefined {
  return media.c ?? session.c;
}

/** `0.0.0.0` or `::`: send nothing here, the way of putting on hold before RFC 3264 (§8.4). */
export function isUnspecified(connection: Connection | undefined): boolean {
  if (connection === undefined) return false;
  if (connection.address === "0.0.0.0") return true;
  return isIpv6(connection.address) && /^[0:]+$/.test(connection.address);
}

/** Why media cannot be sent to `connection`; undefined = it is a numeric unicast address. */
export function unusableBecause(connection: Connection): string | undefined {
  const { nettype, address } = connection;
  if (nettype.toUpperCase() !== "IN") return `network type ${nettype} is not the Internet`;
  if (address.includes("/")) return `${address} is multicast`;
  if (address.includes("%")) return `${address} has a zone, which has a meaning only at the far end`;
  if (isIpv4(address)) return /^2(?:2[4-9]|3\d)\./.test(address) ? `${address} is multicast` : undefined;
  if (isIpv6(address)) {
    return ipaddr.parse(address).range() === "multicast" ? `${address} is multicast` : undefined;
  }
  return `${address} is a host name, and names of media addresses are not looked up`;
}

/** The connection line for one of our own numeric addresses. */
export function connectionTo(address: string): Connection {
  return { nettype: "IN", ipver: address.includes(":") ? "IP6" : "IP4", address };
}
