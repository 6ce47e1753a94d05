/**
 * One call leg: an INVITE, the dialog it makes, and its end (RFC 3261 §12–15). session-table.ts decides what
 * happens; this file carries the actions out, with its parts: uas-invite and uac-invite (the first INVITE),
 * incoming-offers and outgoing-offer (later ones), in-dialog-methods (all else). Sans-IO: it sends through the
 * transaction layer it was given.
 */
import { seconds } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Replaces, SipRequest, SipResponse } from "../message/message.js";
import type { CallReason } from "../sip-service.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import type { Flow } from "../transport/transport.js";
import type { CallRecord } from "./call-record.js";
import { CalleeSide } from "./callee-side.js";
import { CallerSide, type Outbound } from "./caller-side.js";
import { acceptRequest, ackRequest, nextRequest, type Dialog } from "./dialog.js";
import { InDialogMethods } from "./in-dialog-methods.js";
import { IncomingOffers } from "./incoming-offers.js";
import { exchange, isAgreed } from "./offer-answer-exchange.js";
import { OutgoingOffer, refreshMethod } from "./outgoing-offer.js";
import { readReason } from "./reason.js";
import { SessionCore, type SessionContext } from "./session-core.js";
import { SessionDialogs } from "./session-dialogs.js";
import { SessionEnding } from "./session-ending.js";
import { SessionLimits } from "./session-limits.js";
import { sessionTable, type SessionAction, type SessionInput, type SessionState } from "./session-table.js";
import { agreedTimer, SessionTimer, type AgreedTimer } from "./session-timer.js";
import { canResume, type StoredSession } from "./stored-session.js";
import type { Refused } from "./uac-invite.js";
import { SDP_TYPE, type Provisional } from "./uas-invite.js";

export type { SessionContext } from "./session-core.js";
export type { Redirect } from "./uac-invite.js";

/** A refresh that could not be made now is tried again after this. */
const REFRESH_AGAIN = seconds(5);

/** Requests that a call may have sent between the last time it was stored and the end of the process. */
const UNSURE = 1000;

export class InviteSession {
  readonly record: CallRecord;
  readonly #context: SessionContext;
  readonly #core: SessionCore;
  readonly #dialogs: SessionDialogs;
  readonly #incoming: IncomingOffers;
  readonly #outgoing: OutgoingOffer;
  readonly #methods: InDialogMethods;
  readonly #timer: SessionTimer;
  #state: SessionState;
  #callee: CalleeSide | undefined;
  #caller: CallerSide | undefined;
  /** CSeq of the INVITE that our last ACK acknowledged, and the answer it carried, to repeat it. */
  #ack: { seq: number; sdp: string | undefined } = { seq: 0, sdp: undefined };
  #bye: ServerTransaction | undefined;
  /** The last provisional response that came. */
  #response: SipResponse | undefined;
  readonly #limits: SessionLimits;
  readonly #ending = new SessionEnding();
  #provisional: Provisional = { status: 180 };

  /** An INVITE came in. */
  static inbound(context: SessionContext, record: CallRecord, invite: ServerTransaction): InviteSession {
    const session = new InviteSession(context, record, "incoming");
    session.#callee = new CalleeSide(session.#core, invite, {
      notAcknowledged: () => {
        session.#notAcknowledged();
      },
      pracked: () => {
        session.#apply("PRACK");
      },
      notPracked: () => {
        session.#apply("no PRACK", () => {
          record.failed(504, "No PRACK");
        });
      },
      timer: (agreed) => {
        session.#timed(agreed);
      },
      prackOffer: (transaction, dialog, sdp) => {
        session.#incoming.prackOffer(transaction, dialog, sdp);
      },
    });
    return session;
  }

  /** Calls all targets, at once. */
  static outbound(
    context: SessionContext,
    record: CallRecord,
    { invite, targets, ...choices }: Outbound,
  ): InviteSession {
    const session = new InviteSession(context, record, "calling");
    session.#caller = new CallerSide(
      session.#core,
      {
        isCalling: () => session.#state === "calling",
        provisional: (response) => {
          session.#apply("1xx", () => {
            session.#response = response;
          });
        },
        accepted: (response, dialog, offers) => {
          session.#accepted(response, dialog, offers);
        },
        refused: (refused) => {
          session.#refused(refused);
        },
      },
      choices,
    );
    session.#caller.start(invite, targets);
    return session;
  }

  /**
   * Takes up an answered call that another process had.
   * @throws {MediaswitchError} CALL_STATE for one that was not answered, or is ending.
   */
  static resumed(context: SessionContext, record: CallRecord, stored: StoredSession): InviteSession {
    if (!canResume(stored)) {
      throw new MediaswitchError("CALL_STATE", `call ${stored.info.callid} was ${stored.state}`);
    }
    const { dialog, ack, timer, endsAt } = structuredClone(stored);
    const session = new InviteSession(context, record, "confirmed");
    session.#core.dialog = dialog;
    // It may have sent more than it has stored; a number that the far end has seen is refused (§12.2.2), a gap is not.
    if (dialog !== undefined) dialog.localSeq += UNSURE;
    session.#ack = { seq: ack.seq, sdp: ack.sdp };
    if (timer !== undefined) session.#timer.resume(timer);
    session.#limits.resume(endsAt);
    return session;
  }

  private constructor(context: SessionContext, record: CallRecord, state: SessionState) {
    this.#context = context;
    this.record = record;
    this.#state = state;
    this.#core = new SessionCore(context, record, {
      gone: (status, reason) => {
        this.#apply("gone", () => {
          record.failed(status, reason);
        });
      },
      lost: (status, reason) => {
        this.#endBecause({ protocol: "SIP", cause: 408, text: "No response" }, status, reason);
      },
    });
    this.#dialogs = new SessionDialogs(this.#core, () => this.#caller?.early ?? []);
    this.#timer = new SessionTimer(context.clock, {
      refresh: () => {
        this.#refresh();
      },
      expired: () => {
        // RFC 4028 §10.
        this.#endBecause({ protocol: "SIP", cause: 408, text: "Session expired" }, 408, "Session expired");
      },
    });
    this.#incoming = new IncomingOffers(this.#core, {
      refreshed: (agreed) => {
        this.#timed(agreed);
      },
      notAcknowledged: () => {
        this.#notAcknowledged();
      },
      isAsking: () => this.#outgoing.isAsking,
    });
    this.#outgoing = new OutgoingOffer(this.#core, {
      refreshed: (agreed) => {
        this.#timed(agreed);
      },
      notRefreshed: () => {
        this.#timer.refreshLater(REFRESH_AGAIN);
      },
      timer: () => this.#timer.state,
      isAsked: () => this.#incoming.isBusy,
    });
    this.#methods = new InDialogMethods(this.#core, this.#callMethods());
    this.#limits = new SessionLimits(context.clock, {
      setUpTooLong: () => {
        this.#apply("set-up too long", () => {
          record.failed(408, "Request Timeout");
        });
      },
      tooLong: () => {
        const text = "Maximum call duration";
        this.#endBecause({ protocol: "Q.850", cause: 102, text }, 408, text);
      },
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  /** A dialog that counts: confirmed or about to be. */
  get hasDialog(): boolean {
    return this.#core.dialog !== undefined && this.#state !== "ended";
  }

  dialogBy(connection: number): Dialog | undefined {
    const { dialog } = this.#core;
    return dialog?.nextHop.connection === connection ? dialog : undefined;
  }

  /** The REFER of this call that is being carried out; it may outlive the call. */
  get referral(): InDialogMethods["referral"] {
    return this.#methods.referral;
  }

  /** Does a request with a To tag belong here? */
  owns(request: SipRequest): boolean {
    return this.#dialogs.owns(request);
  }

  /** Is this one of its dialogs, as a Replaces header names it: our tag, and theirs? */
  hasDialogOf(localTag: string, remoteTag: string): boolean {
    return this.#dialogs.has(localTag, remoteTag);
  }

  /** Its dialog, or before a 2xx the first of the early ones. */
  firstDialog(): Dialog | undefined {
    return this.#dialogs.first;
  }

  /** Its dialog as the far end would name it (RFC 3891 §3). */
  asReplaces(): Replaces | undefined {
    return this.#dialogs.asReplaces();
  }

  /** As plain data, of this moment. */
  stored(): StoredSession {
    const { dialog } = this.#core;
    const { state: timer } = this.#timer;
    const { endsAt } = this.#limits;
    return structuredClone({
      state: this.#state,
      info: this.record.info(),
      localTag: this.#context.localTag,
      contact: this.#context.contact,
      ...(dialog === undefined ? {} : { dialog }),
      early: this.#state === "calling" || this.#state === "cancelling" ? (this.#caller?.early ?? []) : [],
      ack: { seq: this.#ack.seq, ...(this.#ack.sdp === undefined ? {} : { sdp: this.#ack.sdp }) },
      ...(timer === undefined ? {} : { timer }),
      ...(endsAt === undefined ? {} : { endsAt }),
    });
  }

  // Commands.

  /** 180, or with a description 183: each of them once. */
  ring(alertInfo: string | undefined, sdp: string | undefined): void {
    const provisional = this.#callee?.provisional(alertInfo, sdp);
    if (provisional === undefined && this.#callee !== undefined) return;
    this.#provisional = provisional ?? this.#provisional;
    this.#apply("ring");
  }

  answer(sdp: string | undefined): void {
    this.#apply(this.#callee?.waitsForPrack === true ? "answer later" : "answer", () => {
      this.#ack.sdp = this.#callee?.ours(sdp);
      this.record.described("us", this.#ack.sdp);
    });
  }

  /** Our answer to their offer in a 2xx, or in a reliable 18x. */
  acknowledge(sdp: string): void {
    if (this.#outgoing.waitsForAnswer) {
      this.#outgoing.acknowledge(sdp);
      return;
    }
    if (this.#caller?.waitsForAnswer === true && this.#state === "calling") {
      this.#caller.answerEarly(sdp);
      return;
    }
    this.#apply("acknowledge", () => {
      if (this.#core.dialog !== undefined) exchange(this.#core.dialog, "send answer");
      this.record.described("us", sdp);
      this.#ack.sdp = sdp;
    });
  }

  hangup(code: number | undefined, reason: string | undefined, q850?: number): void {
    this.#ending.asked(code, reason, q850);
    this.#apply("hangup");
  }

  /** 2xx to the re-INVITE or UPDATE that waits. */
  ok(sdp: string | undefined): void {
    this.#incoming.ok(sdp);
  }

  /** A final failure to it. */
  refuse(code: number, reason: string | undefined): void {
    this.#incoming.refuse(code, reason);
  }

  /** Our re-INVITE; in an early dialog our UPDATE, which needs a first exchange that is done (RFC 3311 §5.1). */
  reinvite(sdp: string | undefined): void {
    if (this.#state === "confirmed" && this.#core.dialog !== undefined) {
      this.#outgoing.start("control", this.#core.dialog, "INVITE", sdp);
      return;
    }
    const early = this.#earlyForUpdate();
    if (early === undefined || sdp === undefined) {
      throw new MediaswitchError(
        "CALL_STATE",
        `a re-INVITE is not possible: call ${this.record.callid} is ${this.#state}`,
      );
    }
    this.#outgoing.start("control", early, "UPDATE", sdp);
  }

  /** INFO or MESSAGE. */
  send(method: "INFO" | "MESSAGE", contentType: string, body: string): void {
    const { dialog } = this.#core;
    if (dialog === undefined || this.#state !== "confirmed") {
      throw new MediaswitchError("CALL_STATE", `call ${this.record.callid} is ${this.#state}`);
    }
    const request = nextRequest(dialog, method, this.#core.contactIn(dialog));
    request.headers["content-type"] = contentType;
    request.content = body;
    // RFC 3428 §4: a MESSAGE has no Contact.
    if (method === "MESSAGE") delete request.headers.contact;
    this.#core.send(dialog, request);
  }

  // The far end.

  /** Is this the INVITE that the call began with? */
  isBegunBy(invite: ServerTransaction): boolean {
    return this.#callee?.answers(invite) === true;
  }

  /** A CANCEL for an INVITE of theirs. */
  cancelled(invite: ServerTransaction, cancel: SipRequest): void {
    if (this.#incoming.cancelled(invite)) return;
    this.#apply("CANCEL", () => {
      this.record.because(readReason(cancel.headers));
      this.record.failed(487, "Request Terminated");
    });
  }

  acknowledged(request: SipRequest, flow: Flow): void {
    if (this.#callee?.acknowledge(request) !== true) {
      this.#incoming.acknowledged(request);
      return;
    }
    if (this.#core.dialog !== undefined) this.#core.dialog.nextHop = flow;
    this.#apply("ACK");
  }

  /** A request within the dialog. */
  request(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    const dialog = this.#dialogs.of(request);
    if (dialog === undefined) {
      // Before the 18x that makes the dialog, only a BYE has a meaning.
      if (request.method === "BYE") this.#callMethods().bye(transaction);
      else this.#core.respond(transaction, 481);
      return;
    }
    if (!acceptRequest(dialog, request, flow)) {
      this.#core.respond(transaction, 500, { reason: "CSeq out of order" });
      return;
    }
    this.#methods.handle(transaction, dialog);
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
    this.#methods.referral?.abandon();
  }

  #earlyForUpdate(): Dialog | undefined {
    if (this.#state === "calling") return this.#caller?.early.find(isAgreed);
    return this.#state === "incoming" ? this.#core.dialog : undefined;
  }

  #callMethods(): ConstructorParameters<typeof InDialogMethods>[1] {
    const isConfirmed = (): boolean => this.#state === "confirmed";
    return {
      bye: (transaction) => {
        this.#bye = transaction;
        this.record.because(readReason(transaction.request.headers));
        this.#apply("BYE");
        // Whatever the state: a BYE of a dialog of ours is answered.
        if (transaction.open) this.#core.respond(transaction, 200);
      },
      reinvite: (transaction, dialog) => {
        // §14.2: one re-INVITE at a time, and none while the first INVITE is not settled.
        if (this.#state === "confirmed") this.#incoming.reinvite(transaction, dialog);
        else this.#core.busy(transaction, "Another INVITE is in progress");
      },
      update: (transaction, dialog) => {
        this.#incoming.update(transaction, dialog);
      },
      prack: (transaction, dialog) => {
        if (this.#callee === undefined) this.#core.respond(transaction, 481);
        else this.#callee.pracked(transaction, dialog);
      },
      isConfirmed,
    };
  }

  #accepted(response: SipResponse, dialog: Dialog, offers: "offers" | "answers"): void {
    const isFirst = this.#core.dialog === undefined;
    this.#apply(offers === "offers" ? "2xx with offer" : "2xx", () => {
      if (!isFirst) return;
      this.#core.dialog = dialog;
      this.#ack = { seq: response.headers.cseq.seq, sdp: undefined };
      this.#caller?.confirm(response, dialog);
      if (this.#context.sessionTimer !== undefined) this.#timed(agreedTimer(response));
    });
  }

  #refused({ status, reason, response }: Refused): void {
    this.#apply("refused", () => {
      this.record.failed(status, reason);
      if (response === undefined) return;
      this.record.because(readReason(response.headers));
      const { contact } = response.headers;
      if (status < 400 && contact !== undefined && contact !== "*") {
        this.record.redirectedTo(contact.map(({ uri }) => uri));
      }
    });
  }

  #notAcknowledged(): void {
    this.#apply("no ACK", () => {
      this.record.failed(408, "No ACK");
    });
  }

  /** We end the call, because of something that nobody asked for. */
  #endBecause(why: CallReason, code: number, status: string): void {
    if (this.#state !== "confirmed") return;
    this.#ending.because(why);
    this.record.failed(code, status);
    this.#apply("hangup");
  }

  /** RFC 4028 §7.4. */
  #refresh(): void {
    const { dialog } = this.#core;
    if (dialog === undefined || this.#state !== "confirmed") return;
    const method = refreshMethod(dialog);
    const sdp = method === "UPDATE" ? undefined : this.record.ours;
    if (!this.#outgoing.isIdle || this.#incoming.isBusy) {
      this.#timer.refreshLater(REFRESH_AGAIN);
      return;
    }
    this.#outgoing.start("refresh", dialog, method, sdp);
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
    const before = this.#state;
    this.#state = row.next;
    if (row.next === "confirmed" && before !== "confirmed") this.#confirmed();
    if (row.next === "accepting" || row.next === "closing") this.#limits.setUpIsOver();
    if (row.next === "closing") this.#timer.stop();
    for (const action of row.actions) this.#perform(action);
  }

  #confirmed(): void {
    this.#limits.setUpIsOver();
    const { maxDuration } = this.#context;
    if (maxDuration !== undefined) this.#limits.mayLast(maxDuration);
  }

  #perform(action: SessionAction): void {
    switch (action) {
      case "send 18x":
        this.#callee?.ring(this.#provisional);
        return;
      case "send 2xx":
        this.#callee?.accept(this.#ack.sdp);
        return;
      case "send final":
        this.#callee?.refuse(this.#ending.final.code, this.#ending.final.reason, this.#ending.finalHeaders);
        return;
      case "send 487":
        this.#callee?.refuse(487);
        return;
      case "send 480":
        this.#callee?.refuse(480);
        return;
      case "send 504":
        this.#callee?.refuse(504, "No PRACK");
        return;
      case "stop repeating":
        this.#callee?.stop();
        return;
      case "answer BYE":
        if (this.#bye?.open === true) this.#core.respond(this.#bye, 200);
        return;
      case "send CANCEL":
        this.#caller?.cancel(this.#ending.cancelReason);
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
      case "tell provisional":
        if (this.#response?.status !== 180 || this.record.isRinging) return;
        this.record.ringing();
        this.#context.tell("ringing");
        return;
      case "tell offer":
        // Where a reliable 18x has carried it, control works at the answer already.
        if (this.#caller?.waitsForAnswer !== true) this.#context.tell("offer");
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
    const { dialog } = this.#core;
    if (dialog === undefined) return;
    const ack = ackRequest(dialog, this.#ack.seq, this.#core.contactIn(dialog));
    if (sdp !== undefined) {
      ack.headers["content-type"] = SDP_TYPE;
      ack.content = sdp;
    }
    this.#context.layer.sendAck(ack, dialog.nextHop);
  }

  #sendBye(): void {
    const { dialog } = this.#core;
    if (dialog === undefined) return;
    const bye = nextRequest(dialog, "BYE", this.#core.contactIn(dialog));
    Object.assign(bye.headers, this.#ending.byeHeaders);
    const answered = (): void => {
      this.#apply("BYE answered");
    };
    this.#core.send(dialog, bye, { accepted: answered, refused: answered });
  }

  #timed(agreed: AgreedTimer | undefined): void {
    this.#timer.restart(agreed);
    this.#context.changed();
  }

  #release(): void {
    this.#limits.stop();
    this.#timer.stop();
    this.#callee?.stop();
    this.#caller?.stop();
    this.#outgoing.stop();
    // A re-INVITE in progress when the dialog ends gets its final response too (§15.1.2).
    this.#incoming.stop();
  }
}
