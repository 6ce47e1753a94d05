/** Our re-INVITE and UPDATE: one at a time, tried again when it met one of the far end's (RFC 3261 §14.1, RFC 3311). */
import { seconds } from "../../core/brand.js";
import type { Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { SipResponse } from "../message/message.js";
import { ackRequest, nextRequest, refreshedBy, takes, type Dialog } from "./dialog.js";
import { pauseAfterGlare } from "./glare.js";
import { exchange, mayExchange } from "./offer-answer-exchange.js";
import { sdpOf } from "./sdp-of.js";
import type { SessionCore } from "./session-core.js";
import { agreedTimer, askForTimer, type AgreedTimer, type SessionTimerState } from "./session-timer.js";
import { SDP_TYPE } from "./uas-invite.js";

export type OutgoingState =
  | "idle"
  /** Sent, no final response. */
  | "asked"
  /** A 491 came; it is sent again after a while. */
  | "backing off"
  /** The 2xx carried an offer; the ACK waits for our answer. */
  | "answering"
  | "over";

export type OutgoingInput =
  | "start"
  | "2xx"
  | "2xx with offer"
  | "acknowledge"
  | "491"
  | "refused"
  | "pause over"
  /** The session is over. */
  | "stop";

export type OutgoingAction =
  "send" | "send ACK" | "tell modified" | "tell offer" | "tell unmodified" | "wait" | "stop waiting";

export interface OutgoingRow {
  readonly next: OutgoingState;
  readonly actions: readonly OutgoingAction[];
}

const go = (next: OutgoingState, ...actions: OutgoingAction[]): OutgoingRow => ({ next, actions });

/** Every state × every input. "refuse": CALL_STATE to whoever gave the command. */
export const outgoingTable: Readonly<
  Record<OutgoingState, Readonly<Record<OutgoingInput, OutgoingRow | "ignore" | "refuse">>>
> = {
  idle: {
    start: go("asked", "send"),
    "2xx": "ignore",
    "2xx with offer": "ignore",
    acknowledge: "refuse",
    "491": "ignore",
    refused: "ignore",
    "pause over": "ignore",
    stop: go("over"),
  },
  asked: {
    start: "refuse",
    "2xx": go("idle", "send ACK", "tell modified"),
    "2xx with offer": go("answering", "tell offer"),
    acknowledge: "refuse",
    "491": go("backing off", "wait"),
    refused: go("idle", "tell unmodified"),
    "pause over": "ignore",
    stop: go("over"),
  },
  "backing off": {
    start: "refuse",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    acknowledge: "refuse",
    "491": "ignore",
    refused: go("idle", "stop waiting", "tell unmodified"),
    "pause over": go("asked", "send"),
    stop: go("over", "stop waiting"),
  },
  answering: {
    start: "refuse",
    "2xx": "ignore", // repeated until our ACK goes
    "2xx with offer": "ignore",
    acknowledge: go("idle", "send ACK", "tell modified"),
    "491": "ignore",
    refused: "ignore",
    "pause over": "ignore",
    stop: go("over", "send ACK"),
  },
  over: {
    start: "refuse",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    acknowledge: "refuse",
    "491": "ignore",
    refused: "ignore",
    "pause over": "ignore",
    stop: "ignore",
  },
};

/** Who wants it: control hears what came of it, a refresh of the session goes unheard unless it changed something. */
export type Purpose = "control" | "refresh";

interface Asked {
  readonly purpose: Purpose;
  readonly dialog: Dialog;
  readonly method: "INVITE" | "UPDATE";
  /** Our offer; none: the far end is asked for one (INVITE), or the session is only refreshed (UPDATE). */
  readonly sdp: string | undefined;
  readonly before: { readonly ours: string | undefined; readonly theirs: string | undefined };
  tries: number;
  /** What the ACK of its 2xx says, once there is one: it is sent again for each copy of the 2xx. */
  ack: { readonly seq: number; sdp?: string } | undefined;
  refusal: { readonly code: number; readonly status: string };
}

export interface OutgoingOfferUser {
  /** A 2xx came: what runs as session timer from now on. */
  readonly refreshed: (agreed: AgreedTimer | undefined) => void;
  /** A refresh of the session was refused. */
  readonly notRefreshed: () => void;
  readonly timer: () => SessionTimerState | undefined;
  /** One of the far end's is open. */
  readonly isAsked: () => boolean;
}

const MAX_TRIES = 6;
/** Looked again whether the far end's own offer is settled, when a pause is over and it is not. */
const STILL_BUSY = seconds(1);

export class OutgoingOffer {
  readonly #core: SessionCore;
  readonly #user: OutgoingOfferUser;
  #state: OutgoingState = "idle";
  /** The last one, also when it is done. */
  #asked: Asked | undefined;
  #pause: Timer | undefined;

  constructor(core: SessionCore, user: OutgoingOfferUser) {
    this.#core = core;
    this.#user = user;
  }

  /** Something of ours is at the far end, or waits to be sent again. */
  get isAsking(): boolean {
    return this.#state === "asked" || this.#state === "answering";
  }

  get isIdle(): boolean {
    return this.#state === "idle";
  }

  /**
   * @param method UPDATE without `sdp` needs no exchange.
   * @throws {MediaswitchError} CALL_STATE while another exchange is under way.
   */
  start(purpose: Purpose, dialog: Dialog, method: "INVITE" | "UPDATE", sdp: string | undefined): void {
    const { record } = this.#core;
    const isExchange = method === "INVITE" || sdp !== undefined;
    if (isExchange && (this.#user.isAsked() || !mayExchange(dialog, "send offer"))) {
      throw new MediaswitchError("CALL_STATE", `another offer of ${record.callid} has no answer yet`);
    }
    const before = { ours: record.ours, theirs: record.theirs };
    this.#apply("start", () => {
      const refusal = { code: 0, status: "" };
      this.#asked = { purpose, dialog, method, sdp, before, tries: 0, ack: undefined, refusal };
    });
  }

  /** Our answer to the offer in the 2xx. @throws {MediaswitchError} CALL_STATE when there is none. */
  acknowledge(sdp: string): void {
    this.#apply("acknowledge", () => {
      if (this.#asked?.ack !== undefined) this.#asked.ack.sdp = sdp;
      if (this.#asked !== undefined) exchange(this.#asked.dialog, "send answer");
      this.#core.record.described("us", sdp);
    });
  }

  get waitsForAnswer(): boolean {
    return this.#state === "answering";
  }

  stop(): void {
    this.#apply("stop");
  }

  #apply(input: OutgoingInput, prepare?: () => void): void {
    const row = outgoingTable[this.#state][input];
    if (row === "ignore") return;
    if (row === "refuse") {
      throw new MediaswitchError(
        "CALL_STATE",
        `${input} is not possible: the re-INVITE of ${this.#core.record.callid} is ${this.#state}`,
      );
    }
    prepare?.();
    this.#state = row.next;
    for (const action of row.actions) this.#perform(action);
  }

  #perform(action: OutgoingAction): void {
    switch (action) {
      case "send":
        this.#send();
        return;
      case "send ACK":
        this.#sendAck(this.#asked);
        return;
      case "tell modified":
        this.#modified();
        return;
      case "tell offer":
        this.#core.context.tell("offer");
        return;
      case "tell unmodified":
        this.#unmodified();
        return;
      case "wait":
        this.#wait();
        return;
      case "stop waiting":
        this.#pause?.cancel();
        return;
    }
  }

  #send(): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const { context, record } = this.#core;
    const { dialog, method, sdp } = asked;
    asked.tries += 1;
    if (sdp !== undefined) exchange(dialog, "send offer");
    record.described("us", sdp);
    const request = nextRequest(dialog, method, this.#core.contactIn(dialog));
    const { sessionTimer } = context;
    Object.assign(request.headers, {
      allow: context.allow,
      // Provisional responses to it are of no use here, so none has to be reliable.
      supported: context.supported.filter((tag) => tag !== "100rel"),
      ...(sessionTimer === undefined ? {} : askForTimer(sessionTimer, this.#user.timer())),
    });
    if (sdp !== undefined) {
      request.headers["content-type"] = SDP_TYPE;
      request.content = sdp;
    }
    this.#core.send(dialog, request, {
      accepted: (response) => {
        this.#accepted(asked, response);
      },
      refused: (status, reason) => {
        this.#refused(asked, status, reason);
      },
    });
  }

  #accepted(asked: Asked, response: SipResponse): void {
    if (asked.ack !== undefined) {
      // Our ACK was lost, or waits for the answer.
      if (asked !== this.#asked || !this.waitsForAnswer) this.#sendAck(asked);
      return;
    }
    const { record, context } = this.#core;
    const sdp = sdpOf(response);
    asked.ack = { seq: response.headers.cseq.seq };
    refreshedBy(asked.dialog, response);
    if (this.#state === "over") {
      this.#sendAck(asked);
      return;
    }
    if (context.sessionTimer !== undefined) this.#user.refreshed(agreedTimer(response));
    if (asked.method === "INVITE" && asked.sdp === undefined && sdp !== undefined) {
      exchange(asked.dialog, "receive offer");
      record.offered(sdp);
      record.held(context.isHold(sdp));
      this.#apply("2xx with offer");
      return;
    }
    if (asked.sdp !== undefined) {
      exchange(asked.dialog, sdp === undefined ? "withdrawn" : "receive answer");
      record.described("them", sdp);
    }
    this.#apply("2xx");
  }

  #refused(asked: Asked, code: number, status: string): void {
    if (this.#state === "over") return;
    if (asked.sdp !== undefined) exchange(asked.dialog, "withdrawn");
    this.#core.record.restore("us", asked.before.ours);
    if (code === 491 && asked.tries < MAX_TRIES) {
      this.#apply("491");
      return;
    }
    asked.refusal = { code, status };
    // A far end whose Allow promised more than it takes is asked by re-INVITE the next time.
    if (asked.method === "UPDATE" && (code === 405 || code === 501)) {
      asked.dialog.remoteAllow = asked.dialog.remoteAllow?.filter((method) => method !== "UPDATE") ?? [];
    }
    this.#apply("refused");
  }

  #wait(): void {
    const { clock, random } = this.#core.context;
    const asked = this.#asked;
    const again = (): void => {
      if (asked === undefined) return;
      const isExchange = asked.sdp !== undefined || asked.method === "INVITE";
      if (isExchange && (this.#user.isAsked() || !mayExchange(asked.dialog, "send offer"))) {
        this.#pause = clock.after(STILL_BUSY, again);
        return;
      }
      this.#apply("pause over");
    };
    this.#pause = clock.after(pauseAfterGlare(this.#core.record.isOurs, random), again);
  }

  #sendAck(asked: Asked | undefined): void {
    if (asked?.ack === undefined || asked.method !== "INVITE") return;
    const { context } = this.#core;
    const ack = ackRequest(asked.dialog, asked.ack.seq, this.#core.contactIn(asked.dialog));
    if (asked.ack.sdp !== undefined) {
      ack.headers["content-type"] = SDP_TYPE;
      ack.content = asked.ack.sdp;
    }
    context.layer.sendAck(ack, asked.dialog.nextHop);
  }

  #modified(): void {
    const { record, context } = this.#core;
    if (this.#asked === undefined) return;
    const isChanged = record.theirs !== this.#asked.before.theirs;
    if (this.#asked.purpose === "control" || isChanged) context.tell("modified");
  }

  #unmodified(): void {
    if (this.#asked === undefined) return;
    const { purpose, refusal } = this.#asked;
    if (purpose === "control") this.#core.context.tell("unmodified", { refused: { ...refusal } });
    else this.#user.notRefreshed();
  }
}

/** How the session is refreshed (RFC 4028 §7.4): by UPDATE without a description where the far end takes that. */
export const refreshMethod = (dialog: Dialog): "INVITE" | "UPDATE" =>
  takes(dialog, "UPDATE") ? "UPDATE" : "INVITE";
