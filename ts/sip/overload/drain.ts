import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";

export interface DrainOptions {
  readonly clock: Clock;
  /** Calls there are. */
  readonly calls: () => number;
  /** Ends every call that there is, and says why. */
  readonly endCalls: () => void;
  /** Nothing new is taken from now on, or is again. */
  readonly changed: (isOn: boolean) => void;
}

/** How long the far ends may take to answer our BYE when the time is up. */
const LAST_WORDS = seconds(2);
/** How often `finished` looks. */
const LOOK_EVERY = ms(50);

/** The way down: nothing new, the calls there are go on, those that are left at the deadline are ended. */
export class Drain {
  readonly #options: DrainOptions;
  #isOn = false;
  #deadline: Timer | undefined;
  /** When to wait no longer, even for calls that are left. */
  #end: Millis | undefined;

  constructor(options: DrainOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** @throws {MediaswitchError} SIP_DRAINING. */
  checkOff(): void {
    if (this.#isOn) throw new MediaswitchError("SIP_DRAINING", "this server takes no new calls");
  }

  /** @param within how long calls may go on; as long as they like, unless given. Another one takes its place. */
  begin(within?: Millis): void {
    const { clock, changed, endCalls } = this.#options;
    this.#deadline?.cancel();
    this.#deadline = undefined;
    this.#end = undefined;
    if (!this.#isOn) {
      this.#isOn = true;
      changed(true);
    }
    if (within === undefined) return;
    this.#end = ms(clock.now() + within + LAST_WORDS);
    this.#deadline = clock.after(within, () => {
      this.#deadline = undefined;
      endCalls();
    });
  }

  /** Takes new calls again. */
  stop(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
    this.#end = undefined;
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#options.changed(false);
  }

  /** @returns settles when no call is left, or a moment after the deadline; at once when nothing is drained. */
  finished(): Promise<void> {
    const { clock, calls } = this.#options;
    return new Promise((resolve) => {
      const look = (): void => {
        const isOver = !this.#isOn || calls() === 0 || (this.#end !== undefined && clock.now() >= this.#end);
        if (isOver) resolve();
        else clock.after(LOOK_EVERY, look);
      };
      look();
    });
  }

  close(): void {
    this.#deadline?.cancel();
  }
}
