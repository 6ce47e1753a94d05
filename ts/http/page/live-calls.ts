/** The live calls, by record, and the last that have ended. Watches the controller only while somebody watches it. */
import type { Call } from "../../control/call.js";
import { causeOf } from "../../control/cause-of.js";
import type { Controller } from "../../control/controller.js";
import { Watchers } from "../../control/watchers.js";
import type { CallRow } from "./call-row.js";
import type { MutedCalls } from "./muted-calls.js";

/** Ended calls that are still told of. */
const MOST_ENDED = 200;
/** Legs told of each call: one that rings a whole department has more. */
const MOST_LEGS = 12;
/** Legs remembered of each: a caller in a queue may have been offered to agents without end. */
const MOST_KEPT = 50;

interface Entry {
  readonly record: string;
  readonly created: number;
  answered: number | undefined;
  ended: number | undefined;
  /** Those who have ended go with the row: what is told of them is kept in `last`. */
  readonly legs: Set<Call>;
  /** Of a call that is over. */
  last: CallRow | undefined;
}

export class LiveCalls {
  readonly #controller: Controller;
  readonly #muted: MutedCalls;
  readonly #changed = new Watchers<string>();
  readonly #entries = new Map<string, Entry>();
  readonly #ended: string[] = [];
  #unwatch: (() => void) | undefined;

  constructor(controller: Controller, muted: MutedCalls) {
    this.#controller = controller;
    this.#muted = muted;
  }

  /** `changed` is given the record of each call that something has happened to. @returns ends that. */
  watch(changed: (record: string) => void): () => void {
    const remove = this.#changed.add(changed);
    this.#open();
    return () => {
      remove();
      if (this.#changed.size === 0) this.#close();
    };
  }

  /** Records of all that are told of, oldest first. */
  get records(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Undefined for one that is not told of any more. */
  row(record: string): CallRow | undefined {
    const entry = this.#entries.get(record);
    return entry && (entry.last ?? this.#rowOf(entry));
  }

  /** Somebody did something to the call that its events do not tell. */
  touch(record: string): void {
    if (this.#entries.has(record)) this.#tell(record);
  }

  #open(): void {
    if (this.#unwatch !== undefined) return;
    const controller = this.#controller;
    for (const call of controller.calls.values()) {
      const { start, answer } = call.info.epochs;
      const entry = this.#enter(call, start === 0 ? controller.clock.epoch() : start * 1000);
      if (answer !== 0) entry.answered ??= answer * 1000;
    }
    this.#unwatch = controller.watchers.add(({ call, event }) => {
      this.#take(call, event.type, event.at);
    });
  }

  #close(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#entries.clear();
    this.#ended.length = 0;
  }

  #take(call: Call, type: string, at: number): void {
    const known = this.#entries.get(call.record);
    if (type === "key" || type === "key-end" || (known === undefined && call.hasEnded)) return;
    const entry = this.#enter(call, at);
    if (type === "answered") entry.answered ??= at;
    if (type === "ended" && [...entry.legs].every((leg) => leg.hasEnded)) this.#over(entry, at);
    this.#tell(call.record);
  }

  #enter(call: Call, created: number): Entry {
    const { record } = call;
    let entry = this.#entries.get(record);
    // A leg that is made for a call that was over: it goes on.
    if (entry === undefined || (entry.last !== undefined && !call.hasEnded && !entry.legs.has(call))) {
      this.#entries.delete(record);
      entry = { record, created, answered: undefined, ended: undefined, legs: new Set(), last: undefined };
      this.#entries.set(record, entry);
    }
    if (entry.last === undefined) entry.legs.add(call);
    if (entry.legs.size > MOST_KEPT) forgetOldest(entry.legs);
    return entry;
  }

  #over(entry: Entry, at: number): void {
    entry.ended = at;
    entry.last = this.#rowOf(entry);
    entry.legs.clear();
    this.#ended.push(entry.record);
    const oldest = this.#ended.length > MOST_ENDED ? this.#ended.shift() : undefined;
    if (oldest === undefined || this.#entries.get(oldest)?.last === undefined) return;
    this.#entries.delete(oldest);
    this.#tell(oldest);
  }

  #tell(record: string): void {
    this.#changed.tell(record, (error) => {
      this.#controller.log.error({ err: error }, "a reader of the operator's page failed");
    });
  }

  #rowOf({ record, created, answered, ended, legs }: Entry): CallRow {
    const all = [...legs];
    const [first] = all;
    const states = all.map(stateOf);
    return {
      record,
      from: first?.info.from ?? "",
      to: first?.destination ?? "",
      domain: first?.info.domain ?? "",
      state: ended === undefined ? stateOfAll(states) : "ended",
      created,
      ...(answered !== undefined && { answered }),
      ...(ended !== undefined && { ended }),
      ...(ended !== undefined && first !== undefined && { cause: causeOf(first) }),
      legs: all.slice(0, MOST_LEGS).map((call) => ({
        callid: call.callid,
        direction: call.originator ? "outbound" : "inbound",
        from: call.info.from,
        to: call.destination,
        state: stateOf(call),
        held: call.hold,
        muted: this.#muted.has(call),
      })),
      ...(all.length > MOST_LEGS && { moreLegs: all.length - MOST_LEGS }),
    };
  }
}

/** The first leg stays, and so do those that are up. */
function forgetOldest(legs: Set<Call>): void {
  const [first] = legs;
  for (const leg of legs) {
    if (leg !== first && leg.hasEnded) {
      legs.delete(leg);
      return;
    }
  }
}

type State = CallRow["state"];

function stateOf(call: Call): State {
  if (call.isOver) return "ended";
  if (call.answered) return "answered";
  return call.ringing ? "ringing" : "new";
}

/** A call that has been answered by anybody is answered, even while another leg rings. */
function stateOfAll(states: readonly State[]): State {
  if (states.includes("answered")) return "answered";
  return states.includes("ringing") ? "ringing" : "new";
}
