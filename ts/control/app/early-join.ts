/** Lets an unanswered caller hear what a callee sends before it answers. */
import type { Line } from "./line.js";

/** What can't be joined is passed over: the answer decides. */
export async function earlyJoin(caller: Line, callee: Line): Promise<void> {
  const { desk } = caller;
  caller.call.leg.near = callee.call.leg.channel?.uuid;
  await desk.feed(caller.call, "early");
  const [channel, other] = [caller.call.leg.channel, callee.call.leg.channel];
  if (channel === undefined || other === undefined || caller.call.isOver || callee.call.isOver) return;
  if (caller.call.leg.bridgedWith === other.uuid) return;
  try {
    await desk.media.execute({ type: "mix", uuid: channel.uuid, other: other.uuid });
    caller.call.leg.bridgedWith = other.uuid;
    callee.call.leg.bridgedWith = channel.uuid;
    caller.call.history = "Mix";
  } catch (error) {
    desk.log.info({ callid: caller.call.callid, error: String(error) }, "early media can't be passed on");
  }
}
