/**
 * What a UAS looks at before it does anything else with a request outside a dialog (RFC 3261 §8.2): pure, and the
 * same for everybody, authenticated or not.
 */
import { CALL_EXTENSIONS } from "./dialog/capabilities.js";
import type { Headers, OtherHeaders, SipRequest } from "./message/message.js";
import { REGISTER_EXTENSIONS } from "./registrar/outbound.js";

/** Methods that something here answers. */
export const ALLOWED_METHODS: readonly string[] = [
  "INVITE",
  "ACK",
  "CANCEL",
  "BYE",
  "OPTIONS",
  "REGISTER",
  "SUBSCRIBE",
  "PUBLISH",
  "MESSAGE",
  "UPDATE",
  "PRACK",
  "INFO",
  "REFER",
  "NOTIFY",
];

/** Option tags that a peer may require, by method (RFC 3261 §8.2.2.3); of others, none. */
const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ["INVITE", "UPDATE", "PRACK", "INFO", "REFER", "OPTIONS", "BYE"].map((method) => [
      method,
      CALL_EXTENSIONS,
    ]),
  ),
  REGISTER: REGISTER_EXTENSIONS,
};

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
    // §21.5.2: nothing is known that is not carried out, so what is left is unknown.
    return { status: 501, headers: { allow: [...ALLOWED_METHODS] } };
  }
  if (!/^sips?:/i.test(uri)) return { status: 416 };
  if (headers["max-forwards"] === 0 && method === "INVITE") return { status: 483 };
  // §8.2.2.3. No proxy forwards this any further, so that what is asked of proxies is asked of us (§16.3).
  const known = EXTENSIONS[method] ?? [];
  const unsupported = [...(headers.require ?? []), ...(headers["proxy-require"] ?? [])].filter(
    (tag) => !known.includes(tag),
  );
  if (unsupported.length > 0) return { status: 420, headers: { unsupported } };
  if (method === "INVITE" && !takesSdp(headers)) return { status: 406 };
  return undefined;
}

/** §20.1: may a session description be in the answer? It may where there is no Accept. */
function takesSdp({ accept }: Headers): boolean {
  const taken = ["application/sdp", "application/*", "*/*"];
  return accept === undefined || accept.some(({ value }) => taken.includes(value.toLowerCase()));
}

/** Methods whose body is a session description; those of others are looked at where they are carried out. */
const SDP_METHODS: ReadonlySet<string> = new Set(["INVITE", "UPDATE", "PRACK", "ACK"]);

/** §8.2.3: a body we can't read is 415 with what we can; a session description that is none is the check's answer. */
export function checkBodyOf(request: SipRequest, check: BodyCheck | undefined): RequestRefusal | undefined {
  if (request.content === "" || !SDP_METHODS.has(request.method)) return undefined;
  if (request.headers["content-encoding"] !== undefined)
    return { status: 415, other: { "Accept-Encoding": "identity" } };
  const type = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/sdp") return { status: 415, other: { Accept: "application/sdp" } };
  return check?.(type, request.content);
}
