import { MediaswitchError } from "../core/errors.js";
import type { SoundSoup } from "../rtp/media-service.js";
import { unbridge } from "./bridge.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/**
 * Plays `soup` to the far end, in place of what is played; a call without a channel plays nothing. What can't be
 * played is logged, and the call goes on.
 */
export function play(desk: Desk, call: Call, soup: SoundSoup): Promise<void> {
  return call.tasks.run(async () => {
    if (call.isOver) return;
    try {
      await playTo(desk, call, soup);
    } catch (error) {
      if (isLive(call)) desk.log.error({ callid: call.callid, soup, err: error }, "the soup can't be played");
    }
  });
}

/** Asked again after a wait. */
const isLive = (call: Call): boolean => !call.isOver;

/**
 * As `play`, at once. A call in a group with others leaves it first: what it hears is either them or a soup.
 * @returns rejects with what the media engine says.
 */
export async function playTo(desk: Desk, call: Call, soup: SoundSoup): Promise<void> {
  const uuid = call.leg.channel?.uuid;
  if (uuid === undefined) return;
  try {
    await desk.media.execute({ type: "play", uuid, soup });
  } catch (error) {
    if (!(error instanceof MediaswitchError) || error.code !== "MEDIA_MIXED") throw error;
    await unbridge(desk, call);
    await desk.media.execute({ type: "play", uuid, soup });
  }
  call.history = `Play soup ${JSON.stringify(soup)}`;
}
