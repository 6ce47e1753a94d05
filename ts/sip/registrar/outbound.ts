import type { SipRequest } from "../message/message.js";
import { parseUri } from "../message/uri.js";
import type { Flow } from "../transport/transport.js";

/** Extensions that a REGISTER may require of us, and that we tell of (RFC 3327, RFC 5626, RFC 5627). */
export const REGISTER_EXTENSIONS: readonly string[] = ["path", "outbound", "gruu"];

export const supports = ({ headers }: SipRequest, extension: string): boolean =>
  [...(headers.supported ?? []), ...(headers.require ?? [])].some((tag) => tag.toLowerCase() === extension);

/**
 * Whether the flows of this REGISTER are to be kept beside each other, by instance and reg-id (RFC 5626 §6). Between the
 * phone and us has to be something that keeps the flow open and can send along it: the connection itself, or an edge
 * proxy that says so by `ob` in its Path. A phone that came by a proxy without is told 439. Straight over UDP we
 * would have to answer STUN, which we don't: that phone registers as if we knew nothing of outbound.
 */
export function outboundUse(request: SipRequest, flow: Flow): "used" | "unused" | "first hop lacks it" {
  const { contact, path, via } = request.headers;
  const asks =
    contact !== "*" &&
    (contact ?? []).some(({ params }) => readRegId(params["reg-id"]) !== undefined && hasInstance(params));
  if (!asks || !supports(request, "outbound")) return "unused";
  // The one nearest to the phone stands last: each proxy puts its own in front (RFC 3327 §5.2).
  const edge = path?.at(-1);
  if (edge !== undefined) {
    const uri = parseUri(edge.uri);
    return uri !== undefined && Object.hasOwn(uri.params, "ob") ? "used" : "first hop lacks it";
  }
  if (via.length > 1) return "first hop lacks it";
  return flow.connection === undefined ? "unused" : "used";
}

const hasInstance = (params: Readonly<Record<string, string | null>>): boolean =>
  typeof params["+sip.instance"] === "string";

/** RFC 5626 §4.2: 1 to 2^31 − 1; anything else is no reg-id. */
export function readRegId(value: string | null | undefined): number | undefined {
  if (typeof value !== "string" || !/^[0-9]{1,10}$/.test(value)) return undefined;
  const number = Number(value);
  return number >= 1 && number < 2 ** 31 ? number : undefined;
}
