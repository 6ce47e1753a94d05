/**
 * A queue without sound: who waits, who is offered to whom, and who talks. What rings and joins is done by the port of
 * each caller.
 */
import { COMPLETED_ELSEWHERE } from "../../app/completed-elsewhere.js";
import { ms, type Millis } from "../../../core/brand.js";
import type { Clock, Timer } from "../../../core/clock.js";
import type { Log } from "../../../core/log.js";
import { EventFeed } from "../event-feed.js";
import type { Agent } from "./agent.js";
import type { AgentState } from "./agent-machine.js";
import { callerTransition, type CallerEffect, type CallerInput, type CallerState } from "./caller-machine.js";
import type {
  OverflowReason,
  QueueEvent,
  CallerPlace,
  QueueSettings,
  QueueStatistics,
  QueueStrategy,
} from "./queue-options.js";
import { choose } from "./strategy.js";

/** An agent's call that was answered. */
export interface Talk {
  /** Settles when the agent's call has ended. Never rejects. */
  readonly ended: Promise<unknown>;
  /** Joins the two. @returns settles when they are joined no more, and with the reason. Never rejects. */
  connect(): Promise<"caller" | "agent" | "moved">;
  /** It came too late: hangs the agent's call up. */
  drop(): void;
}

/** What the queue needs of a caller. */
export interface QueueCaller {
  readonly callid: string;
  readonly priority: number;
  readonly skills: readonly string[];
  readonly maxWait: number | undefined;
  /** Lets the agent's phone ring. @returns undefined when the agent does not take it; rejects as well then. */
  ring(agent: Agent, options: { signal: AbortSignal; timeout: number }): Promise<Talk | undefined>;
  /** An agent has answered: what is played to the caller stops. */
  answered(agent: Agent): void;
  /** Told once, and nothing after it. */
  over(result: CallerEnd): void;
}

export type CallerEnd =
  | {
      readonly type: "answered";
      readonly agent: string;
      readonly waited: number;
      readonly talked: number;
      readonly ended: "caller" | "agent" | "moved";
    }
  | { readonly type: "overflow"; readonly reason: OverflowReason; readonly waited: number }
  | { readonly type: "abandoned"; readonly waited: number };

interface Settings {
  readonly strategy: QueueStrategy;
  readonly ringTimeout: number;
  readonly wrapUp: number;
  readonly rest: number;
  readonly maxWaiting: number;
  readonly maxWait: number | undefined;
  readonly whenEmpty: "wait" | "leave";
}

const DEFAULTS: Settings = {
  strategy: "longest-idle",
  ringTimeout: 20_000,
  wrapUp: 0,
  rest: 5000,
  maxWaiting: 1000,
  maxWait: undefined,
  whenEmpty: "wait",
};

/** A caller in the queue. */
interface Entry {
  readonly number: number;
  readonly caller: QueueCaller;
  readonly since: Millis;
  state: CallerState;
  timer: Timer | undefined;
  /** Agents whose phones ring for it. */
  readonly offers: Map<Agent, AbortController>;
  /** Why it is to leave. */
  reason: OverflowReason;
  agent: Agent | undefined;
  waited: number;
  talkingSince: Millis;
  ended: "caller" | "agent" | "moved";
}

/** A caller as others see it. */
export interface CallerInfo {
  readonly callid: string;
  readonly state: "waiting" | "offered" | "talking";
  /** Milliseconds before it was answered, or until now. */
  readonly waited: number;
  /** Who talks to it. */
  readonly agent?: string;
}

/** The handle of a caller. */
export interface QueueTicket {
  /** Undefined when it waits no more. */
  readonly place: CallerPlace | undefined;
  /** It is not to wait any longer. */
  leave(): void;
}

export class CallQueue {
  readonly name: string;
  readonly events: EventFeed<QueueEvent>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #agents = new Map<Agent, () => void>();
  /** All who wait or talk, in the order in which they came. */
  readonly #entries = new Set<Entry>();
  #settings = DEFAULTS;
  #numbers = 0;
  #lastOffered = 0;
  #isMatching = false;
  #isToMatch = false;
  #answered = 0;
  #abandoned = 0;
  #overflowed = 0;
  #waitedInAll = 0;

  constructor(name: string, clock: Clock, log: Log) {
    this.name = name;
    this.#clock = clock;
    this.#log = log;
    this.events = new EventFeed(log);
  }

  /** Goes by these from now on; those left out stay. */
  set(settings: QueueSettings): void {
    this.#settings = { ...this.#settings, ...settings };
    this.#match();
  }

  get agents(): readonly Agent[] {
    return [...this.#agents.keys()];
  }

  add(agent: Agent): void {
    if (this.#agents.has(agent)) return;
    const unwatch = [
      agent.seekers.add(() => {
        this.#match();
      }),
      agent.watchers.add((state) => {
        this.#agentChanged(agent, state);
      }),
    ];
    this.#agents.set(agent, () => {
      for (const each of unwatch) each();
    });
    this.#match();
  }

  /** What rings at it for this queue stops; a talk goes on. */
  remove(agent: Agent): void {
    this.#agents.get(agent)?.();
    this.#agents.delete(agent);
    for (const { offers } of this.#entries) offers.get(agent)?.abort();
    this.#emptied();
  }

  join(caller: QueueCaller): QueueTicket {
    this.#numbers += 1;
    const entry: Entry = {
      number: this.#numbers,
      caller,
      since: this.#clock.now(),
      state: "waiting",
      timer: undefined,
      offers: new Map(),
      reason: "full",
      agent: undefined,
      waited: 0,
      talkingSince: this.#clock.now(),
      ended: "caller",
    };
    const isFull = this.#waiting().length >= this.#settings.maxWaiting;
    this.#entries.add(entry);
    if (isFull) this.#overflow(entry, "full");
    else this.#enter(entry);
    const place = (): CallerPlace | undefined => this.#place(entry);
    return {
      get place() {
        return place();
      },
      leave: () => {
        this.#step(entry, "leave");
      },
    };
  }

  /** Nobody waits any longer: all get `overflow`, reason `closed`. Talks go on. */
  close(): void {
    for (const entry of [...this.#entries]) this.#overflow(entry, "closed");
    for (const agent of this.agents) this.remove(agent);
    this.events.close();
  }

  /** Those who wait, the next one first, and then those who talk. */
  get callers(): readonly CallerInfo[] {
    const now = this.#clock.now();
    const waiting = this.#waiting().map(({ caller, state, since }) => ({
      callid: caller.callid,
      state: state === "offered" ? ("offered" as const) : ("waiting" as const),
      waited: now - since,
    }));
    const talking = [...this.#entries]
      .filter(({ state }) => state === "talking")
      .map(({ caller, waited, agent }) => ({
        callid: caller.callid,
        state: "talking" as const,
        waited,
        ...(agent !== undefined && { agent: agent.name }),
      }));
    return [...waiting, ...talking];
  }

  statistics(): QueueStatistics {
    const now = this.#clock.now();
    const waiting = this.#waiting();
    return {
      waiting: waiting.length,
      talking: [...this.#entries].filter(({ state }) => state === "talking").length,
      answered: this.#answered,
      abandoned: this.#abandoned,
      overflowed: this.#overflowed,
      averageWait: this.#averageWait,
      longestWait: Math.max(0, ...waiting.map(({ since }) => now - since)),
      agents: this.#agentCounts(),
    };
  }

  get #averageWait(): number | undefined {
    return this.#answered === 0 ? undefined : this.#waitedInAll / this.#answered;
  }

  #agentCounts(): Record<AgentState, number> {
    const counts: Record<AgentState, number> = {
      out: 0,
      free: 0,
      paused: 0,
      ringing: 0,
      talking: 0,
      pausing: 0,
      leaving: 0,
      wrapping: 0,
      resting: 0,
    };
    for (const { state } of this.agents) counts[state] += 1;
    return counts;
  }

  #enter(entry: Entry): void {
    const { caller } = entry;
    const maxWait = caller.maxWait ?? this.#settings.maxWait;
    if (maxWait !== undefined) {
      entry.timer = this.#clock.after(ms(maxWait), () => {
        this.#overflow(entry, "timeout");
      });
    }
    this.#tell({ type: "joined", callid: caller.callid, position: this.#positionOf(entry) });
    this.#emptied();
    this.#match();
  }

  #overflow(entry: Entry, reason: OverflowReason): void {
    entry.reason = reason;
    this.#step(entry, "overflow");
  }

  /** Nobody is logged in any more. */
  #emptied(): void {
    if (this.#settings.whenEmpty === "wait") return;
    if (this.agents.some(({ state }) => state !== "out" && state !== "leaving")) return;
    for (const entry of [...this.#entries]) this.#overflow(entry, "empty");
  }

  #agentChanged(agent: Agent, state: AgentState): void {
    this.#tell({ type: "agent", agent: agent.name, state });
    this.#emptied();
  }

  /** Those who wait, the next one first. */
  #waiting(): Entry[] {
    return [...this.#entries]
      .filter(({ state }) => state === "waiting" || state === "offered")
      .sort((a, b) => b.caller.priority - a.caller.priority || a.number - b.number);
  }

  #positionOf(entry: Entry): number {
    return this.#waiting().indexOf(entry) + 1;
  }

  #place(entry: Entry): CallerPlace | undefined {
    const waiting = this.#waiting();
    const index = waiting.indexOf(entry);
    if (index === -1) return undefined;
    return {
      queue: this.name,
      position: index + 1,
      waiting: waiting.length,
      waited: this.#clock.now() - entry.since,
      averageWait: this.#averageWait,
    };
  }

  /** Offers who waits to who is free. What happens meanwhile is looked at in one more round. */
  #match(): void {
    this.#isToMatch = true;
    if (this.#isMatching) return;
    this.#isMatching = true;
    try {
      while (this.#isToMatch) {
        this.#isToMatch = false;
        for (const entry of this.#waiting()) this.#offer(entry);
      }
    } finally {
      this.#isMatching = false;
    }
  }

  #offer(entry: Entry): void {
    const { strategy } = this.#settings;
    const isOpen = entry.state === "waiting" || (entry.state === "offered" && strategy === "ring-all");
    if (!isOpen) return;
    const candidates = this.agents.filter((agent) => agent.isFree && agent.hasSkills(entry.caller.skills));
    for (const agent of choose(strategy, candidates, this.#lastOffered)) void this.#ring(entry, agent);
  }

  /** Lets an agent's phone ring for a caller, and sees to what comes of it. */
  async #ring(entry: Entry, agent: Agent): Promise<void> {
    const { wrapUp, rest } = this.#settings;
    const { caller } = entry;
    const offer = agent.offer({ wrapUp: agent.settings.wrapUp ?? wrapUp, rest });
    entry.offers.set(agent, offer);
    this.#lastOffered = agent.number;
    this.#step(entry, "offer");
    this.#tell({ type: "offered", callid: caller.callid, agent: agent.name });
    const talk = await this.#answerOf(entry, agent, offer.signal);
    entry.offers.delete(agent);
    if (talk !== undefined && entry.state === "offered" && !offer.signal.aborted && agent.take()) {
      agent.offerOver("taken");
      void talk.ended.then(() => {
        agent.hungup();
      });
      await this.#talk(entry, agent, talk);
      return;
    }
    talk?.drop();
    await talk?.ended;
    const isRefused = talk === undefined && !offer.signal.aborted;
    if (isRefused) this.#tell({ type: "refused", callid: caller.callid, agent: agent.name });
    agent.offerOver(isRefused ? "refused" : "lost");
    if (entry.offers.size === 0) this.#step(entry, "refused");
  }

  async #answerOf(entry: Entry, agent: Agent, signal: AbortSignal): Promise<Talk | undefined> {
    const timeout = agent.settings.ringTimeout ?? this.#settings.ringTimeout;
    try {
      return await entry.caller.ring(agent, { signal, timeout });
    } catch (error) {
      if (!signal.aborted) {
        this.#log.warn({ queue: this.name, agent: agent.name, err: error }, "an agent can't be called");
      }
      return undefined;
    }
  }

  async #talk(entry: Entry, agent: Agent, talk: Talk): Promise<void> {
    entry.agent = agent;
    this.#step(entry, "taken");
    entry.ended = await talk.connect();
    this.#step(entry, "talked");
  }

  #step(entry: Entry, input: CallerInput): void {
    const { state, effects } = callerTransition(entry.state, input);
    if (entry.state === "waiting" || entry.state === "offered") {
      entry.waited = this.#clock.now() - entry.since;
    }
    entry.state = state;
    if (state === "gone" || state === "talking") entry.timer?.cancel();
    if (state === "gone") this.#entries.delete(entry);
    for (const effect of effects) this.#perform(entry, effect);
  }

  #perform(entry: Entry, effect: CallerEffect): void {
    const { caller, waited, reason } = entry;
    const { callid } = caller;
    switch (effect) {
      case "stop-offers":
        for (const offer of entry.offers.values()) {
          offer.abort(entry.state === "talking" ? COMPLETED_ELSEWHERE : undefined);
        }
        return;
      case "look-for-agent":
        this.#match();
        return;
      case "tell-answered":
        this.#answered += 1;
        this.#waitedInAll += waited;
        entry.talkingSince = this.#clock.now();
        if (entry.agent === undefined) return;
        this.#tell({ type: "answered", callid, agent: entry.agent.name, waited });
        caller.answered(entry.agent);
        return;
      case "tell-abandoned":
        this.#abandoned += 1;
        this.#tell({ type: "abandoned", callid, waited });
        caller.over({ type: "abandoned", waited });
        return;
      case "tell-overflow":
        this.#overflowed += 1;
        this.#tell({ type: "overflow", callid, reason, waited });
        caller.over({ type: "overflow", reason, waited });
        return;
      case "tell-ended": {
        const talked = this.#clock.now() - entry.talkingSince;
        const agent = entry.agent?.name ?? "";
        this.#tell({ type: "ended", callid, agent, talked });
        caller.over({ type: "answered", agent, waited, talked, ended: entry.ended });
        return;
      }
    }
  }

  #tell(event: DistributiveOmit<QueueEvent, "at" | "queue">): void {
    this.events.tell({ ...event, at: this.#clock.epoch(), queue: this.name });
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
