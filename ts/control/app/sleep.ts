import { ms } from "../../core/brand.js";
import type { Line } from "./line.js";
import { checkedFunction, checkedMillis } from "./option-checks.js";
import type { Abortable, CallTimer } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

export function sleep(line: Line, millis: number, { signal }: Abortable): Promise<void> {
  return waitFor<undefined>({ verb: "sleep", desk: line.desk, line, signal }, (waiter) => {
    waiter.after(checkedMillis(millis, "millis"), () => waiter.done(undefined));
  });
}

/**
 * Runs `task` unless the call has ended by then; what it throws, or rejects with, ends this call only.
 * @throws {MediaswitchError} ARGUMENT_INVALID. {CallEnded}
 */
export function after(line: Line, millis: number, task: () => unknown): CallTimer {
  const delay = ms(checkedMillis(millis, "millis"));
  checkedFunction(task, "task");
  line.checkAlive();
  const timer = line.desk.clock.after(delay, () => {
    forget();
    void run(line, task);
  });
  const forget = line.onOver(() => timer.cancel());
  return {
    cancel: () => {
      forget();
      timer.cancel();
    },
  };
}

async function run(line: Line, task: () => unknown): Promise<void> {
  try {
    await task();
  } catch (error) {
    line.failed(error);
  }
}
