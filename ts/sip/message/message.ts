/**
 * SIP messages in memory (RFC 3261 §7). Header names are lower-case full names (compact forms are expanded); header
 * text and content are "binary" strings: one character per octet (latin1). Objects that hold names of a peer inherit
 * nothing, so a header or parameter named `constructor` is one.
 */

/** Parameter → value; null is a parameter without "=". Names are lower case. */
export type Params = Record<string, string | null>;

export interface Via {
  version: string;
  /** UDP, TCP, TLS, WS, WSS, or what else the peer wrote. */
  protocol: string;
  /** IPv6 in brackets. */
  host: string;
  port?: number;
  params: Params;
}

/** name-addr or addr-spec with header parameters (RFC 3261 §20.10). */
export interface NameAddr {
  /** Display name without quotes and escapes. */
  name?: string;
  uri: string;
  params: Params;
}

export interface CSeq {
  /** 0 to 2^31 − 1 (RFC 3261 §8.1.1.5). */
  seq: number;
  method: string;
}

/** One challenge or one set of credentials: `scheme` and its parameters, values without quotes. */
export interface AuthParams {
  scheme: string;
  [param: string]: string;
}

/**
 * A value and its parameters: an event package, a state of a subscription, a disposition, a media range, an info
 * package, the protocol of a Reason. Values stay as written.
 */
export interface ValueWithParams {
  value: string;
  params: Params;
}

/** RFC 3262 §7.2: which reliable response, and to which request. */
export interface RAck {
  /** 1 to 2^32 − 1. */
  rseq: number;
  seq: number;
  method: string;
}

/** RFC 4028 §4. */
export interface SessionExpires {
  /** Seconds. */
  delta: number;
  refresher?: "uac" | "uas";
}

/** RFC 3891 §6.1: the dialog that a new one takes the place of. */
export interface Replaces {
  callId: string;
  toTag: string;
  fromTag: string;
  /** Only while the other is no confirmed dialog. */
  earlyOnly: boolean;
}

/** RFC 4538 §7: a dialog as the far end sees it, by which a request proves that it knows it. */
export interface TargetDialog {
  callId: string;
  localTag?: string;
  remoteTag?: string;
}

export interface Headers {
  via: Via[];
  from: NameAddr;
  to: NameAddr;
  "call-id": string;
  cseq: CSeq;
  "max-forwards"?: number;
  contact?: NameAddr[] | "*";
  route?: NameAddr[];
  "record-route"?: NameAddr[];
  path?: NameAddr[];
  "service-route"?: NameAddr[];
  "refer-to"?: NameAddr;
  "referred-by"?: NameAddr;
  "p-asserted-identity"?: NameAddr[];
  "p-preferred-identity"?: NameAddr[];
  "remote-party-id"?: NameAddr[];
  diversion?: NameAddr[];
  "history-info"?: NameAddr[];
  expires?: number;
  "min-expires"?: number;
  /** Seconds; what may follow them is not kept. */
  "retry-after"?: number;
  "min-se"?: number;
  "session-expires"?: SessionExpires;
  "flow-timer"?: number;
  /** 1 to 2^32 − 1 (RFC 3262 §7.1). */
  rseq?: number;
  rack?: RAck;
  replaces?: Replaces;
  "target-dialog"?: TargetDialog;
  event?: ValueWithParams;
  "subscription-state"?: ValueWithParams;
  "content-disposition"?: ValueWithParams;
  "info-package"?: ValueWithParams;
  /** Empty: no package is wanted (RFC 6086 §5.2.3). */
  "recv-info"?: ValueWithParams[];
  /** Media ranges; empty: none is acceptable (RFC 3261 §20.1). */
  accept?: ValueWithParams[];
  /** RFC 3326: at most one for each protocol. */
  reason?: ValueWithParams[];
  "sip-etag"?: string;
  "sip-if-match"?: string;
  "content-length"?: number;
  "content-type"?: string;
  authorization?: AuthParams[];
  "proxy-authorization"?: AuthParams[];
  "www-authenticate"?: AuthParams[];
  "proxy-authenticate"?: AuthParams[];
  /** Lists of tokens, split at commas. */
  require?: string[];
  "proxy-require"?: string[];
  supported?: string[];
  unsupported?: string[];
  allow?: string[];
  "allow-events"?: string[];
  "content-encoding"?: string[];
  "request-disposition"?: string[];
  /** RFC 3323 §4.2: what is asked to stay hidden. */
  privacy?: string[];
  "user-agent"?: string;
  "alert-info"?: string;
  "call-info"?: string;
  "error-info"?: string;
  date?: string;
}

/** Headers without a typed field above keep their text; several of one name are joined with ", ". */
export type OtherHeaders = Record<string, string>;

interface MessageParts {
  version: "2.0";
  headers: Headers;
  other: OtherHeaders;
  /** Octets of the body as a binary string, cut to Content-Length. */
  content: string;
}

export interface SipRequest extends MessageParts {
  kind: "request";
  /** Case-sensitive (RFC 3261 §7.1). */
  method: string;
  /** Request-URI as written. */
  uri: string;
}

export interface SipResponse extends MessageParts {
  kind: "response";
  /** 100–699. */
  status: number;
  reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** Octets that are no SIP message, and what may be answered. */
export interface Refusal {
  kind: "refusal";
  /** Stable name of the rule that was broken; a counter in /health. */
  reason: string;
  /** The offending header or part, and the octet offset at which it was seen. */
  field: string;
  offset: number;
  /** Status to answer a request with (400, 505, 513, 416 …); 0: answer nothing (a response, an ACK, no usable Via). */
  status: number;
  /** Enough of the message to build that answer from, where there is. */
  headers?: Pick<Headers, "via" | "from" | "to" | "call-id" | "cseq">;
}
