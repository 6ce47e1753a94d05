import type { SipResponse } from "../message/message.js";

/** Why the next server is to be tried (RFC 3263 §4.3). */
export type FlowFailure =
  /** No final response in time; the server may be down. */
  | { readonly kind: "timeout" }
  /** The transport could not deliver it. */
  | { readonly kind: "transport" }
  /** 503: the server refuses for now, for as many seconds where it says so (RFC 3261 §21.5.4). */
  | { readonly kind: "unavailable"; readonly retryAfter?: number };

/** The failure that a response is; undefined of a response that is an answer. */
export function failureOf({ status, headers }: SipResponse): FlowFailure | undefined {
  if (status !== 503) return undefined;
  const retryAfter = headers["retry-after"];
  return retryAfter === undefined ? { kind: "unavailable" } : { kind: "unavailable", retryAfter };
}
