import { AsyncLocalStorage } from "node:async_hooks";
import type { Log } from "../core/log.js";
import type { SipService } from "../sip/sip-service.js";

/**
 * Keeps the switch going when a call script fails where nobody catches it: the error is logged, and the call
 * whose event led to it is ended.
 */
export class ScriptGuard {
  readonly #log: Log;
  readonly #callids = new AsyncLocalStorage<string>();
  #sip: SipService | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The same service; what its events set off is remembered to belong to their call. */
  watch(sip: SipService): SipService {
    this.#sip = sip;
    return {
      execute: sip.execute.bind(sip),
      attach: (sink) => {
        sip.attach((event) =>
          event.type === "dialog" ? this.#callids.run(event.info.callid, () => sink(event)) : sink(event),
        );
      },
    };
  }

  /** Takes all errors of this thread that are not caught from now on. */
  install(): void {
    process.on("uncaughtException", (error) => {
      this.#failed(error);
    });
  }

  #failed(error: Error): void {
    const callid = this.#callids.getStore();
    if (callid === undefined) {
      this.#log.error({ err: error }, "the script failed outside of any call");
      return;
    }
    this.#log.error({ err: error, callid }, "the script failed: its call is ended");
    this.#sip
      ?.execute({ type: "dialog.hangup", callid, code: 500, reason: "Server Internal Error" })
      .catch((cause: unknown) => {
        this.#log.warn({ err: cause, callid }, "the call of a failed script could not be ended");
      });
  }
}
