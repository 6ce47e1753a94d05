import type { Headers, NameAddr, Refusal } from "./message.js";
import { newParams } from "./params.js";
import { REFUSAL_STATUS, type RefusalReason } from "./refusal-reasons.js";

/** Which rule was broken, and where. */
export interface Fault {
  readonly reason: RefusalReason;
  /** Header name, or "start-line", "headers", "body". */
  readonly field: string;
  /** Octets from the beginning of the datagram. */
  readonly offset: number;
}

/** What was read of a refused message before and after the fault. */
export interface Remains {
  /** Undefined for a response, and for octets without a method. */
  readonly method: string | undefined;
  readonly headers: Readonly<Partial<Headers>>;
}

/**
 * Says how to answer `fault`. Only a request that is no ACK is answered (RFC 3261 §8.2.6, §17.1.1.3), and
 * only where a Via tells by which path. A From, To, Call-ID or CSeq that was missing or unreadable
 * is replaced by a stand-in under the name `invalid.` (RFC 2606 §2): the client finds its transaction by
 * the branch and the CSeq method (§17.1.3).
 */
export function refuse(fault: Fault, remains: Remains): Refusal {
  const { method, headers } = remains;
  const refusal: Refusal = { kind: "refusal", ...fault, status: REFUSAL_STATUS[fault.reason] };
  if (method === undefined || method === "ACK" || headers.via?.[0] === undefined) {
    return { ...refusal, status: 0 };
  }
  return {
    ...refusal,
    headers: {
      via: headers.via,
      from: headers.from ?? unreadable(),
      to: headers.to ?? unreadable(),
      "call-id": headers["call-id"] ?? "unreadable@invalid.invalid",
      cseq: headers.cseq ?? { seq: 0, method },
    },
  };
}

function unreadable(): NameAddr {
  return { uri: "sip:unreadable@invalid.invalid", params: newParams() };
}
