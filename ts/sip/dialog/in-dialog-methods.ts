/** Requests of the far end within a call, by method. */
import { binaryToText } from "../message/binary.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import type { Dialog } from "./dialog.js";
import { INFO_TYPES, mediaType, readKeyPress } from "./info-body.js";
import { isReferRefusal, readRefer } from "./refer.js";
import { ReferSubscription } from "./refer-subscription.js";
import { SIP_ACCEPT } from "./capabilities.js";
import type { CallRefer } from "../sip-service.js";
import type { SessionCore } from "./session-core.js";

/** What only the session itself can do. */
export interface CallMethods {
  bye(transaction: ServerTransaction): void;
  reinvite(transaction: ServerTransaction, dialog: Dialog): void;
  update(transaction: ServerTransaction, dialog: Dialog): void;
  prack(transaction: ServerTransaction, dialog: Dialog): void;
  readonly isConfirmed: () => boolean;
}

type Handler = (transaction: ServerTransaction, dialog: Dialog) => void;

/** Bodies that a MESSAGE within a call may have. */
const MESSAGE_TYPES: readonly string[] = ["text/plain", "message/cpim", "application/im-iscomposing+xml"];
/** In INFO: asks for a whole picture, and there is none; what it wants is no error. */
const PICTURE_TYPES: readonly string[] = ["application/media_control+xml"];

export class InDialogMethods {
  readonly #core: SessionCore;
  readonly #call: CallMethods;
  /** The REFER that is being carried out. */
  referral: ReferSubscription | undefined;

  constructor(core: SessionCore, call: CallMethods) {
    this.#core = core;
    this.#call = call;
  }

  /** A method without a row is 405. */
  readonly #handlers: Readonly<Record<string, Handler>> = {
    BYE: (transaction) => {
      this.#call.bye(transaction);
    },
    INVITE: (transaction, dialog) => {
      this.#call.reinvite(transaction, dialog);
    },
    UPDATE: (transaction, dialog) => {
      this.#call.update(transaction, dialog);
    },
    PRACK: (transaction, dialog) => {
      this.#call.prack(transaction, dialog);
    },
    INFO: (transaction) => {
      this.#info(transaction);
    },
    MESSAGE: (transaction) => {
      this.#message(transaction);
    },
    REFER: (transaction, dialog) => {
      this.#refer(transaction, dialog);
    },
    SUBSCRIBE: (transaction) => {
      this.#subscribe(transaction);
    },
    // Nothing of ours in a call subscribes to anything.
    NOTIFY: (transaction) => {
      this.#core.respond(transaction, 481);
    },
    OPTIONS: (transaction) => {
      this.#core.respond(transaction, 200, { other: { ...SIP_ACCEPT } });
    },
  };

  handle(transaction: ServerTransaction, dialog: Dialog): void {
    const { method } = transaction.request;
    const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined;
    if (handler === undefined) this.#core.respond(transaction, 405);
    else handler(transaction, dialog);
  }

  #info(transaction: ServerTransaction): void {
    const { request } = transaction;
    const type = mediaType(request);
    if (request.headers["info-package"] !== undefined) {
      // RFC 6086 §4.2.2: we have asked for no package.
      this.#core.respond(transaction, 469, { headers: { "recv-info": [] } });
    } else if (INFO_TYPES.includes(type)) {
      const key = readKeyPress(request);
      if (key === undefined) this.#core.respond(transaction, 400, { reason: "No such key" });
      else if (this.#isHeard(transaction)) {
        this.#core.respond(transaction, 200);
        this.#core.context.tell("key", { key });
      }
    } else if (request.content === "" || PICTURE_TYPES.includes(type)) {
      this.#core.respond(transaction, 200);
    } else if (type.startsWith("text/")) {
      this.#told(transaction, "INFO", type);
    } else {
      this.#core.respond(transaction, 415, { other: { Accept: [...INFO_TYPES, "text/plain"].join(", ") } });
    }
  }

  #message(transaction: ServerTransaction): void {
    const type = mediaType(transaction.request);
    if (MESSAGE_TYPES.includes(type)) this.#told(transaction, "MESSAGE", type);
    else this.#core.respond(transaction, 415, { other: { Accept: MESSAGE_TYPES.join(", ") } });
  }

  #told(transaction: ServerTransaction, method: "INFO" | "MESSAGE", type: string): void {
    if (!this.#isHeard(transaction)) return;
    this.#core.respond(transaction, 200);
    const body = binaryToText(transaction.request.content);
    this.#core.context.tell("message", { message: { method, type, body } });
  }

  /** RFC 3515 §2.4.2: control decides; what it does not take is refused. */
  #refer(transaction: ServerTransaction, dialog: Dialog): void {
    const read = readRefer(transaction.request);
    if (isReferRefusal(read)) {
      const { status, reason } = read;
      this.#core.respond(transaction, status, reason === undefined ? {} : { reason });
      return;
    }
    if (!this.#call.isConfirmed() || this.referral !== undefined) {
      this.#core.busy(transaction, "Not now");
      return;
    }
    if (!this.#isHeard(transaction)) return;
    const referral = new ReferSubscription(this.#core, dialog, transaction, () => {
      if (this.referral === referral) this.referral = undefined;
    });
    this.referral = referral;
    if (!this.#isReplaceable(read)) {
      // A 481 to the REFER itself would end this dialog (RFC 5057 §5.1).
      referral.taken();
      referral.progress(481, undefined);
      return;
    }
    this.#core.context.ask("refer", { refer: read }).then(
      () => {
        referral.taken();
      },
      (error: unknown) => {
        referral.rejected(error);
      },
    );
  }

  /** RFC 3891 §3: the dialog that is to be replaced is one of ours, by both of its tags, or none at all. */
  #isReplaceable({ replaces, totag, fromtag }: CallRefer): boolean {
    if (replaces === undefined) return true;
    return this.#core.context.isHere({ callId: replaces, toTag: totag ?? "", fromTag: fromtag ?? "" });
  }

  /** The subscription that a REFER made is ended, or looked at anew (RFC 3515 §2.4.4); others are no dialog's of a call. */
  #subscribe(transaction: ServerTransaction): void {
    const { event, expires } = transaction.request.headers;
    if (event?.value.toLowerCase() !== "refer" || this.referral === undefined) {
      this.#core.respond(transaction, event?.value.toLowerCase() === "refer" ? 481 : 489);
      return;
    }
    const { contact } = this.#core;
    this.#core.respond(transaction, 200, { headers: { expires: expires ?? 0, contact: [contact] } });
    if (expires === 0) this.referral.unsubscribed();
  }

  /** Control is not so far behind that what a far end sends would pile up. */
  #isHeard(transaction: ServerTransaction): boolean {
    if (!this.#core.context.isBehind()) return true;
    this.#core.busy(transaction, "Call control is behind");
    return false;
  }
}
