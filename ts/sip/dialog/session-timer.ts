/** Session timers (RFC 4028): what is asked for, what is agreed on, and the clock that runs then. */
import { epochMillis, ms, seconds, type EpochMillis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { Headers, SipRequest, SipResponse } from "../message/message.js";

/** Option tag of RFC 4028. */
export const TIMER = "timer";

/** RFC 4028 §5: no interval is shorter than this, in seconds. */
const SHORTEST = 90;
/** §10: a session without a refresh ends this long before the interval is over, or a third of it. */
const EARLY_END = seconds(32);

/** Seconds. */
export interface SessionTimerPolicy {
  /** What we ask for; 1800 is what §4 advises. */
  readonly interval: number;
  /** The shortest we take; 90 at least. */
  readonly minimum: number;
}

export const DEFAULT_SESSION_TIMER: SessionTimerPolicy = { interval: 1800, minimum: SHORTEST };

export type Refresher = "us" | "them";

/** A running session timer as plain data. */
export interface SessionTimerState {
  /** Seconds. */
  interval: number;
  refresher: Refresher;
  /** When the session is over unless it is refreshed; wall time. */
  expiresAt: EpochMillis;
}

/** What was agreed on, before it runs. */
export type AgreedTimer = Pick<SessionTimerState, "interval" | "refresher">;

type TimerHeaders = Pick<Headers, "session-expires" | "min-se" | "require">;

/**
 * §7.1, §7.4: what our INVITE, re-INVITE and UPDATE say.
 * @param running the timer in force: its interval and its refresher are asked for again.
 * @param atLeast the largest Min-SE that came with a 422 (§7.3).
 */
export function askForTimer(
  policy: SessionTimerPolicy,
  running?: AgreedTimer,
  atLeast?: number,
): TimerHeaders {
  const delta = Math.max(running?.interval ?? policy.interval, atLeast ?? 0);
  const refresher = running === undefined ? undefined : running.refresher === "us" ? "uac" : "uas";
  return {
    "session-expires": refresher === undefined ? { delta } : { delta, refresher },
    ...(atLeast === undefined && policy.minimum <= SHORTEST
      ? {}
      : { "min-se": Math.max(atLeast ?? 0, policy.minimum) }),
  };
}

/** §9: an interval that is too short is refused with 422 and ours, unless whoever asked does not know timers. */
export function isTooShort(request: SipRequest, { minimum }: SessionTimerPolicy): boolean {
  const asked = request.headers["session-expires"];
  return asked !== undefined && knowsTimers(request) && asked.delta < minimum;
}

const knowsTimers = ({ headers }: SipRequest | SipResponse): boolean =>
  [...(headers.supported ?? []), ...(headers.require ?? [])].includes(TIMER);

/** §9, Table 2: does the UAC know timers × whom its refresher parameter names → who refreshes; null: not allowed. */
const REFRESHER_TABLE = {
  knows: { none: "uac", uac: "uac", uas: "uas" },
  "does not know": { none: "uas", uac: null, uas: "uas" },
} as const;

/**
 * §9: what our 2xx to an INVITE or UPDATE says, and what runs then. Where the UAC neither asks for a timer nor
 * knows of one, there is none; where it knows and does not ask, our interval is asked for.
 */
export function answerTimer(
  request: SipRequest,
  policy: SessionTimerPolicy,
): { readonly headers: TimerHeaders; readonly agreed: AgreedTimer | undefined } {
  const asked = request.headers["session-expires"];
  const knows = knowsTimers(request);
  if (asked === undefined && !knows) return { headers: {}, agreed: undefined };
  const floor = Math.max(request.headers["min-se"] ?? SHORTEST, policy.minimum);
  // What was asked for is not made longer (§9), but for what no interval may be shorter than.
  const delta = asked === undefined ? Math.max(policy.interval, floor) : Math.max(asked.delta, SHORTEST);
  const refresher = REFRESHER_TABLE[knows ? "knows" : "does not know"][asked?.refresher ?? "none"] ?? "uas";
  return {
    headers: {
      "session-expires": { delta, refresher },
      // A UAC that has to refresh is made to understand that.
      ...(refresher === "uac" ? { require: [TIMER] } : {}),
    },
    agreed: { interval: delta, refresher: refresher === "uas" ? "us" : "them" },
  };
}

/** §7.2: what a 2xx to our request has agreed on; without Session-Expires the session never runs out. */
export function agreedTimer(response: SipResponse): AgreedTimer | undefined {
  const answered = response.headers["session-expires"];
  if (answered === undefined || answered.delta < 1) return undefined;
  return {
    interval: Math.max(answered.delta, SHORTEST),
    // The parameter has to be there; where it is not, the side that asked takes the work on itself.
    refresher: answered.refresher === "uas" ? "them" : "us",
  };
}

export interface SessionTimerUser {
  /** Half of the interval is over and the refresh is ours. */
  readonly refresh: () => void;
  /** Nobody has refreshed the session in time. */
  readonly expired: () => void;
}

/** Runs what was agreed on, and keeps it as plain data. */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #user: SessionTimerUser;
  #state: SessionTimerState | undefined;
  #refresh: Timer | undefined;
  #end: Timer | undefined;

  constructor(clock: Clock, user: SessionTimerUser) {
    this.#clock = clock;
    this.#user = user;
  }

  get state(): SessionTimerState | undefined {
    return this.#state;
  }

  /** A 2xx to INVITE, re-INVITE or UPDATE, sent or received, starts it anew or, with nothing agreed on, ends it. */
  restart(agreed: AgreedTimer | undefined): void {
    this.stop();
    if (agreed === undefined) return;
    const interval = seconds(agreed.interval);
    this.#run({ ...agreed, expiresAt: epochMillis(this.#clock.epoch() + interval) }, ms(interval / 2));
  }

  /** Goes on with a timer that ran in another process. */
  resume(state: SessionTimerState): void {
    const interval = seconds(state.interval);
    const left = Math.max(0, state.expiresAt - this.#clock.epoch());
    this.#run(state, ms(Math.max(0, left - interval / 2)));
  }

  /** Asks for the refresh again, `after` a while, as the last one could not be made. */
  refreshLater(after: number): void {
    if (this.#state?.refresher !== "us") return;
    this.#refresh?.cancel();
    this.#refresh = this.#clock.after(ms(after), this.#user.refresh);
  }

  stop(): void {
    this.#refresh?.cancel();
    this.#end?.cancel();
    this.#state = undefined;
  }

  #run(state: SessionTimerState, untilRefresh: number): void {
    this.#state = { ...state };
    const early = Math.min(EARLY_END, seconds(state.interval) / 3);
    const left = state.expiresAt - this.#clock.epoch();
    this.#end = this.#clock.after(ms(Math.max(0, left - early)), this.#user.expired);
    if (state.refresher === "us") this.#refresh = this.#clock.after(ms(untilRefresh), this.#user.refresh);
  }
}
