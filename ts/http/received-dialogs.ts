import type { DialogCallback } from "./callinfo-wire.js";
import type { CallInfo, DialogCause, SipEvent } from "../sip/sip-service.js";

type DialogEvent = Extract<SipEvent, { type: "dialog" }>;

/** Calls remembered at once; an older server may never say that one has ended. */
const LIMIT = 20_000;

interface Received {
  /** Number of the last event that was taken. */
  taken: number;
  info: CallInfo | undefined;
  /** Settles when the last callback of this call has been dealt with. */
  last: Promise<unknown>;
}

/** What has to be known of an ended call so that a repeated callback is none. */
interface Ended {
  /** Unix seconds: a Call-ID may be used again, at another time. */
  readonly start: number;
  readonly taken: number;
}

/**
 * Makes events of the callbacks of a SIP server elsewhere: one at a time per call, each once (the server
 * repeats one whose answer it didn't get), with number and cause also where an older server sends neither.
 */
export class ReceivedDialogs {
  readonly #calls = new Map<string, Received>();
  readonly #ended = new Map<string, Ended>();

  inOrder(callback: DialogCallback, send: (event: DialogEvent) => Promise<void>): Promise<void> {
    const { callid } = callback.info;
    if (this.#isOfEnded(callback)) return Promise.resolve();
    const call = this.#calls.get(callid) ?? { taken: 0, info: undefined, last: Promise.resolve() };
    this.#calls.set(callid, call);
    forgetOldest(this.#calls);
    const settled = call.last.then(() => this.#send(call, callback, send));
    call.last = settled.catch(() => undefined);
    return settled;
  }

  async #send(
    call: Received,
    { info, number = call.taken + 1, cause = causeOf(call.info, info) }: DialogCallback,
    send: (event: DialogEvent) => Promise<void>,
  ): Promise<void> {
    if (number <= call.taken || cause === undefined) return;
    await send({ type: "dialog", number, cause, info });
    call.taken = number;
    call.info = info;
    if (cause !== "ended") return;
    this.#calls.delete(info.callid);
    this.#ended.set(info.callid, { start: info.epochs.start, taken: number });
    forgetOldest(this.#ended);
  }

  /** The answer to a terminal callback got lost, and it came again. */
  #isOfEnded({ info, number }: DialogCallback): boolean {
    const ended = this.#ended.get(info.callid);
    if (ended === undefined || number === undefined) return false;
    return info.epochs.start === ended.start && number <= ended.taken;
  }
}

function forgetOldest(table: Map<string, unknown>): void {
  if (table.size <= LIMIT) return;
  const [oldest] = table.keys();
  if (oldest !== undefined) table.delete(oldest);
}

/** What has changed; undefined when nothing that matters has (the original also calls back on repeated ACKs). */
export function causeOf(before: CallInfo | undefined, now: CallInfo): DialogCause | undefined {
  if (now.hangup) return "ended";
  if (now.answered && before?.answered !== true) return "answered";
  if (before !== undefined && now.hold !== before.hold) return "reinvite";
  if (now.originator) return now.ring && before?.ring !== true ? "ringing" : undefined;
  return before === undefined ? "new" : undefined;
}
