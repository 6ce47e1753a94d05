import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/** Lets two answered calls hear each other; both channels know their far ends by then. */
export async function bridge(desk: Desk, child: Call, parent: Call): Promise<void> {
  const [uuid, other] = [child.leg.channel?.uuid, parent.leg.channel?.uuid];
  if (isOver(child, parent) || uuid === undefined || other === undefined) return;
  // Early media has joined them already.
  if (child.leg.bridgedWith === other) return;
  try {
    await desk.media.execute({ type: "mix", uuid, other });
  } catch (error) {
    // A hang-up that crossed the command has closed a channel; there is nothing left to bridge.
    if (!isOver(child, parent)) desk.fail(child, error);
    return;
  }
  child.leg.bridgedWith = other;
  child.history = "Mix";
  parent.history = "Mix";
}

const isOver = (child: Call, parent: Call): boolean => child.isOver || parent.isOver;
