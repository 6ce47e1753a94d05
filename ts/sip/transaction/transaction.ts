/**
 * What the transaction layer (RFC 3261 §17, RFC 6026) offers the transaction user: types only.
 * The machines are tables in invite-client, invite-server, non-invite-client and non-invite-server;
 * `layer.ts` matches messages to them (§17.1.3, §17.2.3), owns their timers and sends.
 */
import type { SipRequest, SipResponse } from "../message/message.js";
import type { Flow } from "../transport/transport.js";

/** A request that came in. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** False once a final response was given. */
  readonly open: boolean;
  /**
   * Sends a response (built on this request with `message/response.ts`); the machine retransmits it as its
   * table says. After a final one a second final is ignored, but for 2xx to INVITE, which the user repeats
   * itself (§13.3.1.4) through here until it gets the ACK.
   */
  respond(response: SipResponse): void;
  /**
   * The user, who has answered, needs nothing of it any more: the request is let go. Copies of it are absorbed all the
   * same. A request other than INVITE is let go when it is answered, an INVITE that was refused with its ACK.
   */
  release(): void;
}

/** A request that went out. */
export interface ClientTransaction {
  /** As sent, top Via included: a CANCEL is built from it (§9.1), an ACK to 2xx takes its CSeq. */
  readonly request: SipRequest;
  /** Names the connection by which it went, if it went by one: a dialog that it makes goes on there. */
  readonly to: Flow;
}

export interface ClientTransactionUser {
  /** Each provisional and final response the table lets through; further 2xx of a forked INVITE as well (RFC 6026 §7.2). */
  response(response: SipResponse): void;
  /** No final response in time (timer B or F), or the transport failed. Called once, instead of a final response. */
  failed(why: "timeout" | "transport"): void;
}

export interface TransactionUser {
  /** A new request that matches no transaction; ACK and CANCEL never come here. */
  request(transaction: ServerTransaction): void;
  /** A CANCEL for `invite` (§9.2). The layer has answered the CANCEL itself (200); 481 when nothing matched. */
  cancel(invite: ServerTransaction, cancel: SipRequest): void;
  /** An ACK that belongs to no open INVITE server transaction in Completed: the ACK of a 2xx, or a stray. */
  ack(request: SipRequest, flow: Flow): void;
  /** A connection has ended: its bindings die, and what goes to it fails. Told before its transactions fail. */
  flowClosed(flow: Flow): void;
  /**
   * Timer H: our non-2xx final to INVITE was never acknowledged; or the transport failed. A request other than INVITE is
   * over for the user once it is answered: that its answer could not be sent is in the log.
   */
  failed(transaction: ServerTransaction, why: "timeout" | "transport"): void;
}

export interface TransactionLayer {
  /**
   * Sends `request` to `to` in a new client transaction. The layer puts its own Via on top (fresh branch,
   * rport: RFC 3581); an ACK is sent by `sendAck`, never here.
   */
  request(request: SipRequest, to: Flow, user: ClientTransactionUser): ClientTransaction;
  /** Sends CANCEL for an INVITE: same branch, CSeq number, Request-URI and Route (§9.1). Its outcome needs no user. */
  cancel(invite: ClientTransaction, reasonHeader?: string): void;
  /** Sends the ACK of a 2xx: no transaction, a Via with a branch of its own (§13.2.2.4). */
  sendAck(ack: SipRequest, to: Flow): void;
  /** Transactions that are not terminated. */
  readonly size: number;
  /** Octets and messages refused so far, by reason (`Refusal.reason`, "unmatched-response" …). */
  readonly refused: ReadonlyMap<string, number>;
  /** Ends all transactions at once without telling anyone; for shut-down. */
  close(): void;
}
