/**
 * One side of a dialog (RFC 3261 §12), as plain data: it can be stored and taken up by another process.
 * Sessions own one each; nothing here sends.
 */
import type { Headers, NameAddr, SipRequest, SipResponse } from "../message/message.js";
import { newParams } from "../message/params.js";
import type { Flow } from "../transport/transport.js";
import type { ExchangeState } from "./offer-answer-exchange.js";

export interface Dialog {
  callId: string;
  localTag: string;
  remoteTag: string;
  /** Our From (To in responses), with tag. */
  local: NameAddr;
  /** Their side, with tag where they gave one. */
  remote: NameAddr;
  /** CSeq number of our last request; the next is one more. */
  localSeq: number;
  /** CSeq number of their last request; undefined before the first. */
  remoteSeq: number | undefined;
  /** Request-URI of what we send: their Contact (§12.1). */
  remoteTarget: string;
  /** In the order we put into Route. */
  routeSet: NameAddr[];
  /**
   * Where our requests go on the network: the source of their last request or response.
   * DEPARTURE RFC 3261 §8.1.2: not the address in the Contact or the first Route, which for a phone behind NAT
   * cannot be reached.
   */
  nextHop: Flow;
  /** Where the negotiation of media stands. */
  exchange: ExchangeState;
  /** Their session description, as far as it is known from this dialog alone: an early one may have rivals. */
  them?: string;
  /** Our Contact in it, as its INVITE told: each branch of a call we make has its own. Of one that came in, the session's. */
  contact?: NameAddr;
  /** Methods that the far end says it takes (Allow, §20.5); absent while it has said nothing. */
  remoteAllow?: string[];
  /** RSeq of the last reliable provisional response taken (RFC 3262 §4). */
  remoteRSeq?: number;
}

/** Of an Allow header, what is kept. */
const MAX_METHODS = 32;

function withTag({ name, uri, params: asked }: NameAddr, tag: string): NameAddr {
  const params = newParams(asked);
  params["tag"] = tag;
  return name === undefined ? { uri, params } : { name, uri, params };
}

const firstContact = (headers: Headers): string | undefined =>
  headers.contact === undefined || headers.contact === "*" ? undefined : headers.contact[0]?.uri;

/** The UAS's side, made from the INVITE and the tag of our response (§12.1.1). */
export function dialogAsUas(request: SipRequest, localTag: string, source: Flow): Dialog {
  const { headers } = request;
  const dialog: Dialog = {
    callId: headers["call-id"],
    localTag,
    remoteTag: headers.from.params["tag"] ?? "",
    local: withTag(headers.to, localTag),
    remote: headers.from,
    localSeq: 0,
    remoteSeq: headers.cseq.seq,
    remoteTarget: firstContact(headers) ?? headers.from.uri,
    routeSet: [...(headers["record-route"] ?? [])],
    nextHop: source,
    exchange: "none",
  };
  takeAllow(dialog, headers);
  return dialog;
}

/** The UAC's side, made from our INVITE and a response with a To tag (§12.1.2): the route set is reversed. */
export function dialogAsUac(request: SipRequest, response: SipResponse, nextHop: Flow): Dialog {
  const { headers } = request;
  const [contact] = headers.contact === "*" ? [] : (headers.contact ?? []);
  const dialog: Dialog = {
    callId: headers["call-id"],
    localTag: headers.from.params["tag"] ?? "",
    remoteTag: response.headers.to.params["tag"] ?? "",
    local: headers.from,
    remote: response.headers.to,
    localSeq: headers.cseq.seq,
    remoteSeq: undefined,
    remoteTarget: firstContact(response.headers) ?? request.uri,
    routeSet: [...(response.headers["record-route"] ?? [])].reverse(),
    nextHop,
    exchange: "none",
  };
  if (contact !== undefined) dialog.contact = contact;
  takeAllow(dialog, response.headers);
  return dialog;
}

/**
 * Takes what a later response to the same INVITE says: an early dialog keeps the route set of its first response until
 * the 2xx, which decides (§13.2.2.4); each may move the target (§12.2.1.2) and tell the methods.
 */
export function updateAsUac(dialog: Dialog, response: SipResponse): void {
  const { headers, status } = response;
  dialog.remoteTarget = firstContact(headers) ?? dialog.remoteTarget;
  if (status >= 200) dialog.routeSet = [...(headers["record-route"] ?? [])].reverse();
  takeAllow(dialog, headers);
}

/** The 2xx to a request of ours within the dialog may move the target (§12.2.1.2). */
export function refreshedBy(dialog: Dialog, response: SipResponse): void {
  dialog.remoteTarget = firstContact(response.headers) ?? dialog.remoteTarget;
  takeAllow(dialog, response.headers);
}

function takeAllow(dialog: Dialog, { allow }: Headers): void {
  if (allow !== undefined) dialog.remoteAllow = allow.slice(0, MAX_METHODS);
}

/** Does the far end say that it takes this method? */
export const takes = ({ remoteAllow }: Dialog, method: string): boolean =>
  remoteAllow?.includes(method) ?? false;

/** Does an in-dialog request belong to this dialog (§12.2.2)? Its From is their side, its To ours. */
export function belongsTo(dialog: Dialog, request: SipRequest): boolean {
  return (
    request.headers["call-id"] === dialog.callId &&
    (request.headers.to.params["tag"] ?? "") === dialog.localTag &&
    (request.headers.from.params["tag"] ?? "") === dialog.remoteTag
  );
}

/**
 * Takes note of a request of the far end: CSeq must not go back (§12.2.2: 500 then), its source is where we
 * answer and send from now on, and a target refresh request (§12.2) moves the remote target.
 * @returns false when the CSeq number is not above the last one; nothing is changed then.
 */
export function acceptRequest(dialog: Dialog, request: SipRequest, source: Flow): boolean {
  const { seq, method } = request.headers.cseq;
  if (dialog.remoteSeq !== undefined && seq <= dialog.remoteSeq) return false;
  dialog.remoteSeq = seq;
  dialog.nextHop = source;
  if (method === "INVITE" || method === "UPDATE") {
    dialog.remoteTarget = firstContact(request.headers) ?? dialog.remoteTarget;
    takeAllow(dialog, request.headers);
  }
  return true;
}

/** What we send within a dialog, besides the ACK. */
export type InDialogMethod = "BYE" | "INVITE" | "UPDATE" | "PRACK" | "INFO" | "MESSAGE" | "NOTIFY" | "REFER";

/** The next request of our side (§12.2.1.1); raises `localSeq`. The transaction layer puts the Via on top. */
export function nextRequest(dialog: Dialog, method: InDialogMethod, contact: NameAddr): SipRequest {
  dialog.localSeq += 1;
  return requestWithSeq(dialog, method, dialog.localSeq, contact);
}

/** The ACK of a 2xx: the CSeq number of its INVITE, method ACK (§13.2.2.4). */
export function ackRequest(dialog: Dialog, inviteSeq: number, contact: NameAddr): SipRequest {
  return requestWithSeq(dialog, "ACK", inviteSeq, contact);
}

function requestWithSeq(dialog: Dialog, method: string, seq: number, contact: NameAddr): SipRequest {
  const { uri, route } = dialogRoute(dialog);
  const headers: Headers = {
    via: [],
    from: dialog.local,
    to: dialog.remote,
    "call-id": dialog.callId,
    cseq: { seq, method },
    "max-forwards": 70,
    contact: [contact],
  };
  if (route.length > 0) headers.route = route;
  return { kind: "request", method, uri, version: "2.0", headers, other: {}, content: "" };
}

/** Request-URI and Route (§12.2.1.1): with a strict router first (no lr), its URI is the Request-URI and the target goes to the end. */
export function dialogRoute(dialog: Dialog): { uri: string; route: NameAddr[] } {
  const first = dialog.routeSet[0];
  if (first === undefined || /;lr(?:[;=?>]|$)/i.test(first.uri)) {
    return { uri: dialog.remoteTarget, route: dialog.routeSet };
  }
  return { uri: first.uri, route: [...dialog.routeSet.slice(1), { uri: dialog.remoteTarget, params: {} }] };
}
