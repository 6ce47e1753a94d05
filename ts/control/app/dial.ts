import { ms } from "../../core/brand.js";
import type { CallEvent } from "../call-event.js";
import type { HangupStatus } from "../causes.js";
import { newCall } from "../newcall.js";
import { endingOf } from "./call-ended.js";
import { COMPLETED_ELSEWHERE } from "./completed-elsewhere.js";
import { failedAttempt, failureOf, mostTelling } from "./dial-failure.js";
import type { DialAttempt, DialOptions, DialResult, DialTarget, Target } from "./dial-options.js";
import { planDial, type DialPlan, type DialRequest } from "./dial-request.js";
import { earlyJoin } from "./early-join.js";
import type { Line, LineHome } from "./line.js";
import { soupOf } from "./sound.js";
import { waitFor, type Waiter } from "./wait-for.js";

/** What stands for a target that rang for too long. */
const NO_ANSWER = 480;
/** What stands for one that was hung up by somebody else here. */
const GIVEN_UP = 487;

export interface DialParties {
  readonly home: LineHome;
  /** For whom it is called; none: for nobody yet. */
  readonly caller: Line | undefined;
  readonly verb: string;
}

/** Calls one or several; who answers belongs to the caller. */
export function dial(
  { home, caller, verb }: DialParties,
  targets: Target | readonly Target[],
  options: DialOptions,
): Promise<DialResult<Line>> {
  const { signal } = options;
  return waitFor<DialResult<Line>>({ verb, desk: home.desk, line: caller, signal }, async (waiter) => {
    const plan = planDial(home, caller, targets, options);
    const music = options.music === undefined ? undefined : soupOf(options.music, {}, "music");
    if (caller !== undefined && music !== undefined && isAudible(caller)) {
      const playing = caller.plays.play(music);
      waiter.afterwards(() => void playing.stop());
    }
    const dialling = new Dialling(home, caller, plan, waiter);
    waiter.undo(() => dialling.cancelAll(signal?.reason === COMPLETED_ELSEWHERE ? COMPLETED_ELSEWHERE : {}));
    await dialling.run();
  });
}

const isAudible = ({ call }: Line): boolean => call.answered || call.leg.early !== undefined;

class Dialling {
  readonly #home: LineHome;
  readonly #caller: Line | undefined;
  readonly #plan: DialPlan;
  readonly #waiter: Waiter<DialResult<Line>>;
  readonly #failed: DialAttempt[] = [];
  readonly #open = new Set<Line>();

  constructor(home: LineHome, caller: Line | undefined, plan: DialPlan, waiter: Waiter<DialResult<Line>>) {
    this.#home = home;
    this.#caller = caller;
    this.#plan = plan;
    this.#waiter = waiter;
  }

  async run(): Promise<void> {
    const { requests, order } = this.#plan;
    if (order === "together") await Promise.all(requests.map((request) => this.#attempt(request)));
    else {
      for (const request of requests) {
        if (!this.#waiter.isSettled()) await this.#attempt(request);
      }
    }
    const worst = mostTelling(this.#failed);
    if (worst === undefined) return;
    const { outcome, code, cause } = worst;
    this.#waiter.done({ outcome, code, cause, attempts: this.#failed });
  }

  async cancelAll(status: HangupStatus): Promise<void> {
    await Promise.all([...this.#open].map((line) => this.#home.desk.feed(line.call, "hangup", { status })));
  }

  /** Settles when the target has answered, failed or was given up. */
  #attempt({ target, request, timeout }: DialRequest): Promise<void> {
    const { desk } = this.#home;
    const line = this.#home.of(newCall(desk, undefined, request, this.#caller?.call));
    if (this.#caller !== undefined) {
      line.belongTo(this.#caller);
      line.call.leg.near = this.#caller.call.leg.channel?.uuid;
      this.#caller.call.history = `Dial ${line.call.info.to}@${request.to.domain ?? ""}`;
    }
    this.#open.add(line);
    return new Promise((resolve) => {
      let rang = false;
      let isTooLong = false;
      const timer = desk.clock.after(ms(timeout), () => {
        isTooLong = true;
        void desk.feed(line.call, "hangup");
      });
      const over = (): void => {
        timer.cancel();
        unwatch();
        this.#open.delete(line);
        resolve();
      };
      const unwatch = line.watchers.add((event) => {
        rang ||= event.type === "ringing" || event.type === "early";
        this.#tellCaller(line, event);
        if (event.type === "answered") {
          over();
          this.#answered(line, target);
        } else if (event.type === "ended") {
          over();
          this.#failed.push(this.#attemptOf(line, target, { rang, isTooLong }));
        }
      });
    });
  }

  #tellCaller(line: Line, { type }: CallEvent): void {
    const caller = this.#caller;
    const { early, order, requests } = this.#plan;
    if (caller === undefined || early === "none" || (type !== "ringing" && type !== "early")) return;
    const isAlone = order === "sequence" || requests.length === 1;
    if (type === "early" && early === "early" && isAlone) void earlyJoin(caller, line);
    else void this.#home.desk.feed(caller.call, "ring");
  }

  #answered(line: Line, target: DialTarget): void {
    if (this.#waiter.isSettled()) {
      void this.#home.desk.feed(line.call, "hangup", { status: COMPLETED_ELSEWHERE });
      return;
    }
    this.#waiter.done({ outcome: "answered", call: line, target });
    void this.cancelAll(COMPLETED_ELSEWHERE);
  }

  #attemptOf(
    line: Line,
    target: DialTarget,
    { rang, isTooLong }: { readonly rang: boolean; readonly isTooLong: boolean },
  ): DialAttempt {
    if (isTooLong) return failedAttempt(target, "noanswer", NO_ANSWER);
    const code = endingOf(line.call).sip ?? GIVEN_UP;
    return failedAttempt(target, failureOf(code, { rang }), code, line.call.info.redirect);
  }
}
