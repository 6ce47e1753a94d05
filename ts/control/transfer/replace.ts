import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { link } from "../family.js";
import { isolate, separate } from "./partners.js";
import { takeOver } from "./take-over.js";

/**
 * An INVITE with Replaces (RFC 3891 §3): the new call is answered and takes the place of the one it names, which is
 * ended. One that rings is picked up so; one that talks to the switch alone leaves its channel to the new one.
 * A new call that comes to nothing changes nothing.
 */
export async function takePlace(desk: Desk, call: Call): Promise<void> {
  const replaced = desk.calls.get(call.info.replaces ?? "");
  if (replaced === undefined || replaced.isOver) return refuse(desk, call, 481);
  const other = replaced.other === false ? undefined : replaced.other;
  let isAllowed = false;
  try {
    isAllowed = await desk.script.mayTransfer({ call, other, replaces: replaced });
  } catch (error) {
    desk.log.error({ callid: call.callid, err: error }, "the script's rule for transfers failed");
  }
  if (!isAllowed) return refuse(desk, call, 603);
  const unwatch = call.watchers.add(({ type }) => {
    if (type !== "answered" && type !== "ended") return;
    unwatch();
    if (type === "answered") void succeed(desk, call, replaced);
  });
  call.history = `Replaces ${replaced.callid}`;
  await desk.feed(call, "answer");
}

/** In the moment that the new call is up: its own listeners run after this, and join it with its parent. */
async function succeed(desk: Desk, call: Call, replaced: Call): Promise<void> {
  const other = replaced.other === false ? undefined : replaced.other;
  if (replaced.isOver) {
    await desk.feed(call, "hangup", { status: { code: 481 } });
    return;
  }
  if (other === undefined) {
    const { code } = await takeOver(desk, call, replaced);
    await desk.feed(code < 300 ? replaced : call, "hangup");
    return;
  }
  for (const rival of replaced.rivals) {
    separate(other, rival);
    void desk.feed(rival, "hangup", { status: { code: 487 } });
  }
  separate(replaced, other);
  link(desk, other, call);
  replaced.tell({ type: "replaced", by: call.callid });
  other.tell({ type: "partner", callid: call.callid });
  call.tell({ type: "partner", callid: other.callid });
  void other.tasks.run(() => isolate(desk, other));
  await desk.feed(replaced, "hangup");
}

const refuse = (desk: Desk, call: Call, code: number): Promise<void> =>
  desk.feed(call, "hangup", { status: { code } });
