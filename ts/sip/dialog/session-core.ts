import type { Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import type { Random } from "../../core/random.js";
import type {
  Headers,
  NameAddr,
  OtherHeaders,
  Replaces,
  SipRequest,
  SipResponse,
} from "../message/message.js";
import { makeResponse } from "../message/response.js";
import type { CallNews, DialogCause } from "../sip-service.js";
import type { ServerTransaction, TransactionLayer } from "../transaction/transaction.js";
import type { CallRecord } from "./call-record.js";
import type { Dialog } from "./dialog.js";
import { dialogOutcome } from "./in-dialog-outcome.js";
import { noRetries, retryOf, type Authorize } from "./invite-retry.js";
import type { SessionTimerPolicy } from "./session-timer.js";

export interface SessionContext {
  readonly layer: TransactionLayer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Our Contact in this session; a dialog may have one of its own. */
  readonly contact: NameAddr;
  readonly localTag: string;
  /** Methods that are answered within a dialog. */
  readonly allow: string[];
  /** Option tags of what is understood. */
  readonly supported: string[];
  /** Headers on all our responses: Server. */
  readonly other: OtherHeaders;
  /** Credentials for what we send. */
  readonly authorize: Authorize;
  /** Absent: no session timers. */
  readonly sessionTimer?: SessionTimerPolicy | undefined;
  /** An answered call is ended after this. */
  readonly maxDuration?: Millis | undefined;
  /** Is this session description a hold (sendonly, inactive, 0.0.0.0)? SIP itself reads no SDP. */
  readonly isHold: (sdp: string) => boolean;
  readonly tell: (cause: DialogCause, news?: CallNews) => void;
  /** As `tell`; rejects when control did not take it. */
  readonly ask: (cause: DialogCause, news: CallNews) => Promise<void>;
  /** What is stored of the call is not what it was, although nobody is told. */
  readonly changed: () => void;
  /** Is that a dialog of a call that is here, by its Call-ID, our tag and the far end's (RFC 3891 §3)? */
  readonly isHere: (dialog: Pick<Replaces, "callId" | "toTag" | "fromTag">) => boolean;
  /** Control has not taken so many events of this call that no more may be made of what a far end sends. */
  readonly isBehind: () => boolean;
}

/** Whom the outcome of a request within the dialog concerns besides its sender. */
export interface SessionEnds {
  /** The far end knows no such dialog. */
  readonly gone: (status: number, reason: string) => void;
  /** The far end does not answer. */
  readonly lost: (status: number, reason: string) => void;
}

export interface InDialogUser {
  /** 2xx. */
  readonly accepted?: (response: SipResponse) => void;
  /** 3xx–6xx that is not tried again, or none at all (408, 503). */
  readonly refused?: (status: number, reason: string, response?: SipResponse) => void;
}

/** What the parts of a session share: who it is with, and how requests and responses of it are made. */
export class SessionCore {
  readonly context: SessionContext;
  readonly record: CallRecord;
  /** The dialog that counts: the UAS's from the INVITE on, the UAC's from the 2xx on. */
  dialog: Dialog | undefined;
  readonly #ends: SessionEnds;

  constructor(context: SessionContext, record: CallRecord, ends: SessionEnds) {
    this.context = context;
    this.record = record;
    this.#ends = ends;
  }

  /** Our Contact in the dialog that counts. */
  get contact(): NameAddr {
    return this.dialog?.contact ?? this.context.contact;
  }

  /** Our Contact in that one. */
  contactIn({ contact }: Dialog): NameAddr {
    return contact ?? this.context.contact;
  }

  respond(
    transaction: ServerTransaction,
    status: number,
    options: {
      readonly reason?: string;
      readonly headers?: Partial<Headers>;
      readonly other?: OtherHeaders;
      readonly contentType?: string;
      readonly content?: string;
    } = {},
  ): void {
    const { allow, supported, other, localTag } = this.context;
    const { reason, contentType, content } = options;
    const headers: Partial<Headers> = status < 300 ? { allow, supported } : { allow };
    transaction.respond(
      makeResponse(transaction.request, status, {
        toTag: localTag,
        headers: options.headers === undefined ? headers : { ...headers, ...options.headers },
        other: options.other === undefined ? other : { ...other, ...options.other },
        reason,
        contentType,
        content,
      }),
    );
  }

  /** Not now: 500, with a time to come again drawn by chance from 0 to 10 s (RFC 3261 §14.2). */
  busy(transaction: ServerTransaction, reason: string): void {
    const [drawn = 0] = this.context.random.bytes(1);
    this.respond(transaction, 500, { reason, headers: { "retry-after": drawn % 11 } });
  }

  /**
   * Sends a request in the dialog; credentials and other second tries are made here (§8.1.3.5), and a final response
   * that ends the dialog ends the session (RFC 5057).
   */
  send(dialog: Dialog, request: SipRequest, user: InDialogUser = {}): void {
    const retries = noRetries();
    const send = (outgoing: SipRequest): void => {
      this.context.layer.request(outgoing, dialog.nextHop, {
        response: (response) => {
          const { status, reason } = response;
          if (status < 200) return;
          if (status < 300) {
            user.accepted?.(response);
            return;
          }
          const again = retryOf(outgoing, response, retries, this.context.authorize);
          if (again !== undefined) {
            dialog.localSeq = Math.max(dialog.localSeq + 1, again.headers.cseq.seq);
            send(withSeq(again, dialog.localSeq));
            return;
          }
          user.refused?.(status, reason, response);
          this.#endIfOver(status, reason);
        },
        failed: (why) => {
          const reason = why === "timeout" ? "Request Timeout" : "Service Unavailable";
          user.refused?.(why === "timeout" ? 408 : 503, reason);
          // Who can't be reached is lost as much as who is silent (RFC 3261 §12.2.1.2 with §8.1.3.1).
          this.#endIfOver(408, reason);
        },
      });
    };
    send(request);
  }

  #endIfOver(status: number, reason: string): void {
    switch (dialogOutcome(status)) {
      case "goes on":
        return;
      case "gone":
        this.#ends.gone(status, reason);
        return;
      case "lost":
        this.#ends.lost(status, reason);
        return;
    }
  }
}

const withSeq = (request: SipRequest, seq: number): SipRequest => ({
  ...request,
  headers: { ...request.headers, cseq: { ...request.headers.cseq, seq } },
});
