import { bridgeable } from "./bridge.js";
import { dial } from "./dial.js";
import type { DialOptions, DialResult, Target } from "./dial-options.js";
import { Pair, alone } from "./joint.js";
import type { Line, LineHome } from "./line.js";
import { waitFor } from "./wait-for.js";

/** Calls the target for this call, and leaves the two to themselves when it answers. */
export async function blindTransfer(
  home: LineHome,
  line: Line,
  targets: Target | readonly Target[],
  options: DialOptions,
): Promise<DialResult<Line>> {
  const { signal } = options;
  await waitFor<undefined>({ verb: "transfer", desk: line.desk, line, signal }, async (waiter) => {
    await line.joint?.part();
    await alone(line);
    waiter.done(undefined);
  });
  const dialled = await dial({ home, caller: line, verb: "transfer" }, targets, options);
  if (dialled.outcome === "answered") await leaveToThemselves(line, dialled.call, signal);
  return dialled;
}

/** Joins two who are up, and leaves them to themselves. */
export async function attendedTransfer(
  line: Line,
  other: Line,
  { signal }: DialOptions,
): Promise<DialResult<Line>> {
  await leaveToThemselves(line, other, signal);
  return {
    outcome: "answered",
    call: other,
    target: { user: other.call.info.to, domain: other.call.info.domain },
  };
}

function leaveToThemselves(line: Line, other: Line, signal: AbortSignal | undefined): Promise<void> {
  return waitFor<undefined>({ verb: "transfer", desk: line.desk, line, signal }, async (waiter) => {
    await bridgeable(line, other);
    if (waiter.isSettled()) return;
    const pair = await Pair.join(line, other);
    if (waiter.isSettled()) {
      await pair.part();
      return;
    }
    line.call.history = `Transferred to ${other.call.info.to}`;
    pair.release();
    waiter.done(undefined);
  });
}
