import { makeResponse } from "../message/response.js";
import type { SipRequest, SipResponse } from "../message/message.js";
import type { Flow } from "../transport/transport.js";

/** Why a request gets no transaction: it is answered 503 and forgotten (RFC 3261 §21.5.4). */
export interface Overload {
  /** Whole seconds after which the sender may try again. */
  readonly retryAfter: number;
}

/** "drop": not even answered. Undefined: it gets in. */
export type Verdict = Overload | "drop" | undefined;

/**
 * Asked for each request that would make a server transaction; never for an ACK, nor for a CANCEL whose INVITE is
 * known.
 * @param transactions how many there are.
 */
export type Admission = (request: SipRequest, flow: Flow, transactions: number) => Verdict;

/** Of the transactions allowed, the part that only requests within a dialog get: a BYE makes room. */
const IN_DIALOG_SHARE = 0.1;
const RETRY_AFTER = 5;

/** Refuses when there are `most` transactions; requests outside of dialogs a little before that. */
export function atMost(most: number): Admission {
  const mostOutside = Math.ceil(most * (1 - IN_DIALOG_SHARE));
  return (request, _flow, transactions) => {
    const isInDialog = request.headers.to.params["tag"] !== undefined;
    return transactions < (isInDialog ? most : mostOutside) ? undefined : { retryAfter: RETRY_AFTER };
  };
}

/** The answer without a transaction. Every copy of the request gets the same one, its tag included (§8.2.7). */
export function overloadResponse(request: SipRequest, key: string, { retryAfter }: Overload): SipResponse {
  return makeResponse(request, 503, {
    toTag: fingerprint(key),
    headers: { "retry-after": retryAfter },
  });
}

/** FNV-1a, 32 bits: nobody gains by a collision, both requests are refused. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
