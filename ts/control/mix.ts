import { attempt } from "./answer.js";
import { bridge, unbridge } from "./bridge.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";
import { runOnce, type Listener } from "./listener-list.js";

/** Lets the call and its other hear each other; `done` is run in any case, also when there is nobody to mix with. */
export function mix(desk: Desk, call: Call, done?: Listener<Call>): Promise<void> {
  return thenRun(desk, call, done, async () => {
    if (call.other !== false) await bridge(desk, call, call.other);
  });
}

/** The call and its other hear each other no more; `done` is run in any case. */
export function unmix(desk: Desk, call: Call, done?: Listener<Call>): Promise<void> {
  return thenRun(desk, call, done, async () => {
    if (call.other !== false) await unbridge(desk, call);
  });
}

async function thenRun(
  desk: Desk,
  call: Call,
  done: Listener<Call> | undefined,
  task: () => Promise<void>,
): Promise<void> {
  await attempt(desk, call, task);
  if (done === undefined) return;
  desk.within(call, () => {
    runOnce(done, call, (error) => desk.fail(call, error));
  });
}
