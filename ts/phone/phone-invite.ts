import type { NameAddr, OtherHeaders, SipRequest } from "../sip/message/message.js";
import type { PhoneLine } from "./phone-line.js";

export interface OutgoingCall {
  readonly uri: string;
  readonly from: NameAddr;
  readonly headers: OtherHeaders;
}

/** The INVITE that begins a call (RFC 3261 §13.2.1), with an offer. */
export function inviteOf(
  { contact, allow, userAgent }: PhoneLine,
  {
    uri,
    from,
    headers,
    callId,
    fromTag,
  }: OutgoingCall & { readonly callId: string; readonly fromTag: string },
  offer: string,
): SipRequest {
  return {
    kind: "request",
    method: "INVITE",
    uri,
    version: "2.0",
    headers: {
      via: [],
      from: { ...from, params: { tag: fromTag } },
      to: { uri, params: {} },
      "call-id": callId,
      cseq: { seq: 1, method: "INVITE" },
      "max-forwards": 70,
      contact: [contact],
      allow: [...allow],
      "content-type": "application/sdp",
      "user-agent": userAgent,
    },
    other: { ...headers },
    content: offer,
  };
}
