import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";

/** A call that nobody answers is given up (origin: 180 000 ms). */
const SET_UP_LIMIT = seconds(180);

export interface SessionLimitsUser {
  /** It was not answered in time. */
  readonly setUpTooLong: () => void;
  /** It has lasted as long as it may. */
  readonly tooLong: () => void;
}

/** How long a call may take to be answered, and may last then. */
export class SessionLimits {
  readonly #clock: Clock;
  readonly #user: SessionLimitsUser;
  readonly #setUp: Timer;
  #duration: Timer | undefined;
  #endsAt: number | undefined;

  constructor(clock: Clock, user: SessionLimitsUser) {
    this.#clock = clock;
    this.#user = user;
    this.#setUp = clock.after(SET_UP_LIMIT, user.setUpTooLong);
  }

  /** Milliseconds since 1970: when the call is ended, however it goes. */
  get endsAt(): number | undefined {
    return this.#endsAt;
  }

  /** It is answered, or wanted no more. */
  setUpIsOver(): void {
    this.#setUp.cancel();
  }

  /** @param left until it is ended. */
  mayLast(left: Millis): void {
    this.#endsAt = this.#clock.epoch() + left;
    this.#duration = this.#clock.after(left, this.#user.tooLong);
  }

  /** As an earlier process has set it. */
  resume(endsAt: number | undefined): void {
    this.#setUp.cancel();
    if (endsAt !== undefined) this.mayLast(ms(Math.max(0, endsAt - this.#clock.epoch())));
  }

  stop(): void {
    this.#setUp.cancel();
    this.#duration?.cancel();
  }
}
