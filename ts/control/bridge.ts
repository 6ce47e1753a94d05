import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/** Lets two answered calls hear each other; both channels know their far ends by then. */
export async function bridge(desk: Desk, call: Call, other: Call): Promise<void> {
  const [uuid, otherUuid] = [call.leg.channel?.uuid, other.leg.channel?.uuid];
  if (isOver(call, other) || uuid === undefined || otherUuid === undefined) return;
  // Early media has joined them already.
  if (call.leg.bridgedWith === otherUuid && other.leg.bridgedWith === uuid) return;
  try {
    await desk.media.execute({ type: "mix", uuid, other: otherUuid });
  } catch (error) {
    // A hang-up that crossed the command has closed a channel; there is nothing left to bridge.
    if (!isOver(call, other)) desk.fail(call, error);
    return;
  }
  call.leg.bridgedWith = otherUuid;
  other.leg.bridgedWith = uuid;
  call.history = "Mix";
  other.history = "Mix";
}

const isOver = (call: Call, other: Call): boolean => call.isOver || other.isOver;

/**
 * Takes the call's channel out of its group: it hears itself alone, and so does the last one left of the group.
 * @returns rejects with what the media engine says.
 */
export async function unbridge(desk: Desk, call: Call): Promise<void> {
  const uuid = call.leg.channel?.uuid;
  if (uuid === undefined) return;
  await desk.media.execute({ type: "unmix", uuid });
  const partner = desk.channels.get(call.leg.bridgedWith ?? "");
  call.leg.bridgedWith = undefined;
  call.history = "Unmix";
  if (partner?.leg.bridgedWith !== uuid) return;
  partner.leg.bridgedWith = undefined;
  partner.history = "Unmix";
}
