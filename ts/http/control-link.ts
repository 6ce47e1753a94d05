import { ms, seconds, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import { ERRORS, MediaswitchError } from "../core/errors.js";
import { fraction, type Random } from "../core/random.js";

export interface ControlLinkOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** After a failure somebody tries again in so long; after each further one in twice as long, up to the longest. */
const FIRST_PAUSE = ms(250);
const LONGEST_PAUSE = seconds(10);
/** Share of a pause that chance adds or takes away: not all servers come back at the same moment. */
const SPREAD = 0.25;

/** An exchange that waits for the far side to be back, or for its own time to be up. */
interface Waiter {
  readonly go: () => void;
  readonly giveUp: () => void;
}

const closed = (): MediaswitchError => new MediaswitchError("CONTROL_UNAVAILABLE", "we are closing");

/**
 * The way to one control server. While it does not answer, one exchange at a time tries it, after growing pauses; the
 * others wait for that one, however many there are.
 */
export class ControlLink {
  readonly #options: ControlLinkOptions;
  /** First come, first to go. */
  readonly #waiting = new Set<Waiter>();
  /** Failures in a row; 0 while all is well. */
  #failures = 0;
  /** Fires when the next may try; none while one is trying, or nobody would. */
  #nextTry: Timer | undefined;
  /** When the next may try. */
  #quietUntil = ms(0);
  /** Exchanges that have no answer yet. */
  #underWay = 0;
  #isClosed = false;

  constructor(options: ControlLinkOptions) {
    this.#options = options;
  }

  get isDown(): boolean {
    return this.#failures > 0;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether an exchange that can't wait has a chance: not while the pause after a failure lasts. */
  get mayTry(): boolean {
    return !this.isDown || this.#options.clock.now() >= this.#quietUntil;
  }

  /**
   * @param exchange is repeated for as long as its failure is one that may pass.
   * @param keep how long it is repeated; 0: tried once, and not at all while nothing gets through.
   * @throws what the last try failed with.
   */
  async send(exchange: () => Promise<void>, keep: Millis): Promise<void> {
    const deadline = ms(this.#options.clock.now() + keep);
    if (keep === 0 && !this.mayTry)
      throw new MediaswitchError("CONTROL_UNAVAILABLE", "control does not answer");
    if (keep > 0 && this.isDown) await this.#turn(deadline);
    for (;;) {
      this.#underWay += 1;
      try {
        await exchange();
        this.#underWay -= 1;
        this.#succeeded();
        return;
      } catch (error) {
        this.#underWay -= 1;
        if (!(error instanceof MediaswitchError) || !ERRORS[error.code].retry) {
          // An answer, if no good one.
          this.#succeeded();
          throw error;
        }
        this.#failed();
        if (this.#options.clock.now() >= deadline) throw error;
        await this.#turn(deadline, error);
      }
    }
  }

  /** Refuses all that wait. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTry();
    for (const waiter of [...this.#waiting]) waiter.giveUp();
  }

  /** @returns settles when it may be tried (again); rejects with `error` at the deadline. */
  #turn(deadline: Millis, error: MediaswitchError = closed()): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const { clock } = this.#options;
      const waiter: Waiter = {
        go: () => {
          this.#waiting.delete(waiter);
          expiry.cancel();
          resolve();
        },
        giveUp: () => {
          this.#waiting.delete(waiter);
          expiry.cancel();
          if (this.#waiting.size === 0) this.#cancelTry();
          reject(error);
        },
      };
      const expiry = clock.after(ms(deadline - clock.now()), waiter.giveUp);
      this.#waiting.add(waiter);
      this.#scheduleTry();
    });
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#cancelTry();
    for (const waiter of [...this.#waiting]) waiter.go();
  }

  #cancelTry(): void {
    this.#nextTry?.cancel();
    this.#nextTry = undefined;
  }

  #failed(): void {
    const { clock, random } = this.#options;
    // Of several that were under way at once, each would double the pause.
    if (this.isDown && clock.now() < this.#quietUntil) return;
    const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#quietUntil = ms(clock.now() + pause * (1 - SPREAD + 2 * SPREAD * fraction(random)));
    this.#scheduleTry();
  }

  /** What is under way and fails comes here again. */
  #scheduleTry(): void {
    if (this.#underWay > 0 || this.#waiting.size === 0) return;
    const { clock } = this.#options;
    this.#nextTry ??= clock.after(ms(Math.max(0, this.#quietUntil - clock.now())), () => {
      this.#nextTry = undefined;
      const [first] = this.#waiting;
      first?.go();
    });
  }
}
