/** Calls that ring at phones of a group, so that others of the group can take them. */
import type { DialOptions, DialResult, Target } from "../../app/dial-options.js";
import { dial } from "../../app/dial.js";
import { COMPLETED_ELSEWHERE } from "../../app/completed-elsewhere.js";
import type { Line, LineHome } from "../../app/line.js";
import { waitFor } from "../../app/wait-for.js";
import { MediaswitchError } from "../../../core/errors.js";
import { handOver, type Takeable } from "./hand-over.js";
import type { PickedUp, TalkEnd } from "./park-options.js";

export class RingingGroups {
  readonly #home: LineHome;
  readonly #groups = new Map<string, Set<Takeable>>();

  constructor(home: LineHome) {
    this.#home = home;
  }

  /** The one that has rung for the longest. */
  oldest(group: string): Takeable | undefined {
    return [...(this.#groups.get(group) ?? [])][0];
  }

  /** As `dial`; meanwhile a call that picks up from the group gets the caller, and the phones stop ringing. */
  dial(
    line: Line,
    group: string,
    targets: Target | readonly Target[],
    options: DialOptions = {},
  ): Promise<DialResult<Line> | PickedUp> {
    const { signal, ...rest } = options;
    return waitFor<DialResult<Line> | PickedUp>(
      { verb: "ringGroup", desk: line.desk, line, signal },
      async (waiter) => {
        if (typeof group !== "string" || group === "") {
          throw new MediaswitchError("ARGUMENT_INVALID", "a group needs a name", "group");
        }
        const stop = new AbortController();
        const ringing: Takeable = {
          line,
          take: (by, taking) => {
            if (!this.#leave(group, ringing) || line.ending !== undefined) return undefined;
            return this.#take(ringing, by, {
              signal: taking,
              stop,
              over: (ended) => waiter.done({ outcome: "picked-up", by: by.call.callid, ended }),
            });
          },
        };
        waiter.undo(() => {
          stop.abort();
        });
        waiter.afterwards(() => this.#leave(group, ringing));
        this.#enter(group, ringing);
        try {
          const result = await dial({ home: this.#home, caller: line, verb: "ringGroup" }, targets, {
            ...rest,
            signal: stop.signal,
          });
          waiter.done(result);
        } catch (error) {
          // What was picked up is not called any more.
          if (!stop.signal.aborted) throw error;
        }
      },
    );
  }

  async #take(
    { line }: Takeable,
    by: Line,
    {
      signal,
      stop,
      over,
    }: { signal: AbortSignal | undefined; stop: AbortController; over: (ended: TalkEnd) => void },
  ): Promise<TalkEnd> {
    stop.abort(COMPLETED_ELSEWHERE);
    line.call.history = `Picked up by ${by.call.callid}`;
    return handOver(line, by, { signal, over, ready: () => Promise.resolve() });
  }

  #enter(group: string, ringing: Takeable): void {
    const calls = this.#groups.get(group) ?? new Set();
    calls.add(ringing);
    this.#groups.set(group, calls);
  }

  /** @returns whether it was there. */
  #leave(group: string, ringing: Takeable): boolean {
    const calls = this.#groups.get(group);
    if (calls?.delete(ringing) !== true) return false;
    if (calls.size === 0) this.#groups.delete(group);
    return true;
  }
}
