import ipaddr from "ipaddr.js";
import { hostOf, parseUri } from "../message/uri.js";
import type { Flow } from "../transport/transport.js";

/** What a network gives to its own members alone (RFC 1918, RFC 6598, RFC 4193). */
const INSIDE = new Set(["private", "carrierGradeNat", "uniqueLocal"]);

/**
 * Whether a phone that registered `contact` from `flow` seems to be behind a NAT: it gives another address than it has,
 * a name (as browsers do), or an address of some inside network.
 */
export function isBehindNat(contact: string, flow: Flow): boolean {
  const uri = parseUri(contact);
  if (uri === undefined) return false;
  const host = hostOf(uri);
  if (!ipaddr.isValid(host) || !ipaddr.isValid(flow.remote.address)) return true;
  const said = ipaddr.process(host);
  return INSIDE.has(said.range()) || said.toString() !== ipaddr.process(flow.remote.address).toString();
}
