/** One call of a phone: a complete user agent on the switch's own transaction layer, so that losses are made good. */
import { ms } from "../core/brand.js";
import { hexToken } from "../core/random.js";
import {
  acceptRequest,
  ackRequest,
  belongsTo,
  dialogAsUac,
  dialogAsUas,
  nextRequest,
  updateAsUac,
  type Dialog,
  type InDialogMethod,
} from "../sip/dialog/dialog.js";
import { Repeated2xx } from "../sip/dialog/repeat-2xx.js";
import { formatReplaces } from "../sip/message/dialog-identifiers.js";
import type { SipRequest, SipResponse } from "../sip/message/message.js";
import { makeResponse } from "../sip/message/response.js";
import type { ClientTransaction, ServerTransaction } from "../sip/transaction/transaction.js";
import type { CallAudio } from "./call-audio.js";
import { inviteOf, type OutgoingCall } from "./phone-invite.js";
import { sendSigned, type LineFailure, type Outcome, type PhoneLine } from "./phone-line.js";

/** `calling`, `incoming`: not answered. `talking`: answered. */
export type PhoneCallState = "calling" | "incoming" | "talking" | "ended";

export interface TransferProgress {
  /** Status of the REFER itself; undefined while there is none. */
  readonly accepted: number | undefined;
  /** Status of the last NOTIFY about it. */
  readonly outcome: number | undefined;
}

const SDP = "application/sdp";
const RINGING = 180;
const MOST_MESSAGES = 1000;
/** RFC 3261 §14.1: who made the call waits longer after a 491. */
const GLARE_WAIT = { calling: ms(3000), called: ms(1000) };

export class PhoneCall<Audio extends CallAudio = CallAudio> {
  readonly audio: Audio;
  readonly callId: string;
  readonly direction: "incoming" | "outgoing";
  state: PhoneCallState;
  /** The far end rings. */
  isRinging = false;
  /** The last provisional response to our INVITE. */
  provisional: number | undefined;
  /** Why it ended: a status that came, or 0 for a normal end. */
  status: number | undefined;
  /** Who ended it. */
  endedBy: "phone" | "switch" | undefined;
  /** Final responses to our INVITE so far, retransmissions not counted. */
  readonly finals: number[] = [];
  /** The last of them. */
  final: SipResponse | undefined;
  /** Why that one was made up here. */
  failure: LineFailure | undefined;
  /** Text that came within the call, the first thousand. */
  readonly messages: string[] = [];
  transfer: TransferProgress = { accepted: undefined, outcome: undefined };
  /** Headers of the INVITE that came in. */
  readonly invite: SipRequest | undefined;

  readonly #line: PhoneLine;
  readonly #localTag: string;
  #dialog: Dialog | undefined;
  #outgoing: ClientTransaction | undefined;
  #incoming: ServerTransaction | undefined;
  #repeated: Repeated2xx | undefined;
  /** The ACK of the last 2xx, for its retransmissions. */
  #ackedSeq = 0;
  #isCancelled = false;
  #isRefreshing = false;
  /** Our BYE has no answer yet. */
  #isLeaving = false;

  static outgoing<Audio extends CallAudio>(
    line: PhoneLine,
    audio: Audio,
    call: OutgoingCall,
  ): PhoneCall<Audio> {
    const made = new PhoneCall(line, audio, hexToken(line.random, 10), undefined);
    made.#invite(call);
    return made;
  }

  static incoming<Audio extends CallAudio>(
    line: PhoneLine,
    audio: Audio,
    transaction: ServerTransaction,
  ): PhoneCall<Audio> {
    return new PhoneCall(line, audio, transaction.request.headers["call-id"], transaction);
  }

  private constructor(
    line: PhoneLine,
    audio: Audio,
    callId: string,
    incoming: ServerTransaction | undefined,
  ) {
    this.#line = line;
    this.audio = audio;
    this.callId = callId;
    this.#localTag = hexToken(line.random, 8);
    this.#incoming = incoming;
    this.invite = incoming?.request;
    this.direction = incoming === undefined ? "outgoing" : "incoming";
    this.state = incoming === undefined ? "calling" : "incoming";
    if (incoming !== undefined) {
      this.#dialog = dialogAsUas(incoming.request, this.#localTag, incoming.flow);
    }
  }

  /** It has ended, and nothing is left to be said or heard of it. */
  get isOver(): boolean {
    return this.state === "ended" && this.#repeated === undefined && !this.#isLeaving;
  }

  /** Does a request within a dialog belong here? */
  owns(request: SipRequest): boolean {
    return this.#dialog !== undefined && belongsTo(this.#dialog, request);
  }

  isOf(transaction: ServerTransaction): boolean {
    return this.#incoming === transaction;
  }

  /** The dialog as a Replaces header of the far end names it (RFC 3891). */
  isNamedBy(replaces: {
    readonly callId: string;
    readonly toTag: string;
    readonly fromTag: string;
  }): boolean {
    const dialog = this.#dialog;
    return (
      dialog?.callId === replaces.callId &&
      dialog.localTag === replaces.toTag &&
      dialog.remoteTag === replaces.fromTag
    );
  }

  // What the user does.

  /** 180 to the caller. */
  ring(): void {
    this.#respond(RINGING);
  }

  answer(): void {
    const { invite } = this;
    const transaction = this.#incoming;
    if (this.state !== "incoming" || invite === undefined || transaction === undefined) {
      throw new Error(`there is nothing to answer: the call is ${this.state}`);
    }
    const sdp = invite.content === "" ? this.audio.offer() : this.audio.answer(invite.content);
    if (sdp === undefined) {
      this.reject(488);
      return;
    }
    this.state = "talking";
    this.#accept(transaction, sdp);
  }

  reject(status: number): void {
    if (this.state !== "incoming") throw new Error(`there is nothing to refuse: the call is ${this.state}`);
    this.#respond(status);
    this.#end(status, "phone");
  }

  hangup(): void {
    switch (this.state) {
      case "ended":
        return;
      case "incoming":
        this.reject(486);
        return;
      case "calling":
        this.#isCancelled = true;
        if (this.#outgoing !== undefined) this.#line.layer.cancel(this.#outgoing);
        return;
      case "talking":
        this.#end(0, "phone");
        // RFC 3261 §15: no BYE before the ACK of our 2xx.
        if (this.#repeated === undefined) this.#bye();
    }
  }

  /** Re-INVITE with another direction. */
  refresh(wants: CallAudio["wants"]): void {
    if (this.state !== "talking") throw new Error(`there is nothing to hold: the call is ${this.state}`);
    this.audio.wants = wants;
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    const sdp = this.audio.offer();
    this.#send("INVITE", { type: SDP, content: sdp }, {}, (response, seq) => {
      this.#isRefreshing = false;
      if (response.status < 300) {
        this.#acknowledge(seq);
        this.audio.take(response.content);
        if (this.audio.wants !== wants) this.refresh(this.audio.wants);
      } else if (response.status === 491) {
        const wait = this.direction === "outgoing" ? GLARE_WAIT.calling : GLARE_WAIT.called;
        this.#line.clock.after(wait, () => {
          if (this.state === "talking") this.refresh(this.audio.wants);
        });
      } else if (response.status === 481 || response.status === 408) this.hangup();
    });
  }

  /** REFER: blind, or with another call of the phone, attended. */
  refer(uri: string, replacing?: PhoneCall): void {
    if (this.state !== "talking") throw new Error(`there is nothing to transfer: the call is ${this.state}`);
    const dialog = replacing === undefined ? undefined : replacing.#dialog;
    const replaces =
      dialog === undefined
        ? ""
        : `?Replaces=${encodeURIComponent(
            formatReplaces({
              callId: dialog.callId,
              toTag: dialog.remoteTag,
              fromTag: dialog.localTag,
              earlyOnly: false,
            }),
          )}`;
    this.transfer = { accepted: undefined, outcome: undefined };
    this.#send("REFER", undefined, { "refer-to": { uri: uri + replaces, params: {} } }, ({ status }) => {
      this.transfer = { ...this.transfer, accepted: status };
    });
  }

  /** A key press as INFO. */
  info(key: string): void {
    const content = `Signal=${key}\r\nDuration=160\r\n`;
    this.#send("INFO", { type: "application/dtmf-relay", content });
  }

  message(text: string): void {
    this.#send("MESSAGE", { type: "text/plain", content: Buffer.from(text).toString("latin1") });
  }

  // What comes from the switch.

  cancelled(): void {
    if (this.state !== "incoming") return;
    this.#respond(487);
    this.#end(487, "switch");
  }

  acknowledged(ack: SipRequest): void {
    if (this.#repeated?.isAcknowledgedBy(ack.headers.cseq.seq) !== true) return;
    this.#repeated.stop();
    this.#repeated = undefined;
    if (ack.content !== "") this.audio.take(ack.content);
    if (this.endedBy === "phone") this.#bye();
  }

  requested(transaction: ServerTransaction): void {
    const dialog = this.#dialog;
    const { request, flow } = transaction;
    if (dialog === undefined || !acceptRequest(dialog, request, flow)) {
      transaction.respond(makeResponse(request, 500));
      return;
    }
    switch (request.method) {
      case "BYE":
        transaction.respond(makeResponse(request, 200));
        this.#end(0, "switch");
        return;
      case "INVITE":
        this.#reinvited(transaction);
        return;
      case "UPDATE":
        this.#updated(transaction);
        return;
      case "INFO":
      case "MESSAGE":
        if (this.messages.length < MOST_MESSAGES) {
          this.messages.push(Buffer.from(request.content, "latin1").toString());
        }
        transaction.respond(makeResponse(request, 200));
        return;
      case "NOTIFY":
        this.#notified(request);
        transaction.respond(makeResponse(request, 200));
        return;
      case "PRACK":
      case "OPTIONS":
        transaction.respond(makeResponse(request, 200));
        return;
      default:
        transaction.respond(makeResponse(request, 501));
    }
  }

  #reinvited(transaction: ServerTransaction): void {
    const { request } = transaction;
    // RFC 3261 §14.2: our own is under way.
    if (this.#isRefreshing || this.state !== "talking") {
      transaction.respond(makeResponse(request, 491));
      return;
    }
    const sdp = request.content === "" ? this.audio.offer() : this.audio.answer(request.content);
    if (sdp === undefined) transaction.respond(makeResponse(request, 488));
    else this.#accept(transaction, sdp);
  }

  #updated(transaction: ServerTransaction): void {
    const { request } = transaction;
    const sdp = request.content === "" ? "" : this.audio.answer(request.content);
    transaction.respond(
      sdp === undefined
        ? makeResponse(request, 488)
        : makeResponse(request, 200, {
            headers: { contact: [this.#line.contact] },
            ...(sdp === "" ? {} : { contentType: SDP, content: sdp }),
          }),
    );
  }

  #notified({ content }: SipRequest): void {
    const status = /^SIP\/2\.0 (\d{3})/.exec(content)?.[1];
    if (status !== undefined) this.transfer = { ...this.transfer, outcome: Number(status) };
  }

  // The INVITE of ours.

  #invite(outgoing: OutgoingCall): void {
    const call = { ...outgoing, callId: this.callId, fromTag: this.#localTag };
    const invite = inviteOf(this.#line, call, this.audio.offer());
    this.#outgoing = this.#signed(invite, {
      isWanted: () => !this.#isCancelled,
      again: (_cseq, transaction) => {
        this.#outgoing = transaction;
      },
      provisional: (response) => {
        this.#progress(invite, response);
      },
      final: (response, failure) => {
        this.final = response;
        this.failure = failure;
        this.#answered(invite, response);
      },
    });
  }

  #progress(invite: SipRequest, response: SipResponse): void {
    if (this.state !== "calling") return;
    this.provisional = response.status;
    if (response.status === 100) return;
    if (response.status === RINGING) this.isRinging = true;
    if (response.headers.to.params["tag"] !== undefined) this.#asUac(invite, response);
    if (response.content !== "") this.audio.take(response.content);
  }

  #answered(invite: SipRequest, response: SipResponse): void {
    const { status } = response;
    if (status >= 300) {
      this.finals.push(status);
      if (this.state === "calling") this.#end(status, this.#isCancelled ? "phone" : "switch");
      return;
    }
    const seq = response.headers.cseq.seq;
    const isFirst = seq !== this.#ackedSeq;
    if (isFirst) {
      this.finals.push(status);
      this.#asUac(invite, response);
      const dialog = this.#dialog;
      if (dialog !== undefined) dialog.localSeq = Math.max(dialog.localSeq, seq);
    }
    this.#acknowledge(seq);
    if (!isFirst || this.state !== "calling") return;
    this.state = "talking";
    const isUsable = this.audio.take(response.content);
    // A 2xx that crossed our CANCEL is ended by BYE (RFC 3261 §15).
    if (this.#isCancelled || !isUsable) this.hangup();
  }

  #asUac(invite: SipRequest, response: SipResponse): void {
    const tag = response.headers.to.params["tag"];
    if (this.#dialog?.remoteTag === tag && this.#dialog !== undefined) updateAsUac(this.#dialog, response);
    else this.#dialog = dialogAsUac(invite, response, this.#line.server);
  }

  #acknowledge(seq: number): void {
    if (this.#dialog === undefined) return;
    this.#ackedSeq = seq;
    this.#line.layer.sendAck(ackRequest(this.#dialog, seq, this.#line.contact), this.#dialog.nextHop);
  }

  // Both ways.

  #accept(transaction: ServerTransaction, sdp: string): void {
    const { clock, contact, allow } = this.#line;
    const response = makeResponse(transaction.request, 200, {
      toTag: this.#localTag,
      headers: { contact: [contact], allow: [...allow] },
      contentType: SDP,
      content: sdp,
    });
    this.#repeated?.stop();
    this.#repeated = new Repeated2xx(transaction, response, clock, () => {
      this.#repeated = undefined;
      if (this.endedBy === "phone") this.#bye();
      else this.hangup();
    });
  }

  #respond(status: number): void {
    const transaction = this.#incoming;
    if (transaction?.open !== true) return;
    transaction.respond(
      makeResponse(transaction.request, status, {
        toTag: this.#localTag,
        ...(status < 300 ? { headers: { contact: [this.#line.contact] } } : {}),
      }),
    );
  }

  #send(
    method: InDialogMethod,
    body?: { readonly type: string; readonly content: string },
    headers: Partial<SipRequest["headers"]> = {},
    final: (response: SipResponse, seq: number) => void = ({ status }) => {
      if ((status === 481 || status === 408) && method !== "BYE") this.#end(status, "switch");
    },
  ): void {
    const dialog = this.#dialog;
    if (dialog === undefined) return;
    const request = nextRequest(dialog, method, this.#line.contact);
    Object.assign(request.headers, headers, body === undefined ? {} : { "content-type": body.type });
    request.content = body?.content ?? "";
    this.#signed(request, {
      final: (response) => {
        final(response, response.headers.cseq.seq);
      },
    });
  }

  #signed(request: SipRequest, outcome: Outcome): ClientTransaction {
    const to = this.#dialog?.nextHop ?? this.#line.server;
    return sendSigned(this.#line, request, to, {
      ...outcome,
      again: (cseq, transaction) => {
        if (this.#dialog !== undefined) this.#dialog.localSeq = cseq.seq;
        outcome.again?.(cseq, transaction);
      },
    });
  }

  #bye(): void {
    this.#isLeaving = true;
    this.#send("BYE", undefined, {}, () => {
      this.#isLeaving = false;
    });
  }

  #end(status: number, by: "phone" | "switch"): void {
    if (this.state === "ended") return;
    this.state = "ended";
    this.status = status;
    this.endedBy = by;
    if (by === "switch") {
      this.#repeated?.stop();
      this.#repeated = undefined;
    }
    this.#line.changed();
  }
}
