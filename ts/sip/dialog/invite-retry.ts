/** What a refused INVITE or re-INVITE may be tried again with (RFC 3261 §8.1.3.5, §22; RFC 4028 §7.3). */
import type { Headers, SipRequest, SipResponse } from "../message/message.js";

/** Answers a challenge: the request to send instead, or undefined where there is no secret for it. */
export type Authorize = (request: SipRequest, challenge: SipResponse) => SipRequest | undefined;

/** A far end that refuses again and again is given up. */
const MAX_RETRIES = 5;
/** A day: whoever wants a session refreshed less often than that means something else. */
const LONGEST_MIN_SE = 86_400;

/** What was tried so far for one target. Plain data. */
export interface Retries {
  count: number;
  /** Statuses whose challenge was answered. */
  challenged: number[];
}

export const noRetries = (): Retries => ({ count: 0, challenged: [] });

/**
 * The request to send instead, its CSeq number one higher and Via empty; undefined where the refusal stands.
 *
 * 401, 407: with credentials; a second time only where the nonce was stale (§22.2, RFC 7616 §3.5).
 * 420: without the extensions that are not known, if any of them was named. 422: with the interval asked for.
 * 413, 415, 416, 421, 494: nothing of ours could be left out or added that would help, so the refusal stands.
 */
export function retryOf(
  request: SipRequest,
  response: SipResponse,
  retries: Retries,
  authorize: Authorize,
): SipRequest | undefined {
  if (retries.count >= MAX_RETRIES) return undefined;
  const again = retriedRequest(request, response, retries, authorize);
  if (again !== undefined) retries.count += 1;
  return again;
}

function retriedRequest(
  request: SipRequest,
  response: SipResponse,
  { challenged }: Retries,
  authorize: Authorize,
): SipRequest | undefined {
  switch (response.status) {
    case 401:
    case 407: {
      if (challenged.includes(response.status) && !isStale(response)) return undefined;
      const authorized = authorize(request, response);
      if (authorized !== undefined) challenged.push(response.status);
      return authorized;
    }
    case 420:
      return withoutExtensions(request, response.headers.unsupported ?? []);
    case 422:
      return withLongerInterval(request, response.headers["min-se"]);
    default:
      return undefined;
  }
}

function isStale({ status, headers }: SipResponse): boolean {
  const challenges = headers[status === 407 ? "proxy-authenticate" : "www-authenticate"] ?? [];
  return challenges.some((challenge) => challenge["stale"]?.toLowerCase() === "true");
}

function withoutExtensions(request: SipRequest, unknown: readonly string[]): SipRequest | undefined {
  const { supported = [], require = [] } = request.headers;
  const isKnown = (tag: string): boolean => !unknown.includes(tag);
  if (supported.every(isKnown) && require.every(isKnown)) return undefined;
  const headers: Partial<Headers> = { supported: supported.filter(isKnown) };
  const { require: _unwanted, ...rest } = request.headers;
  const required = require.filter(isKnown);
  return withNextSeq(
    { ...request, headers: rest },
    required.length === 0 ? headers : { ...headers, require: required },
  );
}

function withLongerInterval(request: SipRequest, minSe: number | undefined): SipRequest | undefined {
  const asked = request.headers["session-expires"];
  if (minSe === undefined || asked === undefined) return undefined;
  if (minSe <= asked.delta || minSe > LONGEST_MIN_SE) return undefined;
  return withNextSeq(request, { "session-expires": { ...asked, delta: minSe }, "min-se": minSe });
}

function withNextSeq(request: SipRequest, headers: Partial<Headers>): SipRequest {
  const { cseq } = request.headers;
  return {
    ...request,
    headers: { ...request.headers, ...headers, via: [], cseq: { ...cseq, seq: cseq.seq + 1 } },
  };
}
