import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer as ClockTimer } from "../../core/clock.js";
import { step, type Gap, type Table, type TimerInput } from "./machine.js";
import type { TimerName, TimerValues } from "./timers.js";

interface Running {
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
  readonly #running = new Map<Timer, Running>();
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
    const before = this.#state;
    const { state, actions } = step(this.#table, before, input);
    this.#state = state;
    if (state === "terminated" && before !== "terminated") {
      this.halt();
      this.#owner.ended();
    }
    for (const action of actions) {
      if (typeof action === "string") this.#owner.perform(action);
      else if ("start" in action) this.#start(action.start, this.#owner.timers[action.start]);
      else if ("stop" in action) this.#stop(action.stop);
      else this.#start(action.again, this.#nextGap(action.again, action.gap));
    }
  }

  /** Stops for good, in whatever state: no timer runs, no input counts any more. */
  halt(): void {
    this.#isHalted = true;
    for (const { timer } of this.#running.values()) timer.cancel();
    this.#running.clear();
  }

  /** Starts a timer, or starts it anew; "off" is one that this transport does not need. */
  #start(name: Timer, gap: Millis | "off"): void {
    this.#stop(name);
    if (gap === "off") return;
    const timer = this.#owner.clock.after(gap, () => {
      this.input(`timer ${name}`);
    });
    this.#running.set(name, { timer, gap });
  }

  #stop(name: Timer): void {
    this.#running.get(name)?.timer.cancel();
    this.#running.delete(name);
  }

  /** The gap after the one that has just run out. */
  #nextGap(name: Timer, rule: Gap): Millis | "off" {
    const last = this.#running.get(name)?.gap;
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
