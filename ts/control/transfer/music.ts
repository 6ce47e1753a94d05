import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { soupOf } from "../moh.js";

/** The music of one leg to another that is alone. Without music it hears nothing, and what goes wrong is logged only. */
export async function playMusic(
  desk: Desk,
  { to, of }: { readonly to: Call; readonly of: Call },
): Promise<void> {
  const soup = soupOf(of.moh);
  const uuid = to.leg.channel?.uuid;
  if (soup === undefined || uuid === undefined || to.isOver) return;
  try {
    await desk.media.execute({ type: "play", uuid, soup });
    to.history = "Play music on hold";
  } catch (error) {
    desk.log.warn({ callid: to.callid, err: error }, "there is no music on hold");
  }
}

/** Whatever was played while nobody was there ends: the target, or the script, has its own. */
export function stopMusic(desk: Desk, call: Call): Promise<void> {
  return call.tasks.run(async () => {
    const uuid = call.leg.channel?.uuid;
    if (uuid === undefined || call.isOver) return;
    try {
      await desk.media.execute({ type: "stopplay", uuid });
    } catch (error) {
      const isHarmless = error instanceof MediaswitchError && error.code === "MEDIA_STATE";
      if (!isHarmless) desk.log.warn({ callid: call.callid, err: error }, "the music could not be ended");
    }
  });
}
