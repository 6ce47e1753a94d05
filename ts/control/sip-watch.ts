import { seconds, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { SipService } from "../sip/sip-service.js";

export interface SipWatchOptions {
  readonly sip: SipService;
  readonly clock: Clock;
  readonly log: Log;
  /** How often the SIP side is asked who it is; 5 s unless given. */
  readonly every?: Millis;
}

/** Notices that the SIP side was restarted: its `instance` is another one. A SIP side that tells none never was. */
export class SipWatch {
  readonly #options: SipWatchOptions;
  #known: string | undefined;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(options: SipWatchOptions) {
    this.#options = options;
  }

  /**
   * @param restarted does what a restart makes necessary; where it fails, it is called again the next time.
   * @returns settles once it is known who is there now, or nobody is.
   */
  async start(restarted: () => Promise<void>): Promise<void> {
    if (this.#timer !== undefined) return;
    this.#known = await this.#instance();
    this.#schedule(restarted);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #schedule(restarted: () => Promise<void>): void {
    if (this.#isStopped) return;
    const { clock, every = seconds(5) } = this.#options;
    this.#timer = clock.after(every, () => {
      void this.#look(restarted).then(() => {
        this.#schedule(restarted);
      });
    });
  }

  async #look(restarted: () => Promise<void>): Promise<void> {
    const instance = await this.#instance();
    if (instance === undefined || instance === this.#known || this.#isStopped) return;
    const { log } = this.#options;
    try {
      log.warn({ instance, before: this.#known }, "the SIP side was restarted: it gets its directory again");
      await restarted();
      this.#known = instance;
    } catch (error) {
      log.warn({ err: error }, "the directory could not be sent to the restarted SIP side; tried again soon");
    }
  }

  /** Undefined where nobody answers. */
  async #instance(): Promise<string | undefined> {
    const { sip, log } = this.#options;
    try {
      const { instance } = await sip.execute({ type: "health" });
      return instance === "" ? undefined : instance;
    } catch (error) {
      log.debug({ err: error }, "the SIP side does not say who it is");
      return undefined;
    }
  }
}
