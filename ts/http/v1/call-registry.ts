/** The calls that the API shows: those there are, and for a while those that have ended. */
import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../../control/call.js";
import type { CallEvent } from "../../control/call-event.js";
import { causeOf } from "../../control/cause-of.js";
import type { Controller } from "../../control/controller.js";
import type { CallResource } from "./call-schema.js";

/** Ended calls that can still be asked for. */
const MOST_ENDED = 1000;

interface Entry {
  readonly id: string;
  readonly call: Call;
  /** Counts from 1: pages are in this order. */
  readonly place: number;
  readonly created: number;
  rung?: number;
  answered?: number;
  ended?: number;
}

export interface CallFilter {
  readonly state?: CallResource["state"];
  readonly direction?: CallResource["direction"];
  readonly domain?: string;
  readonly from?: string;
  readonly to?: string;
  readonly record?: string;
}

export interface CallPage {
  readonly calls: CallResource[];
  /** For the next page; absent with the last one. */
  readonly next?: string;
}

export class CallRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #ofCall = new WeakMap<Call, Entry>();
  readonly #controller: Controller;
  readonly #ended: Entry[] = [];
  readonly #unwatch: () => void;
  #made = 0;

  constructor(controller: Controller) {
    this.#controller = controller;
    for (const call of controller.calls.values()) this.#enter(call, controller.clock.epoch());
    this.#unwatch = controller.watchers.add(({ call, event }) => this.#take(call, event));
  }

  close(): void {
    this.#unwatch();
  }

  /** @throws {MediaswitchError} CALL_UNKNOWN */
  call(id: string): Call {
    return this.#entry(id).call;
  }

  /** @throws {MediaswitchError} CALL_UNKNOWN */
  resource(id: string): CallResource {
    return this.#resource(this.#entry(id));
  }

  /** Undefined for one that was over before we came. */
  resourceOf(call: Call): CallResource | undefined {
    const entry = this.#ofCall.get(call);
    return entry && this.#resource(entry);
  }

  idOf(call: Call): string {
    return this.#ofCall.get(call)?.id ?? call.callid;
  }

  /** Oldest first. Calls that have ended are in it only where they are asked for by `state`. */
  page(filter: CallFilter, limit: number, after: number): CallPage {
    const calls: CallResource[] = [];
    let last = 0;
    for (const entry of this.#entries.values()) {
      if (entry.place <= after) continue;
      const resource = this.#resource(entry);
      if (!matches(filter, resource)) continue;
      if (calls.length === limit) return { calls, next: String(last) };
      calls.push(resource);
      last = entry.place;
    }
    return { calls };
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new MediaswitchError("CALL_UNKNOWN", `there is no call ${id}`, "id");
    return entry;
  }

  #take(call: Call, event: CallEvent): void {
    const entry = this.#ofCall.get(call) ?? (call.hasEnded ? undefined : this.#enter(call, event.at));
    if (entry === undefined) return;
    if (event.type === "rung" || event.type === "ringing") entry.rung ??= event.at;
    if (event.type === "answered") entry.answered ??= event.at;
    if (event.type !== "ended") return;
    entry.ended = event.at;
    this.#ended.push(entry);
    const oldest = this.#ended.length > MOST_ENDED ? this.#ended.shift() : undefined;
    if (oldest !== undefined && this.#entries.get(oldest.id) === oldest) this.#entries.delete(oldest.id);
  }

  #enter(call: Call, at: number): Entry {
    this.#made += 1;
    const entry: Entry = { id: call.callid, call, place: this.#made, created: at };
    // A Call-ID may come again: it moves to the end, where its place is.
    this.#entries.delete(entry.id);
    this.#entries.set(entry.id, entry);
    this.#ofCall.set(call, entry);
    return entry;
  }

  #resource({ id, call, created, rung, answered, ended }: Entry): CallResource {
    const { info } = call;
    const partner = this.#controller.channels.get(call.leg.bridgedWith ?? "");
    return {
      id,
      callid: call.callid,
      record: call.record,
      direction: call.originator ? "outbound" : "inbound",
      state: stateOf(call),
      from: info.from,
      to: call.destination,
      domain: info.domain,
      ...(info.callerid !== undefined && { callerid: info.callerid }),
      ...(info.gateway !== undefined && { gateway: info.gateway }),
      ...(info.headers !== undefined && { headers: { ...info.headers } }),
      held: call.hold,
      ...(partner !== undefined && { bridged: this.idOf(partner) }),
      created,
      ...(rung !== undefined && { rung }),
      ...(answered !== undefined && { answered }),
      ...(ended !== undefined && { ended }),
      ...(call.isOver && { cause: causeOf(call) }),
    };
  }
}

function stateOf(call: Call): CallResource["state"] {
  if (call.hasEnded) return "ended";
  if (call.isOver) return "ending";
  if (call.answered) return "answered";
  return call.ringing ? "ringing" : "new";
}

function matches(filter: CallFilter, resource: CallResource): boolean {
  if (filter.state === undefined && resource.state === "ended") return false;
  return Object.entries(filter).every(([key, wanted]) => resource[key as keyof CallFilter] === wanted);
}
