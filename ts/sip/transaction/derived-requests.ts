import type { SipRequest, SipResponse } from "../message/message.js";

/** RFC 3261 §8.1.1.6. */
const MAX_FORWARDS = 70;

/** The ACK of a final response other than 2xx (RFC 3261 §17.1.1.3): same Via, To from the response, Route copied. */
export function ackFor(invite: SipRequest, response: SipResponse): SipRequest {
  const ack = hopByHop(invite, "ACK");
  ack.headers.to = response.headers.to;
  return ack;
}

/** The CANCEL of an INVITE (RFC 3261 §9.1). @param reason text of a Reason header (RFC 3326). */
export function cancelFor(invite: SipRequest, reason: string | undefined): SipRequest {
  const cancel = hopByHop(invite, "CANCEL");
  if (reason !== undefined) cancel.other["reason"] = reason;
  return cancel;
}

/** A request that goes where `invite` went and no further. */
function hopByHop(invite: SipRequest, method: "ACK" | "CANCEL"): SipRequest {
  const { via, from, to, cseq, route } = invite.headers;
  return {
    kind: "request",
    version: "2.0",
    method,
    uri: invite.uri,
    headers: {
      via: via.slice(0, 1),
      "max-forwards": MAX_FORWARDS,
      from,
      to,
      "call-id": invite.headers["call-id"],
      cseq: { seq: cseq.seq, method },
      ...(route === undefined ? {} : { route }),
    },
    other: {},
    content: "",
  };
}
