/** The UAC's side of reliable provisional responses (RFC 3262 §4). */
import type { NameAddr, RAck, SipRequest, SipResponse } from "../message/message.js";
import { nextRequest, type Dialog } from "./dialog.js";
import { RELIABLE } from "./reliable-provisionals.js";
import { SDP_TYPE } from "./uas-invite.js";

/**
 * What a provisional response is. "repeated": one that was taken before, or that came before the one it follows; it is
 * dropped, as the far end sends it until its PRACK.
 */
export type Reliability = "unreliable" | "in order" | "repeated";

/** Takes note of a reliable response in its early dialog. */
export function takeReliable(dialog: Dialog, response: SipResponse): Reliability {
  const { rseq, require } = response.headers;
  if (rseq === undefined || require?.includes(RELIABLE) !== true) return "unreliable";
  if (dialog.remoteRSeq !== undefined && rseq !== dialog.remoteRSeq + 1) return "repeated";
  dialog.remoteRSeq = rseq;
  return "in order";
}

/** Which response a PRACK has to name; undefined for one that is not reliable. */
export function rackOf({ headers }: SipResponse): RAck | undefined {
  const { rseq, cseq } = headers;
  return rseq === undefined ? undefined : { rseq, ...cseq };
}

/** @param answer to the offer that the response carried. */
export function prackFor(
  dialog: Dialog,
  rack: RAck,
  contact: NameAddr,
  answer: string | undefined,
): SipRequest {
  const prack = nextRequest(dialog, "PRACK", contact);
  prack.headers.rack = rack;
  if (answer !== undefined) {
    prack.headers["content-type"] = SDP_TYPE;
    prack.content = answer;
  }
  return prack;
}
