import { textToBinary } from "../message/binary.js";
import type { NameAddr, SipRequest } from "../message/message.js";
import { sipAddress } from "../message/sip-address.js";
import { quote } from "../message/quoted-string.js";
import type { CallerId, InviteRequest } from "../sip-service.js";
import { SDP_TYPE } from "./uas-invite.js";

/** What the caller of `inviteRequest` has decided beyond the request of control. */
export interface InviteFacts {
  readonly callid: string;
  readonly domain: string;
  readonly maxforwards: number;
  readonly contact: NameAddr;
  readonly localTag: string;
  readonly allow: string[];
  readonly userAgent: string;
}

/** The first INVITE of a call we make (RFC 3261 §8.1.1, §13.2.1); the transaction layer puts the Via on top. */
export function inviteRequest({ from, to, cid, sdp }: InviteRequest, facts: InviteFacts): SipRequest {
  const destination = sipAddress(to.user, facts.domain);
  const caller: NameAddr = { uri: sipAddress(from.user, from.domain), params: { tag: facts.localTag } };
  if (cid !== undefined && cid.private !== true) caller.name = textToBinary(cid.name);
  return {
    kind: "request",
    method: "INVITE",
    uri: destination,
    version: "2.0",
    headers: {
      via: [],
      from: caller,
      to: { uri: destination, params: {} },
      "call-id": facts.callid,
      cseq: { seq: 1, method: "INVITE" },
      "max-forwards": facts.maxforwards,
      contact: [facts.contact],
      allow: facts.allow,
      "user-agent": facts.userAgent,
      ...(cid === undefined ? {} : { "remote-party-id": remotePartyId(cid, from.domain) }),
      ...(sdp === undefined ? {} : { "content-type": SDP_TYPE }),
    },
    other: {},
    content: sdp ?? "",
  };
}

/** Remote-Party-ID (draft-ietf-sip-privacy-04): whom the called phone shows, and whether it may. */
function remotePartyId(cid: CallerId, domain: string): string {
  const shown = `${quote(textToBinary(cid.name))} <${sipAddress(cid.number, domain)}>`;
  return cid.private === true ? `${shown};privacy=full` : shown;
}
