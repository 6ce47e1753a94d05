import { textToBinary } from "../message/binary.js";
import type { NameAddr, Replaces, SipRequest } from "../message/message.js";
import { sipAddress } from "../message/sip-address.js";
import type { InviteRequest } from "../sip-service.js";
import { writeCallerId } from "./caller-identity.js";
import { writePassedHeaders } from "./passed-headers.js";
import { askForTimer, type SessionTimerPolicy } from "./session-timer.js";
import { SDP_TYPE } from "./uas-invite.js";

/** What the caller of `inviteRequest` has decided beyond the request of control. */
export interface InviteFacts {
  readonly callid: string;
  readonly domain: string;
  readonly maxforwards: number;
  readonly contact: NameAddr;
  readonly localTag: string;
  readonly allow: string[];
  readonly supported: string[];
  readonly userAgent: string;
  readonly sessionTimer?: SessionTimerPolicy | undefined;
  readonly replaces?: Replaces | undefined;
}

/**
 * The first INVITE of a call we make (RFC 3261 §8.1.1, §13.2.1); the transaction layer puts the Via on top.
 * @throws {MediaswitchError} ARGUMENT_INVALID for headers that may not be set.
 */
export function inviteRequest(request: InviteRequest, facts: InviteFacts): SipRequest {
  const { from, to, cid, sdp } = request;
  const { sessionTimer, replaces } = facts;
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
      supported: facts.supported,
      "user-agent": facts.userAgent,
      ...(cid === undefined ? {} : writeCallerId(cid, from.domain)),
      ...(sessionTimer === undefined ? {} : askForTimer(sessionTimer)),
      ...(replaces === undefined ? {} : { replaces, require: ["replaces"] }),
      ...(sdp === undefined ? {} : { "content-type": SDP_TYPE }),
    },
    other: request.headers === undefined ? {} : writePassedHeaders(request.headers),
    content: sdp ?? "",
  };
}
