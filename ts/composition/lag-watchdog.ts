import { ms, seconds, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { ScriptPulse } from "./script-pulse.js";

/** Between two beats of the script's thread. */
export const BEAT_EVERY = ms(50);
/** Between two looks at them. */
const LOOK_EVERY = ms(100);
/** A thread that does not turn for so long is blocked. */
const BLOCKED_AFTER = ms(500);
/** One that is still blocked then is reported without waiting for its end. */
const TELL_AFTER = seconds(5);

/** How often the script has blocked its thread. */
export interface BlockCounts {
  readonly blocks: number;
  readonly longestMillis: number;
}

/** One stretch of time in which the event loop did not turn. */
interface Block {
  readonly callid: string | undefined;
  isTold: boolean;
}

export interface LagWatchdogOptions {
  readonly pulse: Pick<ScriptPulse, "beats" | "callid">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Watches the script's thread from another one. Each time that it is blocked is reported once: when it is over, or after
 * five seconds, when it may never be.
 */
export class LagWatchdog {
  readonly #options: LagWatchdogOptions;
  #timer: Timer | undefined;
  #beats: number;
  /** When the last beat was seen. */
  #since: Millis;
  #block: Block | undefined;
  #blocks = 0;
  #longest = 0;

  constructor(options: LagWatchdogOptions) {
    this.#options = options;
    this.#beats = options.pulse.beats;
    this.#since = options.clock.now();
    this.#schedule();
  }

  get counts(): BlockCounts {
    return { blocks: this.#blocks, longestMillis: Math.round(this.#longest) };
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(LOOK_EVERY, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const { pulse, clock } = this.#options;
    const now = clock.now();
    const lasted = ms(now - this.#since);
    if (pulse.beats !== this.#beats) {
      this.#beats = pulse.beats;
      this.#since = now;
      this.#turns(lasted);
    } else if (lasted >= BLOCKED_AFTER) {
      this.#blocked(lasted);
    }
  }

  #blocked(lasted: Millis): void {
    this.#longest = Math.max(this.#longest, lasted);
    if (this.#block === undefined) {
      this.#blocks += 1;
      this.#block = { callid: this.#options.pulse.callid, isTold: false };
    }
    if (lasted >= TELL_AFTER && !this.#block.isTold) {
      this.#block.isTold = true;
      this.#report(this.#block, lasted, "the script blocks its thread, and still does");
    }
  }

  #turns(lasted: Millis): void {
    const block = this.#block;
    this.#block = undefined;
    if (block === undefined) return;
    this.#longest = Math.max(this.#longest, lasted);
    if (block.isTold)
      this.#options.log.info({ ...said(block, lasted) }, "the script blocks its thread no more");
    else this.#report(block, lasted, "the script has blocked its thread");
  }

  #report(block: Block, lasted: Millis, text: string): void {
    const whose = block.callid === undefined ? "outside of any call's events" : "in a callback of this call";
    this.#options.log.warn({ ...said(block, lasted) }, `${text}, ${whose}: other calls wait meanwhile`);
  }
}

const said = ({ callid }: Block, lasted: Millis): { blockedMillis: number; callid?: string } => ({
  blockedMillis: Math.round(lasted),
  ...(callid === undefined ? {} : { callid }),
});
