/** Who talks to whom, and whose hang-up ends whom, when legs change partners. */
import { bridge, unbridge } from "../bridge.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { soupOf } from "../moh.js";
import { playMusic } from "./music.js";

/** The two are no relatives any more; others of their families stay. @returns which of them was the parent. */
export function separate(one: Call, two: Call): Call {
  const [parent, child] = one.metadata.family.parent === two ? [two, one] : [one, two];
  const { family } = parent.metadata;
  family.children = family.children.filter((each) => each !== child);
  if (child.metadata.family.parent === parent) delete child.metadata.family.parent;
  return parent;
}

/** The call hears nobody any more. What the media engine has against it is logged: the next step shows whether it matters. */
export async function isolate(desk: Desk, call: Call): Promise<void> {
  if (call.leg.bridgedWith === undefined) return;
  try {
    await unbridge(desk, call);
  } catch (error) {
    desk.log.warn({ callid: call.callid, err: error }, "a call could not be taken out of its group");
  }
}

/**
 * Two who were in no group hear each other; one whose far end has us on hold leaves the other with its music, and is
 * joined with it when the hold ends.
 */
export async function converse(desk: Desk, one: Call, two: Call): Promise<void> {
  for (const [holder, listener] of [[one, two] as const, [two, one] as const]) {
    if (!holder.hold || soupOf(holder.moh) === undefined) continue;
    holder.leg.isToBeJoined = true;
    await playMusic(desk, { to: listener, of: holder });
    return;
  }
  await bridge(desk, one, two);
}
