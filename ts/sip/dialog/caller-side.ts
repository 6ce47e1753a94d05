/** The first INVITE of a call we make: its early dialogs, what they describe, and their PRACKs. */
import type { SipRequest, SipResponse } from "../message/message.js";
import type { Dialog } from "./dialog.js";
import { exchange } from "./offer-answer-exchange.js";
import { prackFor, rackOf, type Reliability } from "./reliable-reception.js";
import { sdpOf } from "./sdp-of.js";
import type { SessionCore } from "./session-core.js";
import { UacInvite, type ContactFor, type InviteTarget, type Redirect, type Refused } from "./uac-invite.js";

/** What a call that we make needs. */
export interface Outbound {
  readonly invite: SipRequest;
  readonly targets: readonly InviteTarget[];
  /** The session's for all of them, unless given. */
  readonly contact?: ContactFor;
  readonly redirect?: Redirect;
}

export interface CallerSideUser {
  /** Not answered, and still wanted. */
  readonly isCalling: () => boolean;
  /** Any 1xx but 100. */
  readonly provisional: (response: SipResponse) => void;
  /** A 2xx of the dialog that counts, and each repetition of it. */
  readonly accepted: (response: SipResponse, dialog: Dialog, offers: "offers" | "answers") => void;
  readonly refused: (refused: Refused) => void;
}

export class CallerSide {
  readonly #core: SessionCore;
  readonly #user: CallerSideUser;
  readonly #uac: UacInvite;
  /** The reliable 18x whose offer waits for our answer, which its PRACK carries. */
  #owedPrack: { readonly dialog: Dialog; readonly response: SipResponse } | undefined;

  constructor(
    core: SessionCore,
    user: CallerSideUser,
    { redirect, contact: contactFor }: Pick<Outbound, "redirect" | "contact">,
  ) {
    this.#core = core;
    this.#user = user;
    const { layer, contact, authorize } = core.context;
    this.#uac = new UacInvite(layer, contactFor ?? (() => contact), authorize, {
      provisional: (response, dialog, reliability) => {
        this.#provisional(response, dialog, reliability);
      },
      accepted: (response, dialog) => {
        const offers = dialog.exchange === "none" || dialog.exchange === "first asked";
        user.accepted(response, dialog, offers ? "offers" : "answers");
      },
      refused: user.refused,
      ...(redirect === undefined ? {} : { redirected: redirect }),
    });
  }

  start(invite: SipRequest, targets: readonly InviteTarget[]): void {
    this.#core.record.described("us", sdpOf(invite));
    this.#uac.start(invite, targets);
  }

  /** One for each To tag that was seen. */
  get early(): readonly Dialog[] {
    return this.#uac.early;
  }

  /** An offer of an 18x has been told, and control works at the answer. */
  get waitsForAnswer(): boolean {
    return this.#owedPrack !== undefined;
  }

  cancel(reason: string | undefined): void {
    this.#uac.cancel(reason);
  }

  /** The call is over. */
  stop(): void {
    this.#uac.release();
  }

  /** Our answer to the offer of a reliable 18x. */
  answerEarly(sdp: string): void {
    if (this.#owedPrack === undefined) return;
    const { dialog, response } = this.#owedPrack;
    this.#owedPrack = undefined;
    exchange(dialog, "send answer");
    this.#core.record.described("us", sdp);
    this.#sendPrack(dialog, response, sdp);
  }

  /** What the first 2xx says, in the dialog that it confirms. */
  confirm(response: SipResponse, dialog: Dialog): void {
    const { record } = this.#core;
    const sdp = sdpOf(response);
    record.reachedAt(dialog.nextHop.remote, dialog.remoteTarget);
    // DEPARTURE RFC 3261 §13.2.1: where no reliable response has carried the answer, the one in the 2xx counts, even
    // if an 18x had shown another: gateways announce from one port and talk from the next.
    if (dialog.exchange === "none" && sdp !== undefined) exchange(dialog, "receive offer");
    else if (dialog.exchange === "first offered") {
      exchange(dialog, sdp === undefined && dialog.them === undefined ? "withdrawn" : "receive answer");
      if (sdp !== undefined) dialog.them = sdp;
    }
    record.described("them", dialog.them ?? sdp);
  }

  #provisional(response: SipResponse, dialog: Dialog | undefined, reliability: Reliability): void {
    // 100 says only that somebody is at work (§21.1.1); what a CANCEL waits for the transaction sees itself.
    if (response.status === 100) return;
    const sdp = dialog === undefined ? undefined : sdpOf(response);
    if (dialog !== undefined && sdp !== undefined && this.#user.isCalling()) {
      this.#described(dialog, response, sdp, reliability);
    }
    if (dialog !== undefined && reliability === "in order" && this.#owedPrack?.response !== response) {
      this.#sendPrack(dialog, response, undefined);
    }
    this.#user.provisional(response);
  }

  /** An 18x with a description: the answer, for good where it is reliable, or the offer that we asked for. */
  #described(dialog: Dialog, response: SipResponse, sdp: string, reliability: Reliability): void {
    const { record, context } = this.#core;
    if (dialog.exchange === "none") {
      // An offer in a response that may be lost is none (RFC 3261 §13.2.1).
      if (reliability !== "in order" || this.#owedPrack !== undefined) return;
      exchange(dialog, "receive offer");
      dialog.them = sdp;
      record.offered(sdp);
      this.#owedPrack = { dialog, response };
      context.tell("early-offer");
      return;
    }
    if (reliability === "in order") exchange(dialog, "receive answer");
    if (dialog.them === sdp) return;
    dialog.them = sdp;
    record.described("them", sdp);
    context.tell("early");
  }

  #sendPrack(dialog: Dialog, response: SipResponse, answer: string | undefined): void {
    const rack = rackOf(response);
    if (rack === undefined) return;
    this.#core.send(dialog, prackFor(dialog, rack, this.#core.contactIn(dialog), answer));
  }
}
