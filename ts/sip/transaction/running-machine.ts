import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer as ClockTimer } from "../../core/clock.js";
import type { Action, Gap, Table, TimerInput } from "./machine.js";
import type { TimerName, TimerValues } from "./timers.js";

interface Running<Name> {
  readonly name: Name;
  readonly timer: ClockTimer;
  readonly gap: Millis;
}

export interface MachineOwner<Effect extends string> {
  readonly clock: Clock;
  readonly timers: TimerValues;
  perform(effect: Effect): void;
  /** The machine has reached "terminated", its timers are stopped; called once, before the effects of that step. */
  ended(): void;
}

/** A machine at work: the state it is in and its timers. */
export class RunningMachine<
  State extends string,
  Input extends string,
  Effect extends string,
  Timer extends TimerName,
> {
  readonly #table: Table<State, Input, Effect, Timer>;
  readonly #owner: MachineOwner<Effect>;
  /** Few: a list is smaller and faster than a map. */
  #running: Running<Timer>[] = [];
  #state: State;
  #isHalted = false;

  constructor(table: Table<State, Input, Effect, Timer>, state: State, owner: MachineOwner<Effect>) {
    this.#table = table;
    this.#state = state;
    this.#owner = owner;
  }

  get state(): State {
    return this.#state;
  }

  input(input: Input | TimerInput<Timer>): void {
    if (this.#isHalted) return;
    const row = this.#table[this.#state][input];
    if (row === "ignore") return;
    const [next] = row;
    const hasEnded = next === "terminated" && this.#state !== "terminated";
    this.#state = next;
    if (hasEnded) {
      this.halt();
      this.#owner.ended();
    }
    for (let index = 1; index < row.length; index += 1) this.#act(row[index] as Action<Effect, Timer>);
  }

  /** Stops for good, in whatever state: no timer runs, no input counts any more. */
  halt(): void {
    this.#isHalted = true;
    for (const { timer } of this.#running) timer.cancel();
    this.#running = [];
  }

  #act(action: Action<Effect, Timer>): void {
    if (typeof action === "string") this.#owner.perform(action);
    else if ("start" in action) this.#start(action.start, this.#owner.timers[action.start]);
    else if ("stop" in action) this.#stop(action.stop);
    else this.#start(action.again, this.#nextGap(action.again, action.gap));
  }

  /** Starts a timer, or starts it anew; "off" is one that this transport does not need. */
  #start(name: Timer, gap: Millis | "off"): void {
    this.#stop(name);
    if (gap === "off") return;
    const timer = this.#owner.clock.after(gap, () => {
      this.input(`timer ${name}`);
    });
    // Of just the length it needs: `push` makes room for many.
    this.#running = [...this.#running, { name, timer, gap }];
  }

  #stop(name: Timer): void {
    const index = this.#running.findIndex((running) => running.name === name);
    if (index === -1) return;
    this.#running[index]?.timer.cancel();
    this.#running.splice(index, 1);
  }

  /** The gap after the one that has just run out. */
  #nextGap(name: Timer, rule: Gap): Millis | "off" {
    const last = this.#running.find((running) => running.name === name)?.gap;
    if (last === undefined) return "off";
    const { T2 } = this.#owner.timers;
    switch (rule) {
      case "twice":
        return ms(2 * last);
      case "twice, at most T2":
        return ms(Math.min(2 * last, T2));
      case "T2":
        return T2;
    }
  }
}
