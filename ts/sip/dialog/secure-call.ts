/** Whether our Contact in a call has to be a sips URI, so that nothing of it goes unencrypted. */
import type { Headers, NameAddr } from "../message/message.js";

const isSips = (uri: string | undefined): boolean => /^sips:/i.test(uri ?? "");

/** Of an INVITE of ours (RFC 3261 §8.1.1.8). */
export const callsSecurely = (requestUri: string, route: readonly NameAddr[]): boolean =>
  isSips(requestUri) || isSips(route[0]?.uri);

/** Of an INVITE that came (RFC 3261 §12.1.1): its Contact counts where it has come by no proxy. */
export function isCalledSecurely(
  requestUri: string,
  { contact, "record-route": recordRoute = [] }: Pick<Headers, "contact" | "record-route">,
): boolean {
  if (isSips(requestUri)) return true;
  const [first] = recordRoute.length > 0 ? recordRoute : contact === "*" ? [] : (contact ?? []);
  return isSips(first?.uri);
}
