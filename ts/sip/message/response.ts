import type { Headers, NameAddr, OtherHeaders, Refusal, SipRequest, SipResponse, Via } from "./message.js";
import { newParams } from "./params.js";
import { reasonPhrase } from "./reason-phrases.js";

export interface ResponseOptions {
  /** Default: the registered phrase. */
  reason?: string | undefined;
  /** Put into To when the request's has no tag. */
  toTag?: string | undefined;
  /** Added to the copied headers, or instead of them. */
  headers?: Partial<Headers>;
  other?: OtherHeaders;
  contentType?: string | undefined;
  /** A binary string (message/binary.ts). */
  content?: string | undefined;
}

/** Builds a response to `request` (RFC 3261 §8.2.6). It shares no object with the request. */
export function makeResponse(
  request: SipRequest,
  status: number,
  options: ResponseOptions = {},
): SipResponse {
  const { headers: asked } = request;
  const headers: Headers = copyEchoed(asked, options.toTag);
  if (asked["record-route"] !== undefined && formsDialog(request.method, status)) {
    headers["record-route"] = asked["record-route"].map(copyAddress);
  }
  if (options.headers !== undefined) addHeaders(headers, options.headers);
  if (options.contentType !== undefined) headers["content-type"] = options.contentType;

  const other: OtherHeaders = Object.create(null) as OtherHeaders;
  // RFC 3261 §8.2.6.1: a 100 carries the request's Timestamp.
  const { timestamp } = request.other;
  if (status === 100 && timestamp !== undefined) other["timestamp"] = timestamp;
  Object.assign(other, options.other);

  return {
    kind: "response",
    version: "2.0",
    status,
    reason: options.reason ?? reasonPhrase(status),
    headers,
    other,
    content: options.content ?? "",
  };
}

/** As `Object.assign`, which is several times as slow where it adds. */
function addHeaders(to: Headers, from: Partial<Headers>): void {
  for (const name of Object.keys(from) as (keyof Headers)[]) addHeader(to, name, from[name]);
}

function addHeader<Name extends keyof Headers>(
  to: Headers,
  name: Name,
  value: Headers[Name] | undefined,
): void {
  if (value !== undefined) to[name] = value;
}

/** The answer to a request that could not be read; undefined where none may be given. */
export function makeRefusalResponse(refusal: Refusal): SipResponse | undefined {
  if (refusal.status === 0 || refusal.headers === undefined) return undefined;
  return {
    kind: "response",
    version: "2.0",
    status: refusal.status,
    reason: reasonPhrase(refusal.status),
    headers: copyEchoed(refusal.headers),
    other: Object.create(null) as OtherHeaders,
    content: "",
  };
}

type Echoed = Pick<Headers, "via" | "from" | "to" | "call-id" | "cseq">;

/** RFC 3261 §8.2.6.2: what every response repeats. */
function copyEchoed(asked: Echoed, toTag?: string): Echoed {
  const to = copyAddress(asked.to);
  if (toTag !== undefined && to.params["tag"] === undefined) to.params["tag"] = toTag;
  return {
    via: asked.via.map(copyVia),
    from: copyAddress(asked.from),
    to,
    "call-id": asked["call-id"],
    cseq: { seq: asked.cseq.seq, method: asked.cseq.method },
  };
}

/** RFC 3261 §12.1.1: responses that create a dialog repeat the route set. */
function formsDialog(method: string, status: number): boolean {
  return method === "INVITE" && status > 100 && status < 300;
}

function copyAddress({ name, uri, params }: NameAddr): NameAddr {
  const copy = newParams(params);
  return name === undefined ? { uri, params: copy } : { name, uri, params: copy };
}

function copyVia({ version, protocol, host, port, params }: Via): Via {
  const copy = newParams(params);
  return port === undefined
    ? { version, protocol, host, params: copy }
    : { version, protocol, host, port, params: copy };
}
