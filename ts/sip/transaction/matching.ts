import type { SipRequest, SipResponse, Via } from "../message/message.js";

/** How a branch begins whose maker promises that it is unique (RFC 3261 §8.1.1.7). */
export const MAGIC_COOKIE = "z9hG4bK";

/** Port of a sent-by that names none (RFC 3261 §18.1.1). */
const DEFAULT_PORT = 5060;

export const sentBy = (via: Via): string => `${via.host.toLowerCase()}:${String(via.port ?? DEFAULT_PORT)}`;

const branchOf = (via: Via | undefined): string => via?.params["branch"] ?? "";

/** What a response has in common with its request (§17.1.3): the branch of the top Via and the method in CSeq. */
export const clientKey = ({ headers }: SipRequest | SipResponse): string =>
  `${headers.cseq.method} ${branchOf(headers.via[0])}`;

/**
 * What all copies of a request have in common (§17.2.3): branch, sent-by and method, an ACK counting as INVITE.
 * Of a peer that knows only RFC 2543 (no magic cookie): Request-URI, From tag, Call-ID, CSeq and top Via; its
 * To tag has to be compared as well, with `hasToTagOf`.
 * @param method look for a transaction of this method: the INVITE that a CANCEL is for.
 */
export function serverKey(request: SipRequest, method: string = request.method): string {
  const { headers, uri } = request;
  const via = headers.via[0];
  const kind = method === "ACK" ? "INVITE" : method;
  const branch = branchOf(via);
  const by = via === undefined ? "" : sentBy(via);
  if (branch.startsWith(MAGIC_COOKIE)) return `${kind} ${by} ${branch}`;
  const parts = [uri, headers.from.params["tag"] ?? "", headers["call-id"], headers.cseq.seq, by, branch];
  return `${kind} ${JSON.stringify(parts)}`;
}

/** To tags: of a request, and of the last response to it; null for a parameter without a value. */
export interface ToTags {
  readonly asked: string | null | undefined;
  readonly answered: string | null | undefined;
}

/**
 * The part of RFC 2543 matching that is no key (§17.2.3): the To tag of a request is that of the original, the To
 * tag of an ACK that of the response it acknowledges. With a magic cookie the key says all.
 */
export function hasToTagOf(request: SipRequest, { asked, answered }: ToTags): boolean {
  if (branchOf(request.headers.via[0]).startsWith(MAGIC_COOKIE)) return true;
  return request.headers.to.params["tag"] === (request.method === "ACK" ? answered : asked);
}
