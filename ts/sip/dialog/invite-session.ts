/**
 * One call leg: an INVITE, the dialog it makes, and its end (RFC 3261 §12–15). session-table.ts decides what
 * happens; this file carries the actions out. Sans-IO: it sends through the transaction layer it was given.
 */
import { seconds } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { NameAddr, OtherHeaders, SipRequest } from "../message/message.js";
import { makeResponse } from "../message/response.js";
import type { DialogCause } from "../sip-service.js";
import type { ServerTransaction, TransactionLayer } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import type { CallRecord } from "./call-record.js";
import { acceptRequest, ackRequest, belongsTo, dialogAsUas, nextRequest, type Dialog } from "./dialog.js";
import { sessionTable, type SessionAction, type SessionInput, type SessionState } from "./session-table.js";
import { UacInvite, type Authorize, type InviteTarget } from "./uac-invite.js";
import { SDP_TYPE, UasInvite } from "./uas-invite.js";

/** A call that nobody answers is given up (origin: 180 000 ms). */
const SET_UP_LIMIT = seconds(180);
/** A re-INVITE that control does not answer is refused; the session goes on as it was (§14.2). */
const REINVITE_LIMIT = seconds(30);

export interface SessionContext {
  readonly layer: TransactionLayer;
  readonly clock: Clock;
  /** Our Contact in this session. */
  readonly contact: NameAddr;
  readonly localTag: string;
  readonly allow: string[];
  /** Headers on all our responses: Server. */
  readonly other: OtherHeaders;
  /** Is this session description a hold (sendonly, inactive, 0.0.0.0)? SIP itself reads no SDP. */
  readonly isHold: (sdp: string) => boolean;
  readonly tell: (cause: DialogCause) => void;
}

/** The body, where it is a session description. */
export function sdpOf(message: {
  headers: { "content-type"?: string };
  content: string;
}): string | undefined {
  const type = message.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  return message.content !== "" && type === SDP_TYPE ? message.content : undefined;
}

export class InviteSession {
  readonly record: CallRecord;
  readonly #context: SessionContext;
  #state: SessionState;
  #dialog: Dialog | undefined;
  #uas: UasInvite | undefined;
  #uac: UacInvite | undefined;
  /** CSeq of the INVITE that our last ACK acknowledged, and the answer it carried, to repeat it. */
  #ack: { seq: number; sdp: string | undefined } = { seq: 0, sdp: undefined };
  #reinvite: UasInvite | undefined;
  #reinviteLimit: Timer | undefined;
  #bye: ServerTransaction | undefined;
  readonly #setUpLimit: Timer;
  #alertInfo: string | undefined;
  #final = { code: 480, reason: undefined as string | undefined };

  /** An INVITE came in. */
  static inbound(context: SessionContext, record: CallRecord, invite: ServerTransaction): InviteSession {
    const session = new InviteSession(context, record, "incoming");
    session.#dialog = dialogAsUas(invite.request, context.localTag, invite.flow);
    session.#uas = session.#answering(invite);
    record.described("them", sdpOf(invite.request));
    return session;
  }

  /** Calls `targets`, all at once. */
  static outbound(
    context: SessionContext,
    record: CallRecord,
    invite: SipRequest,
    targets: readonly InviteTarget[],
    authorize: Authorize,
  ): InviteSession {
    const session = new InviteSession(context, record, "calling");
    const lateOffer = invite.content === "";
    session.#uac = new UacInvite(context.layer, context.contact, authorize, {
      provisional: (response) => {
        // 100 says only that somebody is at work (§21.1.1).
        if (response.status > 100) session.#apply("1xx");
        else if (session.#state === "cancelling") session.#apply("1xx");
      },
      accepted: (response, dialog) => {
        session.#apply(lateOffer ? "2xx with offer" : "2xx", () => {
          if (session.#dialog !== undefined) return;
          session.#dialog = dialog;
          session.#ack = { seq: dialog.localSeq, sdp: undefined };
          session.record.reachedAt(dialog.nextHop.remote, dialog.remoteTarget);
          session.record.described("them", sdpOf(response));
        });
      },
      refused: (status, reason) => {
        session.#apply("refused", () => {
          session.record.failed(status, reason);
        });
      },
    });
    record.described("us", sdpOf(invite));
    session.#uac.start(invite, targets);
    return session;
  }

  private constructor(context: SessionContext, record: CallRecord, state: SessionState) {
    this.#context = context;
    this.record = record;
    this.#state = state;
    this.#setUpLimit = context.clock.after(SET_UP_LIMIT, () => {
      this.#apply("set-up too long", () => {
        this.record.failed(408, "Request Timeout");
      });
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** A dialog that counts: confirmed or about to be. */
  get hasDialog(): boolean {
    return this.#dialog !== undefined && this.#state !== "ended";
  }

  /** Does a request with a To tag belong here? Before the 2xx of a call we made only our tag is known. */
  owns(request: SipRequest): boolean {
    if (this.#dialog !== undefined) return belongsTo(this.#dialog, request);
    return request.headers.to.params["tag"] === this.#context.localTag;
  }

  // Commands.

  ring(alertInfo: string | undefined): void {
    if (this.record.isRinging || this.record.isAnswered) return;
    this.#alertInfo = alertInfo;
    this.#apply("ring");
  }

  answer(sdp: string | undefined): void {
    this.#apply("answer", () => {
      this.record.described("us", sdp);
      this.#ack.sdp = sdp;
    });
  }

  acknowledge(sdp: string): void {
    this.#apply("acknowledge", () => {
      this.record.described("us", sdp);
      this.#ack.sdp = sdp;
    });
  }

  hangup(code: number, reason: string | undefined): void {
    this.#final = { code, reason };
    this.#apply("hangup");
  }

  /** 2xx to the re-INVITE that waits. */
  ok(sdp: string | undefined): void {
    const reinvite = this.#waitingReinvite();
    this.record.described("us", sdp);
    reinvite.accept(sdp);
  }

  /** A final failure to the re-INVITE that waits. */
  refuse(code: number, reason: string | undefined): void {
    this.#waitingReinvite().refuse(code, reason);
    this.#reinvite = undefined;
  }

  // The far end.

  cancelled(): void {
    this.#apply("CANCEL", () => {
      this.record.failed(487, "Request Terminated");
    });
  }

  acknowledged(request: SipRequest, flow: Flow): void {
    const seq = request.headers.cseq.seq;
    if (this.#uas?.acknowledge(seq) === true) {
      if (this.#dialog !== undefined) this.#dialog.nextHop = flow;
      this.record.described("them", sdpOf(request));
      this.#apply("ACK");
    } else if (this.#reinvite?.acknowledge(seq) === true) {
      this.#reinvite = undefined;
      this.record.described("them", sdpOf(request));
      this.#context.tell("answered");
    }
  }

  /** BYE, re-INVITE or OPTIONS inside the dialog; any other method is 405. */
  request(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const dialog = this.#dialog;
    if (dialog !== undefined && !acceptRequest(dialog, request, flow)) {
      this.#respond(transaction, 500, "CSeq out of order");
      return;
    }
    switch (request.method) {
      case "BYE":
        this.#bye = transaction;
        this.#apply("BYE");
        return;
      case "INVITE":
        this.#reinvited(transaction);
        return;
      case "OPTIONS":
        this.#respond(transaction, 200);
        return;
      default:
        this.#respond(transaction, 405);
    }
  }

  /** Our final response was never acknowledged, or could not be sent. */
  transactionFailed(): void {
    if (this.#state === "incoming") {
      this.record.failed(503, "Service Unavailable");
      this.#apply("set-up too long");
    }
  }

  /** Drops the session without a word; for shut-down. */
  abandon(): void {
    this.#state = "ended";
    this.#release();
  }

  #waitingReinvite(): UasInvite {
    if (this.#reinvite === undefined || this.#reinvite.waitsForAck) {
      throw new MediaswitchError("CALL_STATE", `no re-INVITE of ${this.record.callid} waits for an answer`);
    }
    this.#reinviteLimit?.cancel();
    return this.#reinvite;
  }

  #reinvited(transaction: ServerTransaction): void {
    // §14.2: one re-INVITE at a time, and none while the first INVITE is not settled.
    if (this.#state !== "confirmed" || this.#reinvite !== undefined) {
      this.#respond(transaction, 500, "Another INVITE is in progress", { "Retry-After": "2" });
      return;
    }
    const sdp = sdpOf(transaction.request);
    const reinvite = this.#answering(transaction);
    this.#reinvite = reinvite;
    this.record.offered(sdp);
    if (sdp !== undefined) this.record.held(this.#context.isHold(sdp));
    this.#reinviteLimit = this.#context.clock.after(REINVITE_LIMIT, () => {
      reinvite.refuse(500, "No answer from call control");
      this.#reinvite = undefined;
    });
    this.#context.tell("reinvite");
  }

  #answering(transaction: ServerTransaction): UasInvite {
    return new UasInvite(transaction, {
      clock: this.#context.clock,
      localTag: this.#context.localTag,
      contact: this.#context.contact,
      allow: this.#context.allow,
      other: this.#context.other,
      notAcknowledged: () => {
        this.#apply("no ACK", () => {
          this.record.failed(408, "No ACK");
        });
      },
    });
  }

  #apply(input: SessionInput, prepare?: () => void): void {
    const row = sessionTable[this.#state][input];
    if (row === "ignore") return;
    if (row === "refuse") {
      throw new MediaswitchError(
        "CALL_STATE",
        `${input} is not possible: call ${this.record.callid} is ${this.#state}`,
      );
    }
    prepare?.();
    this.#state = row.next;
    for (const action of row.actions) this.#perform(action);
    if (row.next === "confirmed" || row.next === "closing" || row.next === "accepting")
      this.#setUpLimit.cancel();
  }

  #perform(action: SessionAction): void {
    switch (action) {
      case "send 180":
        this.record.ringing();
        this.#uas?.ring(this.#alertInfo);
        return;
      case "send 2xx":
        this.#uas?.accept(this.#ack.sdp);
        return;
      case "send final":
        this.#uas?.refuse(this.#final.code, this.#final.reason);
        return;
      case "send 487":
        this.#uas?.refuse(487);
        return;
      case "send 480":
        this.#uas?.refuse(480);
        return;
      case "stop repeating":
        this.#uas?.stop();
        return;
      case "answer BYE":
        if (this.#bye !== undefined) this.#respond(this.#bye, 200);
        return;
      case "send CANCEL":
        this.#uac?.cancel();
        return;
      case "send ACK":
        this.#sendAck(this.#ack.sdp);
        return;
      case "send empty ACK":
        this.#sendAck(undefined);
        return;
      case "send BYE":
        this.#sendBye();
        return;
      case "tell ringing":
        if (this.record.isRinging) return;
        this.record.ringing();
        this.#context.tell("ringing");
        return;
      case "tell offer":
        this.#context.tell("offer");
        return;
      case "tell answered":
        this.record.answered();
        this.#context.tell("answered");
        return;
      case "tell ended":
        this.#release();
        this.record.ended();
        this.#context.tell("ended");
        return;
    }
  }

  #sendAck(sdp: string | undefined): void {
    if (this.#dialog === undefined) return;
    const ack = ackRequest(this.#dialog, this.#ack.seq, this.#context.contact);
    if (sdp !== undefined) {
      ack.headers["content-type"] = SDP_TYPE;
      ack.content = sdp;
    }
    this.#context.layer.sendAck(ack, this.#dialog.nextHop);
  }

  #sendBye(): void {
    if (this.#dialog === undefined) return;
    const answered = (): void => {
      this.#apply("BYE answered");
    };
    this.#context.layer.request(
      nextRequest(this.#dialog, "BYE", this.#context.contact),
      this.#dialog.nextHop,
      {
        response: (response) => {
          if (response.status >= 200) answered();
        },
        failed: answered,
      },
    );
  }

  #respond(transaction: ServerTransaction, status: number, reason?: string, other: OtherHeaders = {}): void {
    transaction.respond(
      makeResponse(transaction.request, status, {
        headers: { allow: this.#context.allow },
        other: { ...this.#context.other, ...other },
        ...(reason === undefined ? {} : { reason }),
      }),
    );
  }

  #release(): void {
    this.#setUpLimit.cancel();
    this.#reinviteLimit?.cancel();
    this.#uas?.stop();
    // A re-INVITE in progress when the dialog ends gets its final response too (§15.1.2).
    this.#reinvite?.refuse(487);
    this.#reinvite?.stop();
    this.#reinvite = undefined;
  }
}
