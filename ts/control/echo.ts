import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/**
 * The far end hears itself, or no more; a call without a channel hears nothing. What can't be done, as in a mix, is logged, and
 * the call goes on.
 */
export function echo(
  desk: Desk,
  call: Call,
  { enabled = true }: { readonly enabled?: boolean },
): Promise<void> {
  return call.tasks.run(async () => {
    const uuid = call.leg.channel?.uuid;
    if (uuid === undefined || call.isOver) return;
    try {
      await desk.media.execute({ type: "echo", uuid, enabled });
      call.history = enabled ? "Echo" : "Echo off";
    } catch (error) {
      desk.log.error({ callid: call.callid, err: error }, "the call can't hear its own echo");
    }
  });
}
