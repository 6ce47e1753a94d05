/** What all verbs that wait have in common: they settle when they are done, aborted, or when their call ends. */
import { ms } from "../../core/brand.js";
import type { Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { CallEvent } from "../call-event.js";
import type { Desk } from "../desk.js";
import { CallEnded, type CallEnding } from "./call-ended.js";
import type { Line } from "./line.js";

/** A verb while it waits. */
export interface Waiter<Result> {
  /** Nothing that comes later changes anything. */
  isSettled(): boolean;
  done(result: Result): void;
  fail(error: unknown): void;
  /** Told of each event of the line until it is settled. */
  onEvent(line: Line, take: (event: CallEvent) => void): void;
  /** Runs `run` so many milliseconds from now, unless it is settled by then. */
  after(millis: number, run: () => void): Timer;
  /** Runs when it comes to nothing: aborted, ended or failed; the verb settles when that is done. At once if it has. */
  undo(run: () => unknown): void;
  /** Runs when it is settled, whatever came of it. */
  afterwards(run: () => void): void;
}

export interface WaitOptions<Result> {
  /** For the error's text. */
  readonly verb: string;
  readonly desk: Desk;
  /** Whose end ends the waiting; none: only the signal does. */
  readonly line?: Line | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The end of the call is a result like any other. */
  readonly ended?: (ending: CallEnding) => Result;
}

/** @param begin starts what is waited for; what it throws, or rejects with, the verb rejects with. */
export async function waitFor<Result>(
  options: WaitOptions<Result>,
  begin: (waiter: Waiter<Result>) => unknown,
): Promise<Result> {
  const { verb, line, signal } = options;
  checkSignal(signal);
  line?.checkAlive();
  if (signal?.aborted === true) throw aborted(verb);
  const wait = new Wait<Result>(options);
  return wait.run(begin);
}

/** JavaScript may give anything. */
function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new MediaswitchError("ARGUMENT_INVALID", "signal has to be an AbortSignal", "signal");
}

const aborted = (verb: string): MediaswitchError => new MediaswitchError("ABORTED", `${verb} was aborted`);

class Wait<Result> implements Waiter<Result> {
  readonly #options: WaitOptions<Result>;
  readonly #undos: (() => unknown)[] = [];
  readonly #cleanups: (() => void)[] = [];
  readonly #result: Promise<Result>;
  #resolve: (result: Result) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #isSettled = false;
  #hasFailed = false;

  constructor(options: WaitOptions<Result>) {
    this.#options = options;
    this.#result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  isSettled(): boolean {
    return this.#isSettled;
  }

  run(begin: (waiter: Waiter<Result>) => unknown): Promise<Result> {
    const { verb, line, signal, ended } = this.#options;
    if (line !== undefined) {
      this.afterwards(
        line.onOver((ending) => {
          if (ended === undefined) this.fail(new CallEnded(ending));
          else this.done(ended(ending));
        }),
      );
    }
    if (line !== undefined) {
      this.afterwards(
        line.onTaken(() => {
          this.fail(
            new MediaswitchError("ABORTED", `${verb}: a transfer has joined the call with another one`),
          );
        }),
      );
    }
    if (signal !== undefined) {
      const abort = (): void => this.fail(aborted(verb));
      signal.addEventListener("abort", abort);
      this.afterwards(() => signal.removeEventListener("abort", abort));
    }
    void this.#begin(begin);
    return this.#result;
  }

  done(result: Result): void {
    if (this.#settled()) this.#resolve(result);
  }

  fail(error: unknown): void {
    if (!this.#settled()) return;
    this.#hasFailed = true;
    const undone = this.#undos.map((undo) => this.#undo(undo));
    void Promise.all(undone).then(() => this.#reject(error));
  }

  onEvent(line: Line, take: (event: CallEvent) => void): void {
    if (this.#isSettled) return;
    this.afterwards(
      line.watchers.add((event) => {
        try {
          take(event);
        } catch (error) {
          this.fail(error);
        }
      }),
    );
  }

  after(millis: number, run: () => void): Timer {
    const timer = this.#options.desk.clock.after(ms(millis), run);
    this.afterwards(() => timer.cancel());
    return timer;
  }

  undo(run: () => unknown): void {
    if (this.#hasFailed) void this.#undo(run);
    else this.#undos.push(run);
  }

  afterwards(run: () => void): void {
    if (this.#isSettled) run();
    else this.#cleanups.push(run);
  }

  /** Not awaited: the wait may be over before it has begun all. */
  async #begin(begin: (waiter: Waiter<Result>) => unknown): Promise<void> {
    try {
      await begin(this);
    } catch (error) {
      this.fail(error);
    }
  }

  /** @returns whether this was the first time. */
  #settled(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    for (const cleanup of this.#cleanups) cleanup();
    return true;
  }

  async #undo(undo: () => unknown): Promise<void> {
    try {
      await undo();
    } catch (error) {
      const { verb, desk, line } = this.#options;
      desk.log.debug({ callid: line?.call.callid, verb, err: error }, "there was nothing to undo any more");
    }
  }
}
