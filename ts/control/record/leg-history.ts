/** What is kept of one leg for the record of its call: facts, as its events tell them. */
import type { EpochMillis } from "../../core/brand.js";
import type { Mutable } from "../../core/mutable.js";
import type { ChannelStatistics } from "../../rtp/media-service.js";
import type { Call } from "../call.js";
import type { CallEvent } from "../call-event.js";
import { causeOf } from "../cause-of.js";
import type { CallCause } from "../causes.js";
import type { LegRecord, MediaRecord } from "./call-detail-record.js";

/** Digits kept of one leg, where they are. */
const MOST_DIGITS = 100;

export class LegHistory {
  readonly start: EpochMillis;
  readonly #keepsDigits: boolean;
  #ring: EpochMillis | undefined;
  #answer: EpochMillis | undefined;
  #end: EpochMillis | undefined;
  #cause: CallCause | undefined;
  #keys = 0;
  #digits = "";
  #held = 0;
  #heldSince: EpochMillis | undefined;
  #media: MediaRecord | undefined;
  /** Let go when the leg has ended. */
  #call: Call | undefined;
  #facts: Facts;

  constructor(call: Call, start: EpochMillis, { keepsDigits }: { readonly keepsDigits: boolean }) {
    this.#call = call;
    this.start = start;
    this.#keepsDigits = keepsDigits;
    this.#facts = factsOf(call);
  }

  get callid(): string {
    return this.#call?.callid ?? this.#facts.callid;
  }
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }
  get ring(): EpochMillis | undefined {
    return this.#ring;
  }
  get answered(): boolean {
    return this.#answer !== undefined;
  }

  take(event: CallEvent): void {
    switch (event.type) {
      case "rung":
      case "ringing":
        this.#ring ??= event.at;
        return;
      case "answered":
        this.#answer ??= event.at;
        return;
      case "hold":
        this.#heldSince ??= event.at;
        return;
      case "unhold":
        this.#endHold(event.at);
        return;
      case "key":
        this.#keys += 1;
        if (this.#keepsDigits && this.#digits.length < MOST_DIGITS) this.#digits += event.key;
        return;
      case "ended":
        this.#ended(event.at);
        return;
      case "channel":
        if (event.event.type === "closed") this.measured(event.event.statistics);
        return;
      case "new":
      case "early":
      case "modified":
      case "unmodified":
      case "key-end":
      case "message":
      case "refer":
      case "referred":
      case "partner":
      case "replaced":
      case "note":
        return;
    }
  }

  /** A leg that was given another channel has told of the first: the last counts. */
  measured({ received, sent, roundTripMillis, dropped }: ChannelStatistics): void {
    let lost = 0;
    for (const reason in dropped) lost += dropped[reason] ?? 0;
    this.#media = { received, sent, roundTripMillis, dropped: lost };
  }

  /** The process goes before the leg does. */
  cutShort(at: EpochMillis): void {
    if (!this.hasEnded) this.#ended(at);
  }

  #ended(at: EpochMillis): void {
    this.#endHold(at);
    this.#end = at;
    if (this.#call === undefined) return;
    this.#facts = factsOf(this.#call);
    this.#cause = causeOf(this.#call);
    this.#call = undefined;
  }

  #endHold(at: EpochMillis): void {
    if (this.#heldSince !== undefined) this.#held += at - this.#heldSince;
    this.#heldSince = undefined;
  }

  /** Of a leg that goes on, end and cause mean nothing yet. */
  toRecord(): LegRecord {
    const end = this.#end ?? this.start;
    const { callid, direction, from, to, domain, gateway, remote } = this.#facts;
    const record: Mutable<LegRecord> = {
      callid,
      direction,
      from,
      to,
      domain,
      remote,
      start: this.start,
      end,
      duration: end - this.start,
      billed: this.#answer === undefined ? 0 : end - this.#answer,
      cause: this.#cause ?? { name: "normal", q850: 16, text: "" },
      keys: this.#keys,
      held: this.#held,
    };
    if (gateway !== undefined) record.gateway = gateway;
    if (this.#ring !== undefined) record.ring = this.#ring;
    if (this.#answer !== undefined) record.answer = this.#answer;
    if (this.#keepsDigits) record.digits = this.#digits;
    if (this.#media !== undefined) record.media = this.#media;
    return record;
  }
}

type Facts = Pick<LegRecord, "callid" | "direction" | "from" | "to" | "domain" | "gateway" | "remote">;

function factsOf({ info }: Call): Facts {
  const { callid, originator, from, to, domain, gateway, remote } = info;
  const direction = originator ? "outbound" : "inbound";
  return gateway === undefined
    ? { callid, direction, from, to, domain, remote }
    : { callid, direction, from, to, domain, gateway, remote };
}
