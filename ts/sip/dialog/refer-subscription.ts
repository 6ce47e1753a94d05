/** The implicit subscription that a REFER makes (RFC 3515 §2.4): who sent it is told what becomes of the new call. */
import { seconds } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Timer } from "../../core/clock.js";
import { nextRequest, type Dialog } from "./dialog.js";
import { dialogOutcome } from "./in-dialog-outcome.js";
import { reasonPhrase } from "../message/reason-phrases.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import type { SessionCore } from "./session-core.js";

/** Control has to say how it went within this time; the subscription lasts as long (RFC 3515 §2.4.4). */
const LIMIT = seconds(180);

export const SIPFRAG_TYPE = "message/sipfrag;version=2.0";

export type ReferState =
  /** Control was asked whether it takes the REFER. */
  | "asking"
  /** 202 was sent, and NOTIFY with 100. */
  | "trying"
  | "over";

export type ReferInput =
  | "taken"
  | "rejected"
  /** Control tells of a provisional response … */
  | "progress"
  /** … or of the final one. */
  | "done"
  /** A SUBSCRIBE with Expires 0, or a NOTIFY that was refused: nobody listens any more. */
  | "unsubscribed"
  | "too long";

export type ReferAction = "accept" | "decline" | "notify" | "notify last" | "notify given up" | "let go";

export interface ReferRow {
  readonly next: ReferState;
  readonly actions: readonly ReferAction[];
}

const go = (next: ReferState, ...actions: ReferAction[]): ReferRow => ({ next, actions });

/** Every state × every input. */
export const referTable: Readonly<Record<ReferState, Readonly<Record<ReferInput, ReferRow | "ignore">>>> = {
  asking: {
    taken: go("trying", "accept", "notify"),
    rejected: go("over", "decline", "let go"),
    progress: "ignore",
    // Control was quicker than its own answer to the event.
    done: go("over", "accept", "notify last", "let go"),
    unsubscribed: "ignore",
    "too long": go("over", "decline", "let go"),
  },
  trying: {
    taken: "ignore",
    rejected: "ignore",
    progress: go("trying", "notify"),
    done: go("over", "notify last", "let go"),
    unsubscribed: go("over", "let go"),
    "too long": go("over", "notify given up", "let go"),
  },
  over: {
    taken: "ignore",
    rejected: "ignore",
    progress: "ignore",
    done: "ignore",
    unsubscribed: "ignore",
    "too long": "ignore",
  },
};

/** A SIP status, or: it may be sent again soon. */
type Refusal = number | "not now";

const DECLINED = 603;

/**
 * What a REFER is answered that control does not take. A status that would end the dialog is said by none (RFC 5057 §5.1):
 * it is the transfer that can't be, and not the call.
 */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof MediaswitchError) || error.code === "NOT_ALLOWED") return DECLINED;
  if (error.code === "CALL_STATE") return "not now";
  return dialogOutcome(error.sipStatus) === "goes on" ? error.sipStatus : DECLINED;
}

/** One REFER. It outlives the call it came in: the transferor's BYE ends the call and not this (RFC 5589 §6.1). */
export class ReferSubscription {
  readonly #core: SessionCore;
  readonly #dialog: Dialog;
  readonly #transaction: ServerTransaction;
  readonly #over: () => void;
  readonly #limit: Timer;
  /** RFC 4488: the sender wants no NOTIFY. */
  readonly #isSilent: boolean;
  #state: ReferState = "asking";
  #line = "SIP/2.0 100 Trying";
  #refusal: Refusal = DECLINED;

  constructor(core: SessionCore, dialog: Dialog, transaction: ServerTransaction, over: () => void) {
    this.#core = core;
    this.#dialog = dialog;
    this.#transaction = transaction;
    this.#over = over;
    this.#isSilent = transaction.request.other["refer-sub"]?.trim().toLowerCase() === "false";
    this.#limit = core.context.clock.after(LIMIT, () => {
      this.#apply("too long");
    });
  }

  taken(): void {
    this.#apply("taken");
  }

  /** @param error says why. */
  rejected(error: unknown): void {
    this.#refusal = refusalOf(error);
    this.#apply("rejected");
  }

  /** How the new call stands: a SIP status. */
  progress(status: number, reason: string | undefined): void {
    this.#line = `SIP/2.0 ${String(status)} ${(reason ?? reasonPhrase(status)).replaceAll(/[\r\n\0]/g, "")}`;
    this.#apply(status < 200 ? "progress" : "done");
  }

  unsubscribed(): void {
    this.#apply("unsubscribed");
  }

  /** Ends it without a word; for shut-down. */
  abandon(): void {
    this.#state = "over";
    this.#limit.cancel();
  }

  #apply(input: ReferInput): void {
    const row = referTable[this.#state][input];
    if (row === "ignore") return;
    this.#state = row.next;
    for (const action of row.actions) this.#perform(action);
  }

  #perform(action: ReferAction): void {
    switch (action) {
      case "accept":
        this.#core.respond(this.#transaction, 202, {
          headers: { contact: [this.#core.contactIn(this.#dialog)] },
          ...(this.#isSilent ? { other: { "Refer-Sub": "false" } } : {}),
        });
        return;
      case "decline":
        if (this.#refusal === "not now") this.#core.busy(this.#transaction, "Not now");
        else this.#core.respond(this.#transaction, this.#refusal);
        return;
      case "notify":
        this.#notify(`active;expires=${String(LIMIT / 1000)}`);
        return;
      case "notify last":
        this.#notify("terminated;reason=noresource");
        return;
      case "notify given up":
        this.#line = "SIP/2.0 408 Request Timeout";
        this.#notify("terminated;reason=timeout");
        return;
      case "let go":
        this.#limit.cancel();
        this.#over();
        return;
    }
  }

  #notify(subscription: string): void {
    if (this.#isSilent) return;
    const { context } = this.#core;
    const notify = nextRequest(this.#dialog, "NOTIFY", this.#core.contactIn(this.#dialog));
    const [value = "", ...params] = subscription.split(";");
    notify.headers.event = { value: "refer", params: {} };
    notify.headers["subscription-state"] = {
      value,
      params: Object.fromEntries(params.map((param) => param.split("=", 2) as [string, string])),
    };
    notify.headers.allow = context.allow;
    notify.headers.supported = context.supported;
    notify.headers["content-type"] = SIPFRAG_TYPE;
    notify.content = `${this.#line}\r\n`;
    context.layer.request(notify, this.#dialog.nextHop, {
      // RFC 6665 §4.2.2: a NOTIFY that is refused ends the subscription, and the subscription alone.
      response: ({ status }) => {
        if (status >= 300) this.#apply("unsubscribed");
      },
      failed: () => {
        this.#apply("unsubscribed");
      },
    });
  }
}
