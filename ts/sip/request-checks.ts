/**
 * What a UAS looks at before it does anything else with a request outside a dialog (RFC 3261 §8.2): pure, and the
 * same for everybody, authenticated or not.
 */
import type { Headers, OtherHeaders, SipRequest } from "./message/message.js";

/** Methods that something here answers. */
export const ALLOWED_METHODS: readonly string[] = ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER"];
/** Methods of other RFCs that we know and do not carry out: 405 rather than 501 (§21.4.6, §21.5.2). */
const KNOWN_METHODS = new Set([
  "INFO",
  "MESSAGE",
  "NOTIFY",
  "PRACK",
  "PUBLISH",
  "REFER",
  "SUBSCRIBE",
  "UPDATE",
]);

/** An answer that refuses. */
export interface RequestRefusal {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: Partial<Headers>;
  readonly other?: OtherHeaders;
}

export type BodyCheck = (
  contentType: string,
  content: string,
) => { status: number; reason: string } | undefined;

export function checkRequest(request: SipRequest): RequestRefusal | undefined {
  const { headers, method, uri } = request;
  if (!ALLOWED_METHODS.includes(method)) {
    return { status: KNOWN_METHODS.has(method) ? 405 : 501, headers: { allow: [...ALLOWED_METHODS] } };
  }
  if (!/^sips?:/i.test(uri)) return { status: 416 };
  if (headers["max-forwards"] === 0 && method === "INVITE") return { status: 483 };
  // §8.2.2.3: nothing is supported that a peer may require of us.
  const required = headers.require ?? [];
  if (required.length > 0) return { status: 420, headers: { unsupported: required } };
  return undefined;
}

/** §8.2.3: a body we can't read is 415 with what we can; a session description that is none is the check's answer. */
export function checkBodyOf(request: SipRequest, check: BodyCheck | undefined): RequestRefusal | undefined {
  if (request.content === "") return undefined;
  if (request.other["content-encoding"] !== undefined)
    return { status: 415, other: { "Accept-Encoding": "identity" } };
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/sdp") return { status: 415, other: { Accept: "application/sdp" } };
  return check?.(type, request.content);
}
