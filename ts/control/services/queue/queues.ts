import { MediaswitchError } from "../../../core/errors.js";
import type { DialTarget } from "../../app/dial-options.js";
import type { LineHome } from "../../app/line.js";
import { checkedChoice, checkedCount, checkedMillis } from "../../app/option-checks.js";
import type { Abortable } from "../../app/verb-options.js";
import type { LostEvents } from "../event-feed.js";
import { Agent, type AgentSettings } from "./agent.js";
import type { AgentState } from "./agent-machine.js";
import { CallQueue } from "./call-queue.js";
import type { AgentInfo, AgentOptions, QueueEvent, QueueSettings, QueueStatistics } from "./queue-options.js";

/** An agent who is logged in to a queue. Pauses are of all its queues. */
export interface QueueAgent {
  readonly name: string;
  readonly state: AgentState;
  /** What rings stops ringing; a talk goes on, and the pause begins after it. */
  pause(): void;
  /** Ends pause, wrap-up, and the rest after a caller that was not taken. */
  unpause(): void;
  /** From this queue: what rings stops ringing; a talk goes on. */
  logout(): void;
}

/** A queue by its name, also while nobody waits. */
export interface Queue {
  readonly name: string;
  readonly agents: readonly AgentInfo[];
  /** How many wait. */
  readonly waiting: number;
  /** Goes by these from now on; those left out stay. */
  set(settings: QueueSettings): void;
  /** An agent of that name takes callers from now on; who is in other queues has one caller at a time, of any of them. */
  login(name: string, options?: AgentOptions): QueueAgent;
  statistics(): QueueStatistics;
  events(options?: Abortable): AsyncIterable<QueueEvent | LostEvents>;
  /** All who wait get `overflow`, reason `closed`, and all agents are logged out of it; talks go on. */
  close(): void;
}

const STRATEGIES = ["ring-all", "round-robin", "longest-idle", "fewest-calls", "in-order"] as const;

/** All queues, and the agents of all of them. */
export class Queues {
  readonly #home: LineHome;
  readonly #queues = new Map<string, CallQueue>();
  /** Those who are logged in somewhere, or still talk. */
  readonly #agents = new Map<string, Agent>();
  #numbers = 0;

  constructor(home: LineHome) {
    this.#home = home;
  }

  /** Makes it where there is none: queues are few, and named by scripts. */
  of(name: string): CallQueue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    if (typeof name !== "string" || name === "") {
      throw new MediaswitchError("ARGUMENT_INVALID", "a queue needs a name", "queue");
    }
    const { clock, log } = this.#home.desk;
    const queue = new CallQueue(name, clock, log);
    this.#queues.set(name, queue);
    return queue;
  }

  /** Those that have been named so far. */
  get all(): IterableIterator<CallQueue> {
    return this.#queues.values();
  }

  queue(name: string): Queue {
    const queue = this.of(name);
    return {
      name,
      get agents() {
        return queue.agents.map(({ info }) => info);
      },
      get waiting() {
        return queue.statistics().waiting;
      },
      set: (settings) => {
        queue.set(checked(settings));
      },
      login: (agent, options = {}) => this.#login(queue, agent, options),
      statistics: () => queue.statistics(),
      events: ({ signal } = {}) => queue.events.read(signal),
      close: () => {
        queue.close();
        for (const agent of [...this.#agents.values()]) this.#forget(agent);
      },
    };
  }

  /** Nobody waits any more, and no agent is known. */
  close(): void {
    for (const queue of this.#queues.values()) queue.close();
    for (const agent of this.#agents.values()) agent.stop();
    this.#agents.clear();
  }

  #login(queue: CallQueue, name: string, options: AgentOptions): QueueAgent {
    const known = this.#agents.get(name);
    const settings = settingsOf(name, options, known?.settings);
    const agent = known ?? this.#newAgent(settings);
    agent.settings = settings;
    queue.add(agent);
    agent.login();
    return {
      name,
      get state() {
        return agent.state;
      },
      pause: () => {
        agent.pause();
      },
      unpause: () => {
        agent.unpause();
      },
      logout: () => {
        queue.remove(agent);
        this.#forget(agent);
      },
    };
  }

  #newAgent(settings: AgentSettings): Agent {
    const { clock, log } = this.#home.desk;
    this.#numbers += 1;
    const agent = new Agent(this.#numbers, settings, clock, (error) => {
      log.error({ agent: settings.name, err: error }, "one who watches an agent failed");
    });
    agent.watchers.add((state) => {
      if (state === "out") this.#forget(agent);
    });
    this.#agents.set(settings.name, agent);
    return agent;
  }

  /** Who is in no queue is logged out, and not known any more once it talks no more. */
  #forget(agent: Agent): void {
    const isIn = [...this.#queues.values()].some(({ agents }) => agents.includes(agent));
    if (isIn) return;
    if (agent.state === "out") this.#agents.delete(agent.name);
    else agent.logout();
  }
}

function settingsOf(name: string, options: AgentOptions, known: AgentSettings | undefined): AgentSettings {
  if (typeof name !== "string" || name === "") {
    throw new MediaswitchError("ARGUMENT_INVALID", "an agent needs a name", "name");
  }
  const { ringTimeout = known?.ringTimeout, wrapUp = known?.wrapUp, order = known?.order ?? 0 } = options;
  return {
    name,
    target: options.target === undefined ? (known?.target ?? { user: name }) : targetOf(options.target),
    skills: options.skills ?? known?.skills ?? [],
    order,
    ringTimeout: ringTimeout === undefined ? undefined : checkedMillis(ringTimeout, "ringTimeout"),
    wrapUp: wrapUp === undefined ? undefined : checkedMillis(wrapUp, "wrapUp"),
  };
}

function targetOf(target: NonNullable<AgentOptions["target"]>): DialTarget {
  if (typeof target !== "string") return target;
  const [user = "", domain] = target.split("@");
  return { user, ...(domain !== undefined && { domain }) };
}

function checked(settings: QueueSettings): QueueSettings {
  const { strategy, ringTimeout, wrapUp, rest, maxWaiting, maxWait, whenEmpty } = settings;
  if (strategy !== undefined) checkedChoice(strategy, "strategy", STRATEGIES);
  if (whenEmpty !== undefined) checkedChoice(whenEmpty, "whenEmpty", ["wait", "leave"]);
  if (maxWaiting !== undefined) checkedCount(maxWaiting, "maxWaiting", [0, 1_000_000]);
  for (const [field, value] of Object.entries({ ringTimeout, wrapUp, rest, maxWait })) {
    if (value !== undefined) checkedMillis(value, field);
  }
  return settings;
}
