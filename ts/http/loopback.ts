import ipaddr from "ipaddr.js";

const withoutBrackets = (host: string): string =>
  host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;

/** An address that only this machine reaches: 127.0.0.0/8, ::1, their mapped form, or the name `localhost`. */
export function isLoopback(host: string): boolean {
  const name = withoutBrackets(host);
  if (name.toLowerCase() === "localhost") return true;
  return ipaddr.isValid(name) && ipaddr.process(name).range() === "loopback";
}

/**
 * A name that a foreign web page could have its visitor's browser connect to this machine by: one that the
 * public DNS can hold. Addresses and single labels (`control`, `localhost`) can't be made to point here from
 * outside.
 */
export function isPublicName(host: string): boolean {
  const name = withoutBrackets(host);
  return !ipaddr.isValid(name) && name.includes(".");
}

/** Host part of a `Host` header or of an origin's authority, without the port. */
export function hostOf(authority: string): string {
  return authority.startsWith("[") ? authority.replace(/\]:\d*$/, "]") : authority.replace(/:\d*$/, "");
}
