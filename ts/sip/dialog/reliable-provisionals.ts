import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { RAck, SipResponse } from "../message/message.js";
import { T1 } from "../transaction/timers.js";
import type { ServerTransaction } from "../transaction/transaction.js";

/** Option tag of RFC 3262. */
export const RELIABLE = "100rel";

/** Reliable provisionals that may wait for the PRACK of the one before; further ones of this INVITE are left out. */
const MAX_WAITING = 8;

export type ReliableState =
  /** Nothing waits for a PRACK. */
  | "clear"
  /** One was sent and has no PRACK; those after it wait. */
  | "unacknowledged"
  /** A final response went out, or was given up for: nothing is sent any more. */
  | "over";

export type ReliableInput = "send" | "PRACK" | "repeat" | "give up" | "stop";

export type ReliableAction =
  "transmit" | "keep for later" | "transmit again" | "stop timers" | "next" | "fail";

export interface ReliableRow {
  readonly next: ReliableState;
  readonly actions: readonly ReliableAction[];
}

const go = (next: ReliableState, ...actions: ReliableAction[]): ReliableRow => ({ next, actions });

/** RFC 3262 §3, the UAS's side: every state × every input. */
export const reliableTable: Readonly<
  Record<ReliableState, Readonly<Record<ReliableInput, ReliableRow | "ignore">>>
> = {
  clear: {
    send: go("unacknowledged", "transmit"),
    PRACK: "ignore",
    repeat: "ignore",
    "give up": "ignore",
    stop: go("over"),
  },
  unacknowledged: {
    // No second one before the first is acknowledged.
    send: go("unacknowledged", "keep for later"),
    PRACK: go("clear", "stop timers", "next"),
    repeat: go("unacknowledged", "transmit again"),
    "give up": go("over", "stop timers", "fail"),
    stop: go("over", "stop timers"),
  },
  over: {
    send: "ignore",
    PRACK: "ignore",
    repeat: "ignore",
    "give up": "ignore",
    stop: "ignore",
  },
};

export interface ReliableUser {
  /** All that was sent is acknowledged. */
  readonly acknowledged: () => void;
  /** No PRACK came within 64·T1: the INVITE has to be refused (§3). */
  readonly notAcknowledged: () => void;
}

/** The reliable provisional responses to one INVITE: numbered, repeated until their PRACK, one at a time. */
export class ReliableProvisionals {
  readonly #transaction: ServerTransaction;
  readonly #clock: Clock;
  readonly #user: ReliableUser;
  readonly #waiting: ((rseq: number) => SipResponse)[] = [];
  #state: ReliableState = "clear";
  #rseq: number;
  #sent: SipResponse | undefined;
  #again: Timer | undefined;
  #giveUp: Timer | undefined;

  /** @param firstRSeq 1 to 2^31 − 1, drawn by chance (§3). */
  constructor(transaction: ServerTransaction, clock: Clock, firstRSeq: number, user: ReliableUser) {
    this.#transaction = transaction;
    this.#clock = clock;
    this.#rseq = firstRSeq - 1;
    this.#user = user;
  }

  /** Something was sent or waits, and no PRACK has come for it. */
  get isOwed(): boolean {
    return this.#state === "unacknowledged";
  }

  send(make: (rseq: number) => SipResponse): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push(make);
    this.#apply("send");
  }

  /** The response that a PRACK is for; undefined where it names another than the one waited for (§3: 481 then). */
  awaited({ rseq, seq, method }: RAck): SipResponse | undefined {
    const { cseq } = this.#transaction.request.headers;
    if (this.#state !== "unacknowledged" || rseq !== this.#rseq) return undefined;
    return seq === cseq.seq && method === cseq.method ? this.#sent : undefined;
  }

  /** The PRACK of the awaited one came. */
  acknowledged(): void {
    this.#apply("PRACK");
  }

  /** A final response goes out, or the session is over. */
  stop(): void {
    this.#apply("stop");
  }

  #apply(input: ReliableInput): void {
    const row = reliableTable[this.#state][input];
    if (row === "ignore") return;
    this.#state = row.next;
    for (const action of row.actions) this.#perform(action);
  }

  #perform(action: ReliableAction): void {
    switch (action) {
      case "transmit":
        this.#transmit();
        return;
      case "keep for later":
        return;
      case "transmit again":
        if (this.#sent !== undefined) this.#transaction.respond(this.#sent);
        return;
      case "stop timers":
        this.#again?.cancel();
        this.#giveUp?.cancel();
        return;
      case "next":
        if (this.#waiting.length > 0) this.#apply("send");
        else this.#user.acknowledged();
        return;
      case "fail":
        this.#user.notAcknowledged();
        return;
    }
  }

  #transmit(): void {
    const make = this.#waiting.shift();
    if (make === undefined) return;
    this.#rseq += 1;
    this.#sent = make(this.#rseq);
    this.#transaction.respond(this.#sent);
    this.#giveUp = this.#clock.after(ms(64 * T1), () => {
      this.#apply("give up");
    });
    this.#repeatAfter(T1);
  }

  /** §3: after T1, and then twice as long each time, without a bound but the 64·T1. */
  #repeatAfter(gap: Millis): void {
    this.#again = this.#clock.after(gap, () => {
      this.#apply("repeat");
      this.#repeatAfter(ms(gap * 2));
    });
  }
}
