import type { Call } from "./call.js";
import type { Desk, InputDetails } from "./desk.js";

/** A key press that came as INFO is heard by the other legs as any other: as telephone-event. */
export async function relayKey(desk: Desk, call: Call, press: InputDetails["key"]): Promise<void> {
  if (press === undefined) return;
  const { key: digits, duration } = press;
  for (const other of call.others) {
    const uuid = other.leg.channel?.uuid;
    if (uuid === undefined || !other.answered || other.isOver) continue;
    try {
      await desk.media.execute({
        type: "dtmf",
        uuid,
        digits,
        duration: Math.max(SHORTEST, Math.min(duration, LONGEST)),
      });
    } catch (error) {
      desk.log.info({ callid: other.callid, error: String(error) }, "a key press could not be passed on");
    }
  }
}

/** Milliseconds: what the engine sends as one key press. */
const SHORTEST = 40;
const LONGEST = 8000;
