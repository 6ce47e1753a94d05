/** The first INVITE of a call that came in: what is sent before and with our 2xx, and the PRACKs that come. */
import type { Headers, SipRequest } from "../message/message.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import { dialogAsUas, type Dialog } from "./dialog.js";
import { exchange, isAgreed } from "./offer-answer-exchange.js";
import { sdpOf } from "./sdp-of.js";
import type { SessionCore } from "./session-core.js";
import { answerTimer, type AgreedTimer } from "./session-timer.js";
import { UasInvite, type Provisional } from "./uas-invite.js";

export interface CalleeSideUser {
  readonly notAcknowledged: () => void;
  readonly pracked: () => void;
  readonly notPracked: () => void;
  /** The 2xx has settled the session timer. */
  readonly timer: (agreed: AgreedTimer | undefined) => void;
  /** A PRACK carries an offer of its own. */
  readonly prackOffer: (transaction: ServerTransaction, dialog: Dialog, sdp: string) => void;
}

export class CalleeSide {
  readonly #core: SessionCore;
  readonly #user: CalleeSideUser;
  readonly #request: SipRequest;
  readonly #dialog: Dialog;
  readonly #uas: UasInvite;
  /** What has been sent in provisional responses. */
  readonly #rung: { status?: number; sdp?: string } = {};

  constructor(core: SessionCore, invite: ServerTransaction, user: CalleeSideUser) {
    const { context, record } = core;
    this.#core = core;
    this.#user = user;
    this.#request = invite.request;
    this.#dialog = dialogAsUas(invite.request, context.localTag, invite.flow);
    const sdp = sdpOf(invite.request);
    if (sdp !== undefined) exchange(this.#dialog, "receive offer");
    core.dialog = this.#dialog;
    record.described("them", sdp);
    const { clock, random, localTag, contact, allow, supported, other } = context;
    this.#uas = new UasInvite(invite, {
      clock,
      random,
      localTag,
      contact,
      allow,
      supported,
      other,
      notAcknowledged: user.notAcknowledged,
      pracked: user.pracked,
      notPracked: user.notPracked,
    });
  }

  answers(invite: ServerTransaction): boolean {
    return this.#uas.answers(invite);
  }

  /** 180, or with a description 183: each of them once. Undefined: nothing is to be sent. */
  provisional(alertInfo: string | undefined, sdp: string | undefined): Provisional | undefined {
    // An offer may only stand in a response that is sure to come (RFC 3261 §13.2.1).
    const usable = this.#dialog.exchange === "none" && !this.#uas.canBeReliable ? undefined : sdp;
    if (usable === undefined ? this.#rung.status === 180 : this.#rung.sdp !== undefined) return undefined;
    return { status: usable === undefined ? 180 : 183, alertInfo, sdp: usable };
  }

  ring(provisional: Provisional): void {
    const { status, sdp } = provisional;
    const { record } = this.#core;
    this.#rung.status = status;
    if (status === 180) record.ringing();
    if (sdp !== undefined) {
      this.#rung.sdp = sdp;
      record.described("us", sdp);
      if (this.#dialog.exchange === "none") exchange(this.#dialog, "send offer");
    }
    this.#uas.provisional(provisional);
  }

  /** A description that an 18x has carried counts, and the 2xx repeats it (RFC 3261 §13.2.1). */
  ours(sdp: string | undefined): string | undefined {
    return this.#rung.sdp ?? sdp;
  }

  get waitsForPrack(): boolean {
    return this.#uas.waitsForPrack;
  }

  accept(ours: string | undefined): void {
    // RFC 6337 §2.2: what a reliable 18x has settled is not said again.
    const sdp = isAgreed(this.#dialog) ? undefined : ours;
    if (sdp !== undefined) {
      exchange(this.#dialog, this.#dialog.exchange === "none" ? "send offer" : "send answer");
    }
    const { sessionTimer } = this.#core.context;
    if (sessionTimer === undefined) {
      this.#uas.accept(sdp);
      return;
    }
    const { headers, agreed } = answerTimer(this.#request, sessionTimer);
    this.#user.timer(agreed);
    this.#uas.accept(sdp, headers);
  }

  refuse(status: number, reason?: string, headers: Partial<Headers> = {}): void {
    this.#uas.refuse(status, reason, headers);
  }

  /** @returns true if the ACK was for our 2xx. */
  acknowledge(request: SipRequest): boolean {
    if (!this.#uas.acknowledge(request.headers.cseq.seq)) return false;
    const sdp = sdpOf(request);
    // What no ACK has answered is settled nevertheless: a later offer begins anew.
    exchange(this.#dialog, sdp === undefined ? "withdrawn" : "receive answer");
    this.#core.record.described("them", sdp);
    return true;
  }

  /** RFC 3262 §3; the body of a PRACK is the answer to our 18x, or a new offer (§5). */
  pracked(transaction: ServerTransaction, dialog: Dialog): void {
    const { rack } = transaction.request.headers;
    if (rack === undefined) {
      this.#core.respond(transaction, 400, { reason: "No RAck" });
      return;
    }
    const awaited = this.#uas.awaitedBy(rack);
    if (awaited === undefined) {
      this.#core.respond(transaction, 481);
      return;
    }
    if (awaited.content !== "") exchange(dialog, "send answer");
    const sdp = sdpOf(transaction.request);
    const isAnswer = sdp !== undefined && exchange(dialog, "receive answer") === "agreed";
    if (sdp === undefined || isAnswer) this.#core.respond(transaction, 200);
    else this.#user.prackOffer(transaction, dialog, sdp);
    if (isAnswer) {
      this.#core.record.described("them", sdp);
      this.#core.context.tell("early");
    }
    this.#uas.acknowledgedReliable();
  }

  stop(): void {
    this.#uas.stop();
  }
}
