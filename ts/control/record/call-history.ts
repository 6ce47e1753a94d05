/** One call while it lives: its legs, and all that happened to them in order. */
import type { EpochMillis } from "../../core/brand.js";
import type { Mutable } from "../../core/mutable.js";
import type { CallerId } from "../../sip/sip-service.js";
import type { MediaEvent } from "../../rtp/media-service.js";
import type { Call } from "../call.js";
import type { CallEvent } from "../call-event.js";
import type { CallDetailRecord, EventRecord, RecordingRecord, TransferRecord } from "./call-detail-record.js";
import { channelLine, whatOf } from "./event-line.js";
import { LegHistory } from "./leg-history.js";

/** A call that goes on for days has no end of what happens to it; what is over these is counted only. */
const MOST_LEGS = 100;
const MOST_EVENTS = 500;
const MOST_TRANSFERS = 50;
const MOST_RECORDINGS = 100;
/** Characters of an event's text, and of the script's metadata as JSON. */
const MOST_WHAT = 200;
const MOST_METADATA = 8192;

export interface HistoryOptions {
  readonly id: string;
  readonly continues: string | undefined;
  readonly keepsDigits: boolean;
}

export class CallHistory {
  readonly id: string;
  readonly #options: HistoryOptions;
  /** Weakly, so that an ended leg is let go. */
  readonly #legs = new WeakMap<Call, { readonly leg: LegHistory; readonly index: number }>();
  readonly #live = new Set<Call>();
  readonly #kept: LegHistory[] = [];
  readonly #events: EventRecord[] = [];
  readonly #transfers: TransferRecord[] = [];
  readonly #recordings: RecordingRecord[] = [];
  /** When each file that is being recorded was begun. */
  readonly #recording = new Map<string, number>();
  /** Channels that have not said their last word. */
  readonly #channels = new Set<string>();
  #legsMade = 0;
  #eventsOmitted = 0;
  #cutShort = false;
  #first: { readonly call: Call; readonly leg: LegHistory } | undefined;
  #callerid: CallerId | undefined;
  #metadata: Readonly<Record<string, unknown>> | undefined;
  /** An answered leg whose far end hung up, while nothing was done since but hanging up. */
  #hungUp: LegHistory | undefined;

  constructor(options: HistoryOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** All its legs have ended. */
  get hasEnded(): boolean {
    return this.#live.size === 0;
  }
  /** Its channels have told all. */
  get isComplete(): boolean {
    return this.hasEnded && this.#channels.size === 0;
  }

  take(call: Call, event: CallEvent): void {
    const known = this.#legs.get(call) ?? (call.hasEnded ? undefined : this.#enter(call, event.at));
    if (known === undefined) return;
    const { leg, index } = known;
    leg.take(event);
    this.#note(event, index, whatOf(event));
    if (event.type === "channel") this.#media(leg, event.event, event.at);
    if (event.type === "refer" && this.#transfers.length < MOST_TRANSFERS) {
      const { to, domain, replaces } = event.refer;
      const kind = replaces === undefined ? "blind" : "attended";
      this.#transfers.push({ at: event.at, leg: leg.callid, kind, to, domain });
    }
    if (event.type === "ended") this.#ended(call, leg);
    else if (isDeed(event)) this.#hungUp = undefined;
  }

  /** What a channel says after its call has ended. */
  lastWord(call: Call, event: MediaEvent, at: EpochMillis): void {
    const known = this.#legs.get(call);
    if (known === undefined) return;
    if (event.type === "closed") known.leg.measured(event.statistics);
    if (event.type !== "telephone-event" && event.type !== "telephone-event-end") {
      this.#note({ at, type: "channel" }, known.index, channelLine(event));
    }
    this.#media(known.leg, event, at);
  }

  /** The process goes before the call does. */
  cutShort(at: EpochMillis): void {
    for (const call of this.#live) {
      this.#cutShort = true;
      if (call === this.#first?.call) this.#metadata = chosenMetadata(call);
      this.#legs.get(call)?.leg.cutShort(at);
    }
    this.#live.clear();
  }

  #enter(call: Call, at: EpochMillis): { leg: LegHistory; index: number } {
    const leg = new LegHistory(call, at, this.#options);
    const known = { leg, index: this.#legsMade };
    this.#legs.set(call, known);
    this.#legsMade += 1;
    this.#live.add(call);
    if (this.#kept.length < MOST_LEGS) this.#kept.push(leg);
    if (this.#first === undefined) {
      this.#first = { call, leg };
      this.#callerid = call.info.callerid;
    }
    return known;
  }

  #ended(call: Call, leg: LegHistory): void {
    this.#live.delete(call);
    const uuid = call.leg.channel?.uuid;
    if (uuid !== undefined) this.#channels.add(uuid);
    if (call === this.#first?.call) {
      this.#metadata = chosenMetadata(call);
      this.#callerid = call.info.callerid;
    } else if (leg.answered && call.endedBy === "them") {
      this.#hungUp = leg;
    }
  }

  #media(leg: LegHistory, event: MediaEvent, at: EpochMillis): void {
    if (event.type === "closed") this.#channels.delete(event.uuid);
    if (event.type !== "record") return;
    const key = `${event.uuid} ${event.file}`;
    if (event.event === "recording" && this.#recording.size < MOST_RECORDINGS) this.#recording.set(key, at);
    if (event.event !== "finished") return;
    const { file, durationMillis, filesize, reason } = event;
    const start = this.#recording.get(key) ?? at - durationMillis;
    this.#recording.delete(key);
    if (this.#recordings.length >= MOST_RECORDINGS) return;
    this.#recordings.push({ leg: leg.callid, file, start, durationMillis, filesize, reason });
  }

  #note({ at, type }: Pick<CallEvent, "at" | "type">, leg: number, what: string | undefined): void {
    // A key tells nobody when it was let go, and how long it was pressed says which it was.
    if (type === "key-end") return;
    if (this.#events.length >= MOST_EVENTS) {
      this.#eventsOmitted += 1;
      return;
    }
    this.#events.push(
      what === undefined ? { at, leg, type } : { at, leg, type, what: what.slice(0, MOST_WHAT) },
    );
  }

  /** Of a call that goes on, ends and causes mean nothing yet. */
  toRecord(): CallDetailRecord {
    const legs = this.#kept.map((leg) => leg.toRecord());
    const [first] = legs;
    if (first === undefined) throw new Error("a call without a leg has no record");
    const rings = this.#kept.map(({ ring }) => ring).filter((ring) => ring !== undefined);
    const { id, continues } = this.#options;
    const { callid: _callid, direction, from, to, domain, gateway, start, answer, end, cause } = first;
    const record: Mutable<CallDetailRecord> = {
      version: 1,
      id,
      direction,
      from,
      to,
      domain,
      start,
      end,
      duration: end - start,
      billed: first.billed,
      cause,
      endedBy: this.#endedBy(first.callid, cause.side),
      legs,
      transfers: this.#transfers,
      recordings: this.#recordings,
      events: this.#events,
    };
    if (continues !== undefined) record.continues = continues;
    if (this.#callerid !== undefined) record.callerid = this.#callerid;
    if (gateway !== undefined) record.gateway = gateway;
    if (rings.length > 0) record.ring = Math.min(...rings);
    if (answer !== undefined) record.answer = answer;
    if (this.#cutShort) record.cutShort = true;
    if (this.#legsMade > legs.length) record.legsOmitted = this.#legsMade - legs.length;
    if (this.#metadata !== undefined) record.metadata = this.#metadata;
    if (this.#eventsOmitted > 0) record.eventsOmitted = this.#eventsOmitted;
    return record;
  }

  #endedBy(first: string, side: "us" | "them" | undefined): CallDetailRecord["endedBy"] {
    if (side === "them") return { leg: first, side };
    return this.#hungUp === undefined
      ? { leg: first, side: "us" }
      : { leg: this.#hungUp.callid, side: "them" };
  }
}

/** Something was done with the call: a hang-up before it is not what ended it. */
function isDeed(event: CallEvent): boolean {
  if (event.type === "channel") {
    return event.event.type === "play"
      ? event.event.event === "start"
      : event.event.type === "record" && event.event.event === "recording";
  }
  return event.type === "new" || event.type === "key" || event.type === "answered";
}

/** What the script put there, as far as it can be written. */
function chosenMetadata({ metadata }: Call): Readonly<Record<string, unknown>> | undefined {
  const chosen = metadata["cdr"];
  if (typeof chosen !== "object" || chosen === null || Array.isArray(chosen)) return undefined;
  try {
    const text = JSON.stringify(chosen);
    if (text.length > MOST_METADATA) return { omitted: `larger than ${String(MOST_METADATA)} characters` };
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    return { omitted: error instanceof Error ? error.message : "not JSON" };
  }
}
