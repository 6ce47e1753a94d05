import type { Clock, Timer } from "../../core/clock.js";
import { ms, seconds } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Log } from "../../core/log.js";
import type { Running } from "../../composition/options.js";
import type { RunningJson } from "../summary-json.js";
import type { Component } from "./component-arguments.js";
import { howItEnded, type ComponentProcess } from "./component-process.js";
import { afterDeath, NO_DEATHS, type Deaths } from "./restart-policy.js";

export interface SupervisorOptions {
  /** Starts one; called again for each restart. `known` is what all that have been up so far said. */
  readonly start: (component: Component, known: Known) => ComponentProcess;
  readonly clock: Clock;
  readonly log: Log;
  /** Without a script, and nobody who decides by the API, there is no control to run. */
  readonly hasControl: boolean;
}

export type Known = ReadonlyMap<Component, RunningJson>;

/** Calls in the making need all three: so sip first, which lets them finish, then who looks after them, then their audio. */
const ENDING: readonly Component[] = ["sip", "control", "rtp"];
/** A process that has not heeded a signal for so long is killed. */
const HEEDS_WITHIN = seconds(10);

/** Keeps a process for each component: starts them, starts again the one that dies, and ends them in order. */
export class Supervisor implements Running {
  readonly #options: SupervisorOptions;
  readonly #processes = new Map<Component, ComponentProcess>();
  readonly #known = new Map<Component, RunningJson>();
  readonly #deaths = new Map<Component, Deaths>();
  readonly #restarts = new Map<Component, number>();
  readonly #timers = new Set<Timer>();
  #isEnding = false;
  #fail: (error: MediaswitchError) => void = () => undefined;
  /** Settles when one dies so often that starting it again is no use. */
  readonly failed: Promise<MediaswitchError>;

  private constructor(options: SupervisorOptions) {
    this.#options = options;
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
  }

  /**
   * Starts sip and rtp, and when both are up, control.
   * @throws {MediaswitchError} when one ends before it is up; the others have ended then.
   */
  static async start(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options);
    try {
      await Promise.all([supervisor.#first("sip"), supervisor.#first("rtp")]);
      if (options.hasControl) await supervisor.#first("control");
    } catch (error) {
      await supervisor.close();
      throw error;
    }
    for (const [component, process] of supervisor.#processes) supervisor.#watch(component, process);
    return supervisor;
  }

  /** What each said when it was last up. */
  get known(): Known {
    return this.#known;
  }

  /** Process id of each, and how often it was started again. */
  health(): Promise<Readonly<Record<string, { pid: number | undefined; restarts: number }>>> {
    return Promise.resolve(
      Object.fromEntries(
        [...this.#processes].map(([component, { pid }]) => [
          component,
          { pid, restarts: this.#restarts.get(component) ?? 0 },
        ]),
      ),
    );
  }

  /** Nothing is started again from here on; sip lets calls finish for as long as it may. */
  async drain(): Promise<void> {
    this.#stopRestarts();
    const sip = this.#processes.get("sip");
    sip?.kill("SIGTERM");
    await sip?.ended;
  }

  async close(): Promise<void> {
    this.#stopRestarts();
    for (const component of ENDING) {
      const process = this.#processes.get(component);
      if (process === undefined) continue;
      process.kill("SIGINT");
      const impatience = this.#options.clock.after(HEEDS_WITHIN, () => {
        this.#options.log.warn({ component }, "a component has not ended when told to, and is killed");
        process.kill("SIGKILL");
      });
      const result = await process.ended;
      impatience.cancel();
      this.#options.log.debug({ component, how: howItEnded(result) }, "a component has ended");
    }
  }

  #stopRestarts(): void {
    this.#isEnding = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #start(component: Component): ComponentProcess {
    const process = this.#options.start(component, this.#known);
    this.#processes.set(component, process);
    return process;
  }

  async #first(component: Component): Promise<void> {
    const process = this.#start(component);
    this.#known.set(component, await process.up);
    this.#options.log.info({ component, process: process.pid }, "a component is up");
  }

  #watch(component: Component, process: ComponentProcess): void {
    const { clock, log } = this.#options;
    const began = clock.now();
    void process.ended.then((result) => {
      if (this.#isEnding) return;
      const ran = clock.now() - began;
      const decided = afterDeath(this.#deaths.get(component) ?? NO_DEATHS, ms(ran));
      const how = howItEnded(result);
      if (decided === "give up") {
        this.#fail(
          new MediaswitchError("INTERNAL", `${component} ended again and again, the last time ${how}`),
        );
        return;
      }
      this.#deaths.set(component, decided.deaths);
      log.error(
        { component, how, againInMillis: decided.pause },
        "a component has died, and is started again",
      );
      const timer = clock.after(decided.pause, () => {
        this.#timers.delete(timer);
        this.#again(component);
      });
      this.#timers.add(timer);
    });
  }

  #again(component: Component): void {
    const { log } = this.#options;
    const process = this.#start(component);
    this.#restarts.set(component, (this.#restarts.get(component) ?? 0) + 1);
    this.#watch(component, process);
    process.up.then(
      (summary) => {
        this.#known.set(component, summary);
        log.info({ component, process: process.pid }, "a component that died is up again");
      },
      () => undefined,
    );
  }
}
