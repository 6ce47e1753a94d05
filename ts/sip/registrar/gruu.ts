import { sipAddress } from "../message/sip-address.js";
import type { SipUri } from "../message/uri.js";

/**
 * The URI by which one instance of an AOR can be called from anywhere, for as long as it is registered: the AOR and
 * a `gr` parameter with the instance (RFC 5627 §5.1). Undefined where the instance has no URN.
 * @param instance value of `+sip.instance` as written.
 */
export function publicGruu(domain: string, user: string, instance: string): string | undefined {
  const urn = instanceUrn(instance);
  return urn === undefined ? undefined : `${sipAddress(user, domain)};gr=${urn}`;
}

/** What a Request-URI's `gr` names, where it has one (RFC 5627 §5.2). */
export const gruuInstance = (uri: SipUri): string | undefined => uri.params["gr"] ?? undefined;

/** Whether a binding's `+sip.instance` is the one that `gr` names. URNs of UUIDs are the same in either case (RFC 9562 §4). */
export const isInstance = (instance: string | undefined, gr: string): boolean =>
  instance !== undefined && instanceUrn(instance)?.toLowerCase() === gr.toLowerCase();

/** `"<urn:uuid:…>"` → `urn:uuid:…` (RFC 5626 §4.1), where a URI parameter can hold it as it is (RFC 3261 §25.1). */
function instanceUrn(instance: string): string | undefined {
  return /^"?<(urn:[\w.!~*'()[\]/:&+$-]{1,200})>"?$/i.exec(instance)?.[1];
}
