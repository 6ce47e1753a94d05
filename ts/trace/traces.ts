/** The traces of calls: those that go on, and those that have ended of late. Most of it is put together when somebody asks. */
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { Call } from "../control/call.js";
import type { Controller } from "../control/controller.js";
import type { CallDetailRecord, LegRecord } from "../control/record/call-detail-record.js";
import type { CallRecorder } from "../control/record/call-recorder.js";
import type { ChannelStatistics } from "../rtp/media-service.js";
import type {
  CallTrace,
  LegTrace,
  MediaMoment,
  MediaSample,
  TracedMessage,
  TracedMessages,
  TraceSummary,
} from "./call-trace.js";
import type { ChannelLog } from "./channel-log.js";
import type { ChannelLogs } from "./channel-logs.js";
import { explain } from "./explain.js";

export interface TracesOptions {
  readonly controller: Pick<Controller, "calls" | "channels" | "watchers" | "lastWatchers" | "media">;
  readonly recorder: Pick<CallRecorder, "add" | "unwritten" | "unwrittenOf">;
  readonly channels: ChannelLogs;
  readonly clock: Clock;
  readonly log: Log;
  /** What the SIP side has of a Call-ID. */
  readonly messagesOf: (callid: string) => Promise<TracedMessages>;
  /** Ended calls that are kept. */
  readonly calls: number;
}

export interface TraceFilter {
  /** Is in somebody's number, the domain, the id or a Call-ID. */
  readonly search?: string;
  readonly state?: "live" | "ended";
  readonly limit?: number;
}

/** Milliseconds in which a channel's figures are asked for once at most. */
const SAMPLE_EVERY = 1000;
/** What one leg or event of a kept record may need, in octets, and what all may need. */
const LEG_SIZE = 1000;
const EVENT_SIZE = 150;
const MOST_SIZE = 64 * 1024 * 1024;
const MOST_LISTED = 100;
const MOST_LEGS_ASKED = 20;

interface Ended {
  readonly record: CallDetailRecord;
  readonly logs: readonly ChannelLog[];
  readonly size: number;
}

export class Traces {
  readonly #options: TracesOptions;
  /** Oldest first. */
  readonly #ended = new Map<string, Ended>();
  /** Call-ID → id of the call. */
  readonly #ids = new Map<string, string>();
  /** Channels by the Call-ID they belong to, of calls that go on. */
  readonly #logs = new Map<string, Set<ChannelLog>>();
  readonly #stop: readonly (() => void)[];
  #size = 0;

  constructor(options: TracesOptions) {
    this.#options = options;
    const { controller, recorder } = options;
    this.#stop = [
      controller.watchers.add(({ call, event }) => {
        if (event.type === "channel") this.#own(event.event.uuid, call);
        if (event.type === "answered" || event.type === "ended") this.#ownNow(call);
      }),
      controller.lastWatchers.add(({ call, event }) => {
        this.#own(event.uuid, call);
      }),
      recorder.add((record) => {
        this.#keep(record);
      }),
    ];
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  /** Counts of what is kept. */
  health(): { readonly traces: number } {
    return { traces: this.#ended.size };
  }

  /** Newest first. */
  list({ search, state, limit = MOST_LISTED }: TraceFilter = {}): { calls: TraceSummary[]; omitted: number } {
    const wanted = search?.toLowerCase();
    const found: TraceSummary[] = [];
    const add = (record: CallDetailRecord, which: TraceSummary["state"]): void => {
      const summary = summaryOf(record, which);
      if (wanted === undefined || isAbout(summary, wanted)) found.push(summary);
    };
    if (state !== "live") for (const { record } of this.#ended.values()) add(record, "ended");
    if (state !== "ended") for (const record of this.#options.recorder.unwritten()) add(record, "live");
    found.sort((a, b) => b.start - a.start);
    return { calls: found.slice(0, limit), omitted: Math.max(0, found.length - limit) };
  }

  /** @param id of a call, or a Call-ID. @throws {MediaswitchError} CALL_UNKNOWN, SIP_UNAVAILABLE. */
  async trace(id: string): Promise<CallTrace> {
    const known = this.#find(id);
    if (known === undefined) return this.#unknown(id);
    const { record, state } = known;
    if (state === "live") await this.#measure(record);
    const logs = state === "live" ? this.#logsOf(record) : known.logs;
    const { messages, omitted } = await this.#messages(record);
    const trace: CallTrace = {
      version: 1,
      ...summaryOf(record, state),
      ...(state === "ended" && { endedBy: record.endedBy }),
      legs: record.legs.map((leg) => this.#leg(leg, state, logs)),
      messages,
      messagesOmitted: omitted,
      media: moments(record, logs),
      events: record.events,
      eventsOmitted: record.eventsOmitted ?? 0,
      findings: [],
    };
    return { ...trace, findings: explain(trace, this.#options.clock.epoch()) };
  }

  #find(id: string):
    | {
        readonly record: CallDetailRecord;
        readonly state: "live" | "ended";
        readonly logs: readonly ChannelLog[];
      }
    | undefined {
    const own = this.#options.controller.calls.get(id)?.record ?? this.#ids.get(id) ?? id;
    const live = this.#options.recorder.unwrittenOf(own);
    if (live !== undefined) return { record: live, state: "live", logs: [] };
    const ended = this.#ended.get(this.#ids.get(id) ?? own);
    if (ended !== undefined) return { ...ended, state: "ended" };
    for (const record of this.#options.recorder.unwritten()) {
      if (record.legs.some(({ callid }) => callid === id)) return { record, state: "live", logs: [] };
    }
    return undefined;
  }

  /** Control knows nothing of it: perhaps a registration, or a call that never got here. */
  async #unknown(id: string): Promise<CallTrace> {
    const { messages, omitted } = await this.#options.messagesOf(id);
    const [first] = messages;
    if (first === undefined) {
      throw new MediaswitchError(
        "CALL_UNKNOWN",
        `no call with the id or Call-ID "${id}" is remembered: GET /trace tells which are`,
      );
    }
    const trace: CallTrace = {
      version: 1,
      id,
      state: "unknown",
      direction: first.direction === "in" ? "inbound" : "outbound",
      ...namesIn(first),
      callids: [id],
      start: first.at,
      legs: [],
      messages,
      messagesOmitted: omitted,
      media: [],
      events: [],
      eventsOmitted: 0,
      findings: [],
    };
    return { ...trace, findings: explain(trace, this.#options.clock.epoch()) };
  }

  #leg(leg: LegRecord, state: "live" | "ended", logs: readonly ChannelLog[]): LegTrace {
    const { callid, direction, from, to, domain, gateway, remote, start, ring, answer, end, cause } = leg;
    const isOver = state === "ended" || this.#options.controller.calls.get(callid)?.hasEnded !== false;
    const own = logs.filter((log) => log.callid === callid);
    const last = own.at(-1);
    return {
      callid,
      direction,
      from,
      to,
      domain,
      ...(gateway !== undefined && { gateway }),
      remote,
      start,
      ...(ring !== undefined && { ring }),
      ...(answer !== undefined && { answer }),
      ...(isOver && { end, cause }),
      ...(last !== undefined && { channel: last.channel }),
      samples: own.flatMap(({ samples }): readonly MediaSample[] => samples),
    };
  }

  async #messages({ legs }: CallDetailRecord): Promise<TracedMessages> {
    const asked = legs.slice(0, MOST_LEGS_ASKED);
    const told = await Promise.all(asked.map(({ callid }) => this.#options.messagesOf(callid)));
    const messages = told.flatMap(({ messages: each }, leg) =>
      each.map((message): TracedMessage => ({ ...message, leg })),
    );
    messages.sort((a, b) => a.at - b.at || a.number - b.number);
    return { messages, omitted: told.reduce((sum, { omitted }) => sum + omitted, 0) };
  }

  /** Asks for the figures of the channels there are. */
  async #measure(record: CallDetailRecord): Promise<void> {
    const { controller, clock, log } = this.#options;
    await Promise.all(
      record.legs.map(async ({ callid }) => {
        const call = controller.calls.get(callid);
        const uuid = call?.leg.channel?.uuid;
        if (call === undefined || uuid === undefined) return;
        this.#own(uuid, call);
        const known = this.#options.channels.get(uuid);
        const last = known?.samples.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
        if (known === undefined || clock.epoch() - last < SAMPLE_EVERY) return;
        try {
          const statistics: ChannelStatistics = await controller.media.execute({ type: "statistics", uuid });
          known.measure(clock.epoch(), statistics);
        } catch (error) {
          log.debug({ callid, err: error }, "a channel's figures can't be had");
        }
      }),
    );
  }

  #ownNow(call: Call): void {
    const uuid = call.leg.channel?.uuid;
    if (uuid !== undefined) this.#own(uuid, call);
  }

  #own(uuid: string, { callid }: Call): void {
    const log = this.#options.channels.get(uuid);
    if (log === undefined || log.callid === callid) return;
    if (log.callid !== undefined) this.#logs.get(log.callid)?.delete(log);
    log.callid = callid;
    const logs = this.#logs.get(callid);
    if (logs === undefined) this.#logs.set(callid, new Set([log]));
    else logs.add(log);
  }

  #logsOf({ legs }: CallDetailRecord): ChannelLog[] {
    return legs.flatMap(({ callid }) => [...(this.#logs.get(callid) ?? [])]);
  }

  #keep(record: CallDetailRecord): void {
    const logs = this.#logsOf(record);
    for (const { callid } of record.legs) {
      this.#logs.delete(callid);
      this.#ids.set(callid, record.id);
    }
    for (const { uuid } of logs) this.#options.channels.forget(uuid);
    const size = record.legs.length * LEG_SIZE + record.events.length * EVENT_SIZE;
    this.#ended.set(record.id, { record, logs, size });
    this.#size += size;
    while (this.#ended.size > this.#options.calls || (this.#size > MOST_SIZE && this.#ended.size > 1)) {
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#ended.values();
    if (oldest === undefined) return;
    const { record, size } = oldest;
    this.#ended.delete(record.id);
    this.#size -= size;
    for (const { callid } of record.legs) {
      if (this.#ids.get(callid) === record.id) this.#ids.delete(callid);
    }
  }
}

function summaryOf(record: CallDetailRecord, state: "live" | "ended"): TraceSummary {
  const { id, direction, from, to, domain, legs, start, answer, end, cause } = record;
  return {
    id,
    state,
    direction,
    from,
    to,
    domain,
    callids: legs.map(({ callid }) => callid),
    start,
    ...(answer !== undefined && { answer }),
    ...(state === "ended" && { end, cause }),
  };
}

const isAbout = ({ id, from, to, domain, callids }: TraceSummary, wanted: string): boolean =>
  [id, from, to, domain, ...callids].some((text) => text.toLowerCase().includes(wanted));

function moments({ legs }: CallDetailRecord, logs: readonly ChannelLog[]): MediaMoment[] {
  const leg = new Map(legs.map(({ callid }, index) => [callid, index]));
  return logs
    .flatMap((log) => log.moments.map((moment) => ({ ...moment, leg: leg.get(log.callid ?? "") ?? 0 })))
    .sort((a, b) => a.at - b.at);
}

/** Who is at both ends, as the first message has it. */
function namesIn({ text }: TracedMessage): { from: string; to: string; domain: string } {
  const user = (name: string): readonly [user: string, host: string] => {
    const [, who = "", host = ""] =
      new RegExp(`^(?:${name})\\s*:[^\\r\\n]*?sips?:(?:([^@>;\\s]*)@)?([^>;\\s]*)`, "im").exec(text) ?? [];
    return [who, host];
  };
  const [from] = user("from|f");
  const [to, domain] = user("to|t");
  return { from, to, domain };
}
