import type { LogLine } from "../core/log-tail.js";
import type { ControlSettings } from "../control/projectcontrol.js";
import { projectcontrol } from "../projectcontrol.js";
import type { OpenControl } from "./control-connection.js";
import { connectScriptsThrough } from "./script-connection.js";
import { ScriptGuard, type ScriptGuardOptions } from "./script-guard.js";
import { startScript } from "./script-loader.js";
import { openThreadControl, type ThreadControlOptions } from "./thread-control.js";

export interface ScriptHostOptions extends Omit<ThreadControlOptions, "handlers" | "within"> {
  /** Without one, inbound calls wait for the clients of the API. */
  readonly script?: string;
  /** Told whose turn it is, before what belongs to a call is run. */
  readonly entered?: (callid: string) => void;
  /** See `ScriptGuardOptions`. */
  readonly follows?: ScriptGuardOptions["follows"];
}

/** Call control with the user's script, in this thread. */
export class ScriptHost {
  readonly #options: ScriptHostOptions;
  readonly #guard: ScriptGuard;
  #opening: Promise<OpenControl> | undefined;
  #open: OpenControl | undefined;

  constructor(options: ScriptHostOptions) {
    const { log, entered, follows = "promises" } = options;
    this.#options = options;
    this.#guard = new ScriptGuard({ log, follows, ...(entered === undefined ? {} : { entered }) });
  }

  /**
   * Runs the script. @returns where control's HTTP is served, unless the script hasn't called `run()`.
   * @throws {MediaswitchError} what the script failed with.
   */
  async start(): Promise<{ readonly url?: string }> {
    const { script, log } = this.#options;
    const connected = new Promise<OpenControl>((resolve, reject) => {
      connectScriptsThrough(({ handlers }) => {
        this.#opening = this.#connect(handlers);
        this.#opening.then(resolve, reject);
        return this.#opening;
      });
    });
    this.#guard.install();
    if (script === undefined) await takeCallsForClients();
    else await startScript(script, connected, log);
    const opened = await this.#opening;
    return opened === undefined ? {} : { url: opened.url };
  }

  health(): object {
    return this.#open?.health() ?? {};
  }

  /** What other parts have logged, for the operator's page. */
  addLogLines(lines: readonly LogLine[]): void {
    for (const line of lines) this.#open?.logTail.add(line);
  }

  /** Hangs up all calls and lets go of what was opened. */
  close(): Promise<void> {
    return projectcontrol.stop();
  }

  async #connect(handlers: ControlSettings["handlers"]): Promise<OpenControl> {
    const { script: _script, entered: _entered, follows: _follows, ...options } = this.#options;
    this.#open = await openThreadControl({
      ...options,
      sip: this.#guard.watch(options.sip),
      handlers,
      within: (callid, run) => this.#guard.within(callid, run),
    });
    this.#guard.protects(this.#open.controller);
    return this.#open;
  }
}

/** Inbound calls wait, unanswered, for what clients of the API do with them, as long as the SIP side lets them. */
export async function takeCallsForClients(): Promise<void> {
  projectcontrol.onnewcall = () => undefined;
  await projectcontrol.run();
}
