/** What a REFER asks for (RFC 3515, RFC 3891 §4, RFC 3892). */
import { binaryToText } from "../message/binary.js";
import { parseReplaces } from "../message/dialog-identifiers.js";
import type { SipRequest } from "../message/message.js";
import { formatUri, parseUri } from "../message/uri.js";
import type { CallRefer } from "../sip-service.js";

/** What is wrong with a REFER, as a SIP status. */
export interface ReferRefusal {
  readonly status: number;
  readonly reason?: string;
}

export function readRefer(request: SipRequest): CallRefer | ReferRefusal {
  const target = request.headers["refer-to"];
  // §2.4.1: exactly one.
  if (target === undefined) return { status: 400, reason: "No Refer-To" };
  const uri = parseUri(target.uri);
  if (uri === undefined) return { status: 416 };
  const method = uri.params["method"];
  if (typeof method === "string" && method !== "INVITE")
    return { status: 501, reason: "Only INVITE can be asked for" };
  const replacesText = uri.headers["replaces"];
  const replaces = replacesText === undefined ? undefined : parseReplaces(replacesText);
  if (replacesText !== undefined && replaces === undefined)
    return { status: 400, reason: "Malformed Replaces" };
  const referredBy = request.headers["referred-by"];
  return {
    to: binaryToText(uri.user ?? ""),
    domain: uri.host,
    uri: formatUri({ ...uri, headers: {} }),
    ...(replaces === undefined
      ? {}
      : { replaces: replaces.callId, totag: replaces.toTag, fromtag: replaces.fromTag }),
    ...(referredBy === undefined ? {} : { referredby: referredBy.uri }),
  };
}

export const isReferRefusal = (read: CallRefer | ReferRefusal): read is ReferRefusal => "status" in read;
