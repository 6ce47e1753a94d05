import { AsyncLocalStorage } from "node:async_hooks";
import type { Log } from "../core/log.js";
import type { SipService } from "../sip/sip-service.js";

/** Where a failed script's call is ended: the controller. */
export interface CallEnder<Call> {
  readonly calls: ReadonlyMap<string, Call>;
  /** Ends the call with the error. */
  fail(call: Call, error: unknown): void;
}

export interface ScriptGuardOptions {
  readonly log: Log;
  /** Told whose turn it is, before what belongs to a call is run. */
  readonly entered?: (callid: string) => void;
  /**
   * "promises" (default): also of what goes on behind timers and promises it is known to which call it belongs, which
   * takes a tenth of all time, as Node watches every promise for it; "nothing": of none of that.
   */
  readonly follows?: "promises" | "nothing";
}

/**
 * Keeps the switch going when a call script fails where nobody catches it: the error is logged, and the call
 * whose event, callback or verb led to it is ended.
 */
export class ScriptGuard {
  readonly #log: Log;
  readonly #entered: (callid: string) => void;
  readonly #callids: AsyncLocalStorage<string> | undefined;
  #end: ((callid: string, error: unknown) => boolean) | undefined;

  constructor({ log, entered = () => undefined, follows = "promises" }: ScriptGuardOptions) {
    this.#log = log;
    this.#callids = follows === "promises" ? new AsyncLocalStorage() : undefined;
    this.#entered = entered;
  }

  /** The same service; what its events set off is remembered to belong to their call. */
  watch(sip: SipService): SipService {
    return {
      execute: sip.execute.bind(sip),
      attach: (sink) => {
        sip.attach((event) =>
          event.type === "dialog" ? this.within(event.info.callid, () => sink(event)) : sink(event),
        );
      },
    };
  }

  /** Runs what belongs to a call: what it sets off is remembered to be that call's. */
  within<Result>(callid: string, run: () => Result): Result {
    if (this.#callids === undefined) return run();
    const outer = this.#callids.getStore();
    this.#entered(callid);
    try {
      return this.#callids.run(callid, run);
    } finally {
      if (outer !== undefined) this.#entered(outer);
    }
  }

  /** Names where calls are ended from now on. */
  protects<Call>(ender: CallEnder<Call>): void {
    this.#end = (callid, error) => {
      const call = ender.calls.get(callid);
      if (call !== undefined) ender.fail(call, error);
      return call !== undefined;
    };
  }

  /** Takes all errors of this thread that are not caught from now on. */
  install(): void {
    process.on("uncaughtException", (error) => {
      this.#failed(error);
    });
  }

  #failed(error: Error): void {
    const callid = this.#callids?.getStore();
    if (callid === undefined) {
      this.#log.error({ err: error }, "the script failed outside of any call");
    } else if (this.#end?.(callid, error) === true) {
      this.#log.error({ err: error, callid }, "the script failed: its call is ended");
    } else {
      this.#log.error({ err: error, callid }, "the script failed: its call is over");
    }
  }
}
