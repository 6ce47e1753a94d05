import { epochMillis, seconds, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { SipHealth, SipService } from "../sip/sip-service.js";
import type { SipRestart } from "./sip-restart.js";

export interface SipWatchOptions {
  readonly sip: SipService;
  readonly clock: Clock;
  readonly log: Log;
  /** How often the SIP side is asked who it is; 5 s unless given. */
  readonly every?: Millis;
  /** Told of a restart before anything is done about it: what the SIP side had is gone. Where it rejects, told again. */
  readonly forgotten?: (restart: SipRestart) => Promise<void>;
}

/** Notices that the SIP side was restarted: its `instance` is another one. A SIP side that tells none never was. */
export class SipWatch {
  readonly #options: SipWatchOptions;
  #known: string | undefined;
  /** When the one that is known was asked for its last answer. */
  #lastSeen = epochMillis(0);
  /** Of the last restart that was seen. */
  #seen: string | undefined;
  /** The restart that is still to be told. */
  #untold: SipRestart | undefined;
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
    const asked = this.#options.clock.epoch();
    this.#known = (await this.#health())?.instance;
    this.#lastSeen = asked;
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
    const { log, clock } = this.#options;
    const asked = clock.epoch();
    const health = await this.#health();
    if (health === undefined || this.#isStopped) return;
    const { instance } = health;
    if (instance === this.#known) this.#lastSeen = asked;
    else this.#see(health);
    const told = this.#tellForgotten();
    if (instance !== this.#known) {
      try {
        log.warn(
          { instance, before: this.#known },
          "the SIP side was restarted: it gets its directory again",
        );
        await restarted();
        this.#known = instance;
      } catch (error) {
        log.warn(
          { err: error },
          "the directory could not be sent to the restarted SIP side; tried again soon",
        );
      }
    }
    await told;
  }

  /** Once for each restart, however often the rest has to be tried. Who was never heard had nothing. */
  #see({ instance, started }: SipHealth): void {
    if (this.#known === undefined || this.#seen === instance) return;
    this.#seen = instance;
    this.#untold = { lastSeen: this.#lastSeen, started };
  }

  async #tellForgotten(): Promise<void> {
    const restart = this.#untold;
    if (restart === undefined) return;
    try {
      await this.#options.forgotten?.(restart);
      this.#untold = undefined;
    } catch (error) {
      this.#options.log.warn(
        { err: error },
        "the restarted SIP side was not asked for all calls; asked again soon",
      );
    }
  }

  /** Undefined where nobody answers, or says who it is. */
  async #health(): Promise<SipHealth | undefined> {
    const { sip, log } = this.#options;
    try {
      const health = await sip.execute({ type: "health" });
      return health.instance === "" ? undefined : health;
    } catch (error) {
      log.debug({ err: error }, "the SIP side does not say who it is");
      return undefined;
    }
  }
}
