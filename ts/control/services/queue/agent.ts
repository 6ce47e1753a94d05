import { ms, type Millis } from "../../../core/brand.js";
import type { Clock, Timer } from "../../../core/clock.js";
import { Watchers } from "../../watchers.js";
import type { DialTarget } from "../../app/dial-options.js";
import { agentTransition, type AgentEffect, type AgentInput, type AgentState } from "./agent-machine.js";
import type { AgentInfo } from "./queue-options.js";
import type { Candidate } from "./strategy.js";

export interface AgentSettings {
  readonly name: string;
  readonly target: DialTarget;
  readonly skills: readonly string[];
  readonly order: number;
  readonly ringTimeout: number | undefined;
  readonly wrapUp: number | undefined;
}

/** How long an agent is left alone after what it does for a queue. */
export interface AgentPauses {
  readonly wrapUp: number;
  readonly rest: number;
}

/** Somebody who takes callers of one queue or several, one at a time. */
export class Agent implements Candidate {
  readonly number: number;
  settings: AgentSettings;
  answered = 0;
  idleSince: Millis;
  /** Told after each change of state. */
  readonly watchers = new Watchers<AgentState>();
  /** Told when it may take a caller. */
  readonly seekers = new Watchers<Agent>();

  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  #state: AgentState = "out";
  #timer: Timer | undefined;
  /** Ends the ringing at its phone; there until that has come to its end. */
  #offer: AbortController | undefined;
  /** Those of the queue whose caller it had last. */
  #pauses: AgentPauses = { wrapUp: 0, rest: 0 };

  constructor(number: number, settings: AgentSettings, clock: Clock, failed: (error: unknown) => void) {
    this.number = number;
    this.settings = settings;
    this.#clock = clock;
    this.#failed = failed;
    this.idleSince = clock.now();
  }

  get name(): string {
    return this.settings.name;
  }
  get order(): number {
    return this.settings.order;
  }
  get state(): AgentState {
    return this.#state;
  }

  get info(): AgentInfo {
    const { name, target, skills, order } = this.settings;
    return { name, target, state: this.#state, skills, order, answered: this.answered };
  }

  /** It can be offered a caller: also what rang there before has come to its end. */
  get isFree(): boolean {
    return this.#state === "free" && this.#offer === undefined;
  }

  hasSkills(skills: readonly string[]): boolean {
    return skills.every((skill) => this.settings.skills.includes(skill));
  }

  login(): void {
    this.#step("login");
  }
  /** What rings stops ringing; a talk goes on. */
  logout(): void {
    this.#step("logout");
  }
  /** What rings stops ringing; a talk goes on, and the pause begins after it. */
  pause(): void {
    this.#step("pause");
  }
  /** Ends pause, wrap-up and rest. */
  unpause(): void {
    this.#step("unpause");
  }

  /** @returns a signal that is aborted when its phone has to stop ringing. `offerOver` has to follow. */
  offer(pauses: AgentPauses): AbortController {
    this.#pauses = pauses;
    this.#offer = new AbortController();
    this.#step("offer");
    return this.#offer;
  }

  /** It has answered. @returns false: it is not there for a caller any more. */
  take(): boolean {
    if (this.#state !== "ringing") return false;
    this.answered += 1;
    this.#step("taken");
    return true;
  }

  /** Its phone does not ring any more. */
  offerOver(how: "taken" | "refused" | "lost"): void {
    this.#offer = undefined;
    if (how !== "taken") this.#step(how);
    if (this.isFree) this.#look();
  }

  hungup(): void {
    this.idleSince = this.#clock.now();
    this.#step("hungup");
  }

  /** Nothing is due any more. */
  stop(): void {
    this.#timer?.cancel();
  }

  #step(input: AgentInput): void {
    const { state, effects } = agentTransition(this.#state, input);
    const isNew = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (isNew) this.watchers.tell(state, this.#failed);
  }

  #perform(effect: AgentEffect): void {
    switch (effect) {
      case "stop-ringing":
        this.#offer?.abort();
        return;
      case "start-wrap-up":
        this.#startTimer(this.#pauses.wrapUp);
        return;
      case "start-rest":
        this.#startTimer(this.#pauses.rest);
        return;
      case "stop-timer":
        this.#timer?.cancel();
        return;
      case "look-for-caller":
        this.#look();
        return;
    }
  }

  #startTimer(millis: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms(millis), () => {
      this.#step("rested");
    });
  }

  #look(): void {
    this.seekers.tell(this, this.#failed);
  }
}
