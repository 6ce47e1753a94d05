/** Re-INVITE and UPDATE of the far end, and PRACK with an offer: taken one at a time, answered by control. */
import { seconds } from "../../core/brand.js";
import type { Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Headers, SipRequest } from "../message/message.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import { exchange, mayExchange, type ExchangeRow } from "./offer-answer-exchange.js";
import type { Dialog } from "./dialog.js";
import { sdpOf } from "./sdp-of.js";
import type { SessionCore } from "./session-core.js";
import { answerTimer, isTooShort, type AgreedTimer } from "./session-timer.js";
import { SDP_TYPE, UasInvite } from "./uas-invite.js";

/** A re-INVITE that control does not answer is refused; the session goes on as it was (RFC 3261 §14.2). */
const REINVITE_LIMIT = seconds(30);
/** An UPDATE or PRACK can't wait for long: its sender gives it up after 32 s (RFC 3311 §5.2: 504 then). */
const UPDATE_LIMIT = seconds(10);

/** One that waits for control's answer, or whose 2xx waits for its ACK. */
interface Open {
  readonly transaction: ServerTransaction;
  readonly dialog: Dialog;
  /** Of a re-INVITE. */
  readonly invite: UasInvite | undefined;
  readonly hasOffer: boolean;
  readonly before: {
    readonly theirs: string | undefined;
    readonly ours: string | undefined;
    readonly held: boolean;
  };
  limit: Timer | undefined;
}

export interface IncomingOffersUser {
  /** A 2xx that refreshes the session went out. */
  readonly refreshed: (agreed: AgreedTimer | undefined) => void;
  /** The 2xx to a re-INVITE got no ACK. */
  readonly notAcknowledged: () => void;
  /** Ours is under way, or waits to be tried again. */
  readonly isAsking: () => boolean;
}

export class IncomingOffers {
  readonly #core: SessionCore;
  readonly #user: IncomingOffersUser;
  #open: Open | undefined;

  constructor(core: SessionCore, user: IncomingOffersUser) {
    this.#core = core;
    this.#user = user;
  }

  get isBusy(): boolean {
    return this.#open !== undefined;
  }

  /** RFC 3261 §14.2. */
  reinvite(transaction: ServerTransaction, dialog: Dialog): void {
    const { request } = transaction;
    if (this.#isRefusedForNow(transaction)) return;
    const sdp = sdpOf(request);
    if (!this.#mayBegin(transaction, dialog, sdp)) return;
    this.#begin(transaction, dialog, sdp, this.#answering(transaction));
  }

  /** RFC 3311 §5.2: with an offer it waits for control; without, it only refreshes, and is answered at once. */
  update(transaction: ServerTransaction, dialog: Dialog): void {
    if (this.#isRefusedForNow(transaction)) return;
    const sdp = sdpOf(transaction.request);
    if (sdp === undefined) {
      this.#accept(transaction, undefined);
      return;
    }
    if (this.#mayBegin(transaction, dialog, sdp)) this.#begin(transaction, dialog, sdp, undefined);
  }

  /** RFC 3262 §5: once the first exchange is done a PRACK may carry an offer; its 200 has the answer. */
  prackOffer(transaction: ServerTransaction, dialog: Dialog, sdp: string): void {
    if (this.#mayBegin(transaction, dialog, sdp)) this.#begin(transaction, dialog, sdp, undefined);
  }

  /** 2xx. @throws {MediaswitchError} CALL_STATE when nothing waits. */
  ok(sdp: string | undefined): void {
    const open = this.#waiting();
    const { record } = this.#core;
    record.described("us", sdp);
    exchange(open.dialog, open.hasOffer ? "send answer" : "send offer");
    if (open.invite === undefined) {
      this.#open = undefined;
      this.#accept(open.transaction, sdp);
      return;
    }
    open.invite.accept(sdp, this.#timerHeaders(open.transaction.request));
  }

  /** A final failure. @throws {MediaswitchError} CALL_STATE when nothing waits. */
  refuse(status: number, reason: string | undefined): void {
    this.#refuse(this.#waiting(), status, reason);
  }

  /** A CANCEL came for it. */
  cancelled(transaction: ServerTransaction): boolean {
    const open = this.#open;
    if (open?.transaction !== transaction) return false;
    if (open.invite?.waitsForAck !== true) this.#refuse(open, 487, undefined);
    return true;
  }

  /** @returns true if the ACK was for a re-INVITE of theirs. */
  acknowledged(request: SipRequest): boolean {
    const open = this.#open;
    if (open?.invite?.acknowledge(request.headers.cseq.seq) !== true) return false;
    this.#open = undefined;
    const sdp = sdpOf(request);
    if (!open.hasOffer) exchange(open.dialog, sdp === undefined ? "withdrawn" : "receive answer");
    this.#core.record.described("them", sdp);
    this.#core.context.tell("answered");
    return true;
  }

  /** The session is over: what waits gets its final response too (RFC 3261 §15.1.2). */
  stop(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    open.limit?.cancel();
    if (open.invite === undefined) {
      if (open.transaction.open) this.#core.respond(open.transaction, 487);
      return;
    }
    open.invite.refuse(487);
    open.invite.stop();
  }

  #waiting(): Open {
    const open = this.#open;
    if (open === undefined || open.invite?.waitsForAck === true) {
      const { callid } = this.#core.record;
      throw new MediaswitchError("CALL_STATE", `no re-INVITE of ${callid} waits for an answer`);
    }
    open.limit?.cancel();
    return open;
  }

  #isRefusedForNow(transaction: ServerTransaction): boolean {
    const { sessionTimer } = this.#core.context;
    if (sessionTimer !== undefined && isTooShort(transaction.request, sessionTimer)) {
      this.#core.respond(transaction, 422, { headers: { "min-se": sessionTimer.minimum } });
      return true;
    }
    if (this.#core.context.isBehind()) {
      this.#core.busy(transaction, "Call control is behind");
      return true;
    }
    return false;
  }

  /** §14.2: ours met theirs: 491; one of theirs is not settled: 500, and when to come again. */
  #mayBegin(transaction: ServerTransaction, dialog: Dialog, sdp: string | undefined): boolean {
    const isInvite = transaction.request.method === "INVITE";
    let row: ExchangeRow;
    if (this.#user.isAsking()) row = 491;
    else if (this.#open !== undefined) row = 500;
    else if (sdp !== undefined) row = exchange(dialog, "receive offer");
    else row = mayExchange(dialog, "send offer") ? "agreed" : 500;
    if (row === 491) {
      this.#core.respond(transaction, 491);
      return false;
    }
    if (row === 500) {
      this.#core.busy(
        transaction,
        isInvite ? "Another INVITE is in progress" : "Another offer is in progress",
      );
      return false;
    }
    return true;
  }

  #begin(
    transaction: ServerTransaction,
    dialog: Dialog,
    sdp: string | undefined,
    invite: UasInvite | undefined,
  ): void {
    const { record, context } = this.#core;
    const open: Open = {
      transaction,
      dialog,
      invite,
      hasOffer: sdp !== undefined,
      before: { theirs: record.theirs, ours: record.ours, held: record.isHeld },
      limit: undefined,
    };
    this.#open = open;
    record.offered(sdp);
    if (sdp !== undefined) record.held(context.isHold(sdp));
    open.limit = context.clock.after(invite === undefined ? UPDATE_LIMIT : REINVITE_LIMIT, () => {
      this.#refuse(open, invite === undefined ? 504 : 500, "No answer from call control");
    });
    context.tell("reinvite");
  }

  #refuse(open: Open, status: number, reason: string | undefined): void {
    open.limit?.cancel();
    this.#open = undefined;
    const { record } = this.#core;
    exchange(open.dialog, "withdrawn");
    record.restore("them", open.before.theirs);
    record.restore("us", open.before.ours);
    record.held(open.before.held);
    if (open.invite !== undefined) open.invite.refuse(status, reason);
    else this.#core.respond(open.transaction, status, reason === undefined ? {} : { reason });
  }

  #accept(transaction: ServerTransaction, sdp: string | undefined): void {
    const isUpdate = transaction.request.method === "UPDATE";
    const { contact } = this.#core;
    this.#core.respond(transaction, 200, {
      headers: { contact: [contact], ...(isUpdate ? this.#timerHeaders(transaction.request) : {}) },
      ...(sdp === undefined ? {} : { contentType: SDP_TYPE, content: sdp }),
    });
  }

  /** RFC 4028 §9: a 2xx says what the session timer is from now on. */
  #timerHeaders(request: SipRequest): Partial<Headers> {
    const { sessionTimer } = this.#core.context;
    if (sessionTimer === undefined) return {};
    const { headers, agreed } = answerTimer(request, sessionTimer);
    this.#user.refreshed(agreed);
    return headers;
  }

  #answering(transaction: ServerTransaction): UasInvite {
    const { context } = this.#core;
    return new UasInvite(transaction, {
      ...context,
      contact: this.#core.contact,
      notAcknowledged: () => {
        this.#open = undefined;
        this.#user.notAcknowledged();
      },
      pracked: () => undefined,
      notPracked: () => undefined,
    });
  }
}
