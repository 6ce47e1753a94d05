import type { CallEvent } from "../call-event.js";
import { spokenCodecs } from "../codecs.js";
import { soupOf as musicOf } from "../moh.js";
import { MediaswitchError } from "../../core/errors.js";
import type { SoundSoup } from "../../rtp/media-service.js";
import type { Direction } from "../../sdp/session-description.js";
import { alone } from "./joint.js";
import type { Line } from "./line.js";
import { audibleChannel } from "./play-queue.js";
import { soupOf } from "./sound.js";
import type { Abortable, HoldOptions, HoldResult } from "./verb-options.js";
import { waitFor, type Waiter } from "./wait-for.js";

/** Out of its bridge, to music, and told that it is held (RFC 3264 §8.4: sendonly). */
export function hold(line: Line, { music, signal }: HoldOptions): Promise<HoldResult> {
  return waitFor<HoldResult>({ verb: "hold", desk: line.desk, line, signal }, async (waiter) => {
    audibleChannel(line.call);
    const soup = holdMusic(line, music);
    await line.joint?.part();
    await alone(line);
    if (soup !== undefined) {
      const playing = line.plays.play(soup);
      waiter.undo(() => playing.stop());
    }
    line.call.history = "We hold";
    await offer(line, "sendonly", waiter);
  });
}

/** Both ways again; what it heard on hold is stopped. */
export function unhold(line: Line, { signal }: Abortable): Promise<HoldResult> {
  return waitFor<HoldResult>({ verb: "unhold", desk: line.desk, line, signal }, async (waiter) => {
    audibleChannel(line.call);
    await line.plays.stopAll();
    line.call.history = "We unhold";
    await offer(line, "sendrecv", waiter);
  });
}

function holdMusic(line: Line, music: HoldOptions["music"]): SoundSoup | undefined {
  return music === undefined ? musicOf(line.call.moh) : soupOf(music, {}, "music");
}

/** What the far end makes of our offer is told by an event. */
async function offer(line: Line, direction: Direction, waiter: Waiter<HoldResult>): Promise<void> {
  const { call, desk } = line;
  const before = call.leg.direction;
  const answered = (event: CallEvent): void => {
    if (event.type === "modified") void call.tasks.run(() => waiter.done({ agreed: true }));
    if (event.type !== "unmodified") return;
    call.leg.direction = before;
    waiter.done({ agreed: false, code: event.refused?.code ?? 488 });
  };
  await call.tasks.run(async () => {
    if (waiter.isSettled()) return;
    call.leg.direction = direction;
    const sdp = call.leg.makeOffer(spokenCodecs(desk.script.codecs));
    waiter.onEvent(line, answered);
    try {
      await desk.sip.execute({ type: "dialog.reinvite", callid: call.callid, sdp });
    } catch (error) {
      call.leg.direction = before;
      if (!isUnderWay(error)) throw error;
      // Another exchange is under way (RFC 3261 §14.1): the far end is not told.
      waiter.done({ agreed: false, code: 491 });
    }
  });
}

const isUnderWay = (error: unknown): boolean =>
  error instanceof MediaswitchError && error.code === "CALL_STATE";
