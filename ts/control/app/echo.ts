import type { Line } from "./line.js";
import { audibleChannel } from "./play-queue.js";
import type { EchoOptions } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** The far end hears itself, or no more. MEDIA_MIXED while it is in a bridge. */
export function echo(line: Line, { enabled = true, signal }: EchoOptions): Promise<void> {
  return waitFor<undefined>({ verb: "echo", desk: line.desk, line, signal }, async (waiter) => {
    const uuid = audibleChannel(line.call);
    await line.desk.media.execute({ type: "echo", uuid, enabled });
    line.call.history = enabled ? "Echo" : "Echo off";
    waiter.done(undefined);
  });
}
