/** What the other of a call hears while its far end has us on hold. */
import { MediaswitchError } from "../core/errors.js";
import { bridge, unbridge } from "./bridge.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";
import { soupOf } from "./moh.js";
import { runHold, runOffHold } from "./notify.js";

/** What follows from a description of the far end that holds us, or does so no more. */
export async function followHold(desk: Desk, call: Call, wasHeld: boolean): Promise<void> {
  const { hold } = call.leg;
  if (hold === wasHeld) return;
  call.history = hold ? "Hold" : "Off hold";
  call.tell({ type: hold ? "hold" : "unhold" });
  await (hold ? startHold(desk, call) : endHold(desk, call));
}

/**
 * The far end has put us on hold: the other hears the music of the one who holds. Without music the two stay joined, so
 * that a phone's own music is heard (RFC 6337 §5.3).
 */
async function startHold(desk: Desk, call: Call): Promise<void> {
  const { other } = call;
  if (other !== false && call.leg.bridgedWith !== undefined) {
    call.leg.isToBeJoined = true;
    await playMusic(desk, call, other);
  }
  runHold(desk, call);
}

/** The far end takes us back: the two hear each other again, unless the other has us on hold now. */
async function endHold(desk: Desk, call: Call): Promise<void> {
  const { other } = call;
  if (other !== false && call.leg.isToBeJoined) {
    call.leg.isToBeJoined = false;
    if (other.hold && soupOf(other.moh) !== undefined) {
      other.leg.isToBeJoined = true;
      await playMusic(desk, other, call);
    } else {
      await bridge(desk, call, other);
    }
  }
  runOffHold(desk, call);
}

/** Asked again after a wait. */
const isLive = (call: Call): boolean => !call.isOver;

/** Plays the music of `holder` to `listener`, unless that one still talks with others. */
async function playMusic(desk: Desk, holder: Call, listener: Call): Promise<void> {
  const soup = soupOf(holder.moh);
  const uuid = listener.leg.channel?.uuid;
  if (soup === undefined || uuid === undefined || listener.isOver) return;
  try {
    await unbridge(desk, holder);
    await desk.media.execute({ type: "play", uuid, soup });
    listener.history = "Play music on hold";
  } catch (error) {
    if (error instanceof MediaswitchError && error.code === "MEDIA_MIXED") return;
    if (isLive(listener) && isLive(holder)) {
      desk.log.warn({ callid: holder.callid, err: error }, "there is no music on hold");
    }
  }
}
