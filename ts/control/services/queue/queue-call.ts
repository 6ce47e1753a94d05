/** A call in a queue: what it hears while it waits, how agents are called for it, and how the two are joined. */
import { answer } from "../../app/answer.js";
import { bridge } from "../../app/bridge.js";
import { CallEnded } from "../../app/call-ended.js";
import { dial } from "../../app/dial.js";
import { hangup } from "../../app/hangup.js";
import type { Line, LineHome } from "../../app/line.js";
import { checkedFunction, checkedKeys, checkedMillis } from "../../app/option-checks.js";
import { soupOf } from "../../app/sound.js";
import { waitFor, type Waiter } from "../../app/wait-for.js";
import { MediaswitchError } from "../../../core/errors.js";
import { WaitingSound } from "../waiting-sound.js";
import type { Agent } from "./agent.js";
import type { CallerEnd, CallQueue, QueueCaller, QueueTicket, Talk } from "./call-queue.js";
import type { QueueCallOptions, QueueResult } from "./queue-options.js";

/** A queue, and whose rules hold for calls to its agents. */
export interface QueueOfApp {
  readonly queue: CallQueue;
  readonly home: LineHome;
}

/** Answers the call if need be and has it wait for an agent. Settles when the two have talked, or it waits no more. */
export function queueCall(
  place: QueueOfApp,
  line: Line,
  options: QueueCallOptions = {},
): Promise<QueueResult> {
  const { signal } = options;
  return waitFor<QueueResult>({ verb: "queue", desk: line.desk, signal }, async (waiter) => {
    line.checkAlive();
    const call = new QueuedCall(place, line, options, waiter);
    await answer(line, signal === undefined ? {} : { signal });
    if (waiter.isSettled()) return;
    await line.joint?.part();
    if (!waiter.isSettled()) call.join();
  });
}

class QueuedCall implements QueueCaller {
  readonly priority: number;
  readonly skills: readonly string[];
  readonly maxWait: number | undefined;
  readonly #queue: CallQueue;
  readonly #home: LineHome;
  readonly #line: Line;
  readonly #options: QueueCallOptions;
  readonly #waiter: Waiter<QueueResult>;
  readonly #sound: WaitingSound;
  readonly #exitKeys: string;
  #ticket: QueueTicket | undefined;
  #exitKey: string | undefined;
  #isTalking = false;

  constructor(
    { queue, home }: QueueOfApp,
    line: Line,
    options: QueueCallOptions,
    waiter: Waiter<QueueResult>,
  ) {
    const {
      priority = 0,
      skills = [],
      maxWait,
      music,
      announcement,
      every = 30_000,
      exitKeys = "",
    } = options;
    if (typeof priority !== "number" || Number.isNaN(priority)) {
      throw new MediaswitchError("ARGUMENT_INVALID", "priority has to be a number", "priority");
    }
    this.priority = priority;
    this.skills = skills;
    this.maxWait = maxWait === undefined ? undefined : checkedMillis(maxWait, "maxWait");
    this.#exitKeys = checkedKeys(exitKeys, "exitKeys");
    this.#queue = queue;
    this.#home = home;
    this.#line = line;
    this.#options = options;
    this.#waiter = waiter;
    if (announcement !== undefined) checkedFunction(announcement, "announcement");
    this.#sound = new WaitingSound(line, {
      music,
      every: checkedMillis(every, "every"),
      announcement:
        announcement === undefined
          ? undefined
          : () => {
              const place = this.#ticket?.place;
              return place === undefined ? undefined : announcement(place);
            },
    });
  }

  get callid(): string {
    return this.#line.call.callid;
  }

  join(): void {
    const { call } = this.#line;
    call.history = `Queue ${this.#queue.name}`;
    this.#waiter.afterwards(
      this.#line.onOver((ending) => {
        this.#ticket?.leave();
        // The end of the talk is told by the queue.
        if (!this.#isTalking) this.#waiter.fail(new CallEnded(ending));
      }),
    );
    this.#waiter.undo(() => this.#ticket?.leave());
    this.#waiter.afterwards(() => void this.#sound.stop());
    this.#waiter.onEvent(this.#line, (event) => {
      if (event.type === "key") this.#key(event.key);
    });
    this.#ticket = this.#queue.join(this);
    if (!this.#waiter.isSettled() && !this.#isTalking) this.#sound.start();
  }

  #key(key: string): void {
    if (this.#isTalking || !this.#exitKeys.includes(key)) return;
    this.#exitKey = key;
    this.#ticket?.leave();
  }

  async ring(
    agent: Agent,
    { signal, timeout }: { signal: AbortSignal; timeout: number },
  ): Promise<Talk | undefined> {
    const line = this.#line;
    const result = await dial({ home: this.#home, caller: line, verb: "queue" }, agent.settings.target, {
      signal,
      timeout,
      early: "none",
    });
    if (result.outcome !== "answered") return undefined;
    const agentLine = result.call;
    return {
      ended: agentLine.ended,
      connect: () => this.#connect(agentLine),
      drop: () => void hangup(agentLine, undefined),
    };
  }

  answered(agent: Agent): void {
    this.#isTalking = true;
    this.#line.call.history = `Queue ${this.#queue.name}: ${agent.name}`;
  }

  over(end: CallerEnd): void {
    switch (end.type) {
      case "answered": {
        const { agent, waited, talked, ended } = end;
        this.#waiter.done({ outcome: "answered", agent, waited, talked, ended });
        return;
      }
      case "overflow":
        this.#waiter.done({ outcome: "overflow", reason: end.reason, waited: end.waited });
        return;
      case "abandoned":
        if (this.#exitKey !== undefined) {
          this.#waiter.done({ outcome: "left", key: this.#exitKey, waited: end.waited });
        }
        return;
    }
  }

  async #connect(agentLine: Line): Promise<"caller" | "agent" | "moved"> {
    const { signal } = this.#options;
    try {
      await this.#whisper(agentLine);
      await this.#sound.stop();
      const { ended } = await bridge(this.#line, agentLine, signal === undefined ? {} : { signal });
      if (ended === "this") void hangup(agentLine, undefined);
      return ended === "this" ? "caller" : ended === "other" ? "agent" : "moved";
    } catch (error) {
      this.#line.desk.log.debug(
        { callid: this.callid, err: error },
        "a caller and an agent did not come together",
      );
      void hangup(agentLine, undefined);
      return this.#line.ending === undefined ? "agent" : "caller";
    }
  }

  /** The agent hears what it is about; the caller goes on waiting. */
  async #whisper(agentLine: Line): Promise<void> {
    const { whisper } = this.#options;
    if (whisper === undefined) return;
    const playing = agentLine.plays.play(soupOf(whisper, {}, "whisper"));
    await Promise.race([playing.ended, agentLine.ended, this.#line.ended]);
  }
}
