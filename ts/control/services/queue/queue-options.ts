/** What a queue is told, and what it tells: types only. All numbers of time are milliseconds. */
import type { DialTarget, Target } from "../../app/dial-options.js";
import type { Sounds } from "../../app/sound.js";
import type { Abortable } from "../../app/verb-options.js";
import type { AgentState } from "./agent-machine.js";

/**
 * Who is offered the next caller, of the agents who are free and have the skills: all at once (`ring-all`), each in turn,
 * who has talked to nobody for the longest, who has answered the fewest, or by the agents' `order`.
 */
export type QueueStrategy = "ring-all" | "round-robin" | "longest-idle" | "fewest-calls" | "in-order";

/** What a queue goes by; can be changed while it is in use. */
export interface QueueSettings {
  /** Default `longest-idle`. */
  readonly strategy?: QueueStrategy;
  /** How long an agent may ring; default 20,000. */
  readonly ringTimeout?: number;
  /** After each talk of an agent; default 0. */
  readonly wrapUp?: number;
  /** How long an agent who did not take a caller is left alone; default 5000. */
  readonly rest?: number;
  /** Callers who wait at most; default 1000. Those beyond get `overflow`, reason `full`. */
  readonly maxWaiting?: number;
  /** How long a caller waits at most: then `overflow`, reason `timeout`. Default: for ever. */
  readonly maxWait?: number;
  /** Where nobody is logged in: callers wait all the same (default), or get `overflow`, reason `empty`. */
  readonly whenEmpty?: "wait" | "leave";
}

export interface AgentOptions {
  /** Whom to call; default: the agent's name as a user. */
  readonly target?: Target;
  /** Callers who ask for skills are offered to those who have all of them. */
  readonly skills?: readonly string[];
  /** `in-order`: the lowest first; default 0. */
  readonly order?: number;
  /** In place of the queue's. */
  readonly ringTimeout?: number;
  readonly wrapUp?: number;
}

/** Where a caller stands. */
export interface CallerPlace {
  readonly queue: string;
  /** 1: the next. */
  readonly position: number;
  /** How many wait, this one included. */
  readonly waiting: number;
  /** How long this one has waited. */
  readonly waited: number;
  /** How long those who got an agent have waited on average; undefined where nobody has yet. */
  readonly averageWait: number | undefined;
}

export interface QueueCallOptions extends Abortable {
  /** The higher, the sooner; default 0. */
  readonly priority?: number;
  readonly skills?: readonly string[];
  /** In place of the queue's. */
  readonly maxWait?: number;
  /** Heard while waiting, again and again. */
  readonly music?: Sounds;
  /** Played between the music: at once, and again `every` so many milliseconds (default 30,000). */
  readonly announcement?: (place: CallerPlace) => Sounds | undefined;
  readonly every?: number;
  /** Keys by which the caller leaves the queue: outcome `left`. */
  readonly exitKeys?: string;
  /** Heard by the agent before the two are joined. */
  readonly whisper?: Sounds;
}

export type OverflowReason = "full" | "timeout" | "empty" | "closed";

export type QueueResult =
  /** The two have talked; `ended` tells which of them hung up, or that the call was moved elsewhere. */
  | {
      readonly outcome: "answered";
      readonly agent: string;
      readonly waited: number;
      readonly talked: number;
      readonly ended: "caller" | "agent" | "moved";
    }
  | { readonly outcome: "overflow"; readonly reason: OverflowReason; readonly waited: number }
  | { readonly outcome: "left"; readonly key: string; readonly waited: number };

export type QueueEvent = { readonly at: number; readonly queue: string } & (
  | { readonly type: "joined"; readonly callid: string; readonly position: number }
  | { readonly type: "offered"; readonly callid: string; readonly agent: string }
  | { readonly type: "refused"; readonly callid: string; readonly agent: string }
  | { readonly type: "answered"; readonly callid: string; readonly agent: string; readonly waited: number }
  | { readonly type: "abandoned"; readonly callid: string; readonly waited: number }
  | {
      readonly type: "overflow";
      readonly callid: string;
      readonly reason: OverflowReason;
      readonly waited: number;
    }
  | { readonly type: "ended"; readonly callid: string; readonly agent: string; readonly talked: number }
  | { readonly type: "agent"; readonly agent: string; readonly state: AgentState }
);

export interface QueueStatistics {
  readonly waiting: number;
  readonly talking: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly overflowed: number;
  /** Of those who got an agent; undefined where nobody has yet. */
  readonly averageWait: number | undefined;
  /** Of those who wait now. */
  readonly longestWait: number;
  readonly agents: Readonly<Record<AgentState, number>>;
}

/** An agent as others see it. */
export interface AgentInfo {
  readonly name: string;
  readonly target: DialTarget;
  readonly state: AgentState;
  readonly skills: readonly string[];
  readonly order: number;
  /** Callers it has talked to. */
  readonly answered: number;
}
