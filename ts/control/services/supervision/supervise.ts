/** A third call that listens to two who talk, speaks to one of them only, or to both. */
import { MediaswitchError } from "../../../core/errors.js";
import { answer } from "../../app/answer.js";
import type { Joint, Line } from "../../app/line.js";
import { checkedChoice } from "../../app/option-checks.js";
import type { Abortable } from "../../app/verb-options.js";
import { waitFor } from "../../app/wait-for.js";
import { Sequence } from "../../sequence.js";
import type { CallEvent } from "../../call-event.js";
import type { Supervision, SupervisionEnd, SupervisionMode } from "./supervision-options.js";

const MODES = ["listen", "whisper", "barge"] as const;

/**
 * Settles when the supervisor hears them; aborting the signal later ends it.
 * CALL_STATE: the supervised one talks with nobody.
 */
export function supervise(
  line: Line,
  other: Line,
  mode: SupervisionMode,
  { signal }: Abortable = {},
): Promise<Supervision> {
  return waitFor<Supervision>({ verb: "supervise", desk: line.desk, line, signal }, async (waiter) => {
    checkedChoice(mode, "mode", MODES);
    if (other === line) {
      throw new MediaswitchError("ARGUMENT_INVALID", "a call can't supervise itself", "other");
    }
    checkTalks(other);
    await answer(line, {});
    await line.joint?.part();
    const joint = checkTalks(other);
    if (waiter.isSettled()) return;
    const supervising = new Supervising(line, other, { joint, mode });
    waiter.undo(() => supervising.stop());
    await supervising.begin(signal);
    waiter.done(supervising);
  });
}

/** @throws {CallEnded}; {MediaswitchError} CALL_STATE */
function checkTalks(other: Line): Joint {
  other.checkAlive();
  if (other.joint !== undefined) return other.joint;
  throw new MediaswitchError("CALL_STATE", "the call to be supervised talks with nobody");
}

class Supervising implements Supervision, Joint {
  readonly finished: Promise<SupervisionEnd>;
  readonly #line: Line;
  readonly #other: Line;
  readonly #joint: Joint;
  /** Media commands, one after the other. */
  readonly #tasks = new Sequence();
  readonly #unwatch: (() => void)[] = [];
  #mode: SupervisionMode;
  #isIn = false;
  #hasEnded = false;
  #settle: (end: SupervisionEnd) => void = () => undefined;

  constructor(line: Line, other: Line, { joint, mode }: { joint: Joint; mode: SupervisionMode }) {
    this.#line = line;
    this.#other = other;
    this.#joint = joint;
    this.#mode = mode;
    this.finished = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get mode(): SupervisionMode {
    return this.#mode;
  }

  async begin(signal: AbortSignal | undefined): Promise<void> {
    const line = this.#line;
    line.joint = this;
    this.#unwatch.push(
      line.onOver(() => void this.#end("this")),
      this.#other.onOver(() => void this.#end("other")),
      this.#other.watchers.add((event) => {
        this.#watch(event);
      }),
      ...this.#other.call.others.map((partner) =>
        partner.watchers.add(() => {
          this.#lookForMove();
        }),
      ),
    );
    if (signal !== undefined) {
      const abort = (): void => void this.stop();
      signal.addEventListener("abort", abort);
      this.#unwatch.push(() => {
        signal.removeEventListener("abort", abort);
      });
    }
    await this.#tasks.run(() => this.#join());
    line.call.history = `Supervise ${this.#other.call.callid}: ${this.#mode}`;
  }

  async change(mode: SupervisionMode): Promise<void> {
    checkedChoice(mode, "mode", MODES);
    this.#line.checkAlive();
    if (this.#hasEnded) throw new MediaswitchError("CALL_STATE", "the supervision has ended");
    this.#mode = mode;
    await this.#tasks.run(() => this.#applyMode());
    this.#line.call.history = `Supervise ${this.#other.call.callid}: ${mode}`;
  }

  stop(): Promise<void> {
    return this.#end("stopped");
  }

  /** A bridge takes the supervisor. */
  part(): Promise<void> {
    return this.#end("stopped");
  }

  /** While one of the two is on hold they do not hear each other, and nothing is to be supervised. */
  #watch(event: CallEvent): void {
    this.#lookForMove();
    if (this.#hasEnded || event.type !== "channel" || event.event.type !== "mix") return;
    const isTogether = event.event.event === "start";
    void this.#tasks
      .run(() => (isTogether ? this.#join() : this.#leave()))
      .catch((error: unknown) => {
        this.#line.desk.log.warn({ callid: this.#line.call.callid, err: error }, "a supervision ends");
        return this.#end("moved");
      });
  }

  #lookForMove(): void {
    if (this.#other.joint === this.#joint) return;
    void this.#end(
      this.#line.ending !== undefined ? "this" : this.#other.ending !== undefined ? "other" : "moved",
    );
  }

  /** The rule comes first, so that nobody hears the supervisor who should not. */
  async #join(): Promise<void> {
    const { call, desk } = this.#line;
    const uuid = call.leg.channel?.uuid;
    const other = this.#other.call.leg.channel?.uuid;
    if (this.#isIn || this.#hasEnded) return;
    if (uuid === undefined || other === undefined) {
      throw new MediaswitchError("CALL_STATE", "a call without a channel can't supervise, nor be supervised");
    }
    await this.#applyMode();
    this.#isIn = true;
    await desk.media.execute({ type: "mix", uuid, other });
    call.leg.bridgedWith = other;
  }

  async #applyMode(): Promise<void> {
    const { call, desk } = this.#line;
    const uuid = call.leg.channel?.uuid;
    const other = this.#other.call.leg.channel?.uuid;
    if (uuid === undefined || other === undefined || this.#hasEnded) return;
    const to: Record<SupervisionMode, { readonly to?: string }> = {
      listen: { to: uuid },
      whisper: { to: other },
      barge: {},
    };
    await desk.media.execute({ type: "whisper", uuid, ...to[this.#mode] });
  }

  async #leave(): Promise<void> {
    const { call, desk } = this.#line;
    const uuid = call.leg.channel?.uuid;
    if (!this.#isIn) return;
    this.#isIn = false;
    call.leg.bridgedWith = undefined;
    if (uuid !== undefined) await desk.media.execute({ type: "unmix", uuid });
  }

  async #end(end: SupervisionEnd): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    const line = this.#line;
    if (line.joint === this) line.joint = undefined;
    await this.#tasks.run(async () => {
      const uuid = line.call.leg.channel?.uuid;
      try {
        await this.#leave();
        if (uuid !== undefined && !line.call.isOver) await line.desk.media.execute({ type: "whisper", uuid });
      } catch (error) {
        line.desk.log.debug({ callid: line.call.callid, err: error }, "the supervisor's channel is gone");
      }
    });
    this.#settle(end);
  }
}
