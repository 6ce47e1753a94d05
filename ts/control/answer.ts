import { MediaswitchError } from "../core/errors.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { Call } from "./call.js";
import { openChannel } from "./channel.js";
import { spokenCodecs } from "./codecs.js";
import type { Desk } from "./desk.js";
import { followHold } from "./hold.js";
import { runAnswered } from "./notify.js";

/**
 * 2xx to the caller. It carries our answer, or our offer where the INVITE had none (RFC 3261 §13.3.1.4); the
 * ACK brings the answer to that one.
 */
export function sendAnswer(desk: Desk, call: Call, codecs: readonly CodecName[] | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    const sdp = call.leg.early ?? (await describe(desk, call, codecs));
    if (call.isOver) return;
    await desk.sip.execute({ type: "dialog.answer", callid: call.callid, sdp });
    call.history = "We answer call";
  });
}

/** Our answer to the caller's offer, or our offer where there is none. */
export async function describe(
  desk: Desk,
  call: Call,
  codecs: readonly CodecName[] | undefined,
): Promise<string> {
  const spoken = spokenCodecs(codecs ?? desk.script.codecs);
  await openChannel(desk, call, { control: desk.controlUrl, codecs: spoken });
  const offer = call.info.sdp.them;
  return offer === undefined ? call.leg.makeOffer(spoken) : await call.leg.takeOffer(offer, spoken);
}

/** The far end has answered: where it carries the answer to our offer, `them`, the channel follows it. */
export function takeAnswer(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    await call.leg.takeAnswer(them);
    call.history = "Client confirmed answer";
    runAnswered(desk, call);
  });
}

/** The ACK of our 2xx to a re-INVITE without an offer brings the answer (RFC 3261 §14.1). */
export function takeReanswer(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return renegotiate(desk, call, them);
}

/** Their answer to our re-INVITE. */
export function takeModified(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return renegotiate(desk, call, them);
}

/** A later answer of theirs; it may put us on hold, or take us back. */
function renegotiate(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    const wasHeld = call.leg.hold;
    await call.leg.takeReanswer(them);
    await followHold(desk, call, wasHeld);
  });
}

/** The far end's 2xx carries an offer (RFC 3261 §13.2.1): our ACK carries the answer. */
export function sendAck(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    if (them === undefined) throw new MediaswitchError("SDP_INVALID", "the 2xx of a late offer has no offer");
    const codecs = spokenCodecs(desk.script.codecs);
    await openChannel(desk, call, { control: desk.controlUrl, codecs });
    const sdp = await call.leg.takeOffer(them, codecs);
    await desk.sip.execute({ type: "dialog.ack", callid: call.callid, sdp });
    call.history = "Client confirmed answer";
    runAnswered(desk, call);
  });
}

/**
 * 2xx to a re-INVITE: the same channel, negotiated again (RFC 3264 §8). One without a description gets our offer
 * (RFC 3261 §14.2); one that can't be met is refused, and the call goes on as it was.
 */
export function sendOk(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    const spoken = spokenCodecs(desk.script.codecs);
    const wasHeld = call.leg.hold;
    let sdp: string;
    try {
      sdp = them === undefined ? call.leg.makeOffer(spoken) : await call.leg.takeOffer(them, spoken);
    } catch (error) {
      if (!isUnacceptable(error)) throw error;
      desk.log.info({ callid: call.callid, code: error.code }, `a re-INVITE is refused: ${error.message}`);
      await unlessWithdrawn(desk, call, () =>
        desk.sip.execute({ type: "dialog.refuse", callid: call.callid, code: error.sipStatus }),
      );
      return;
    }
    await unlessWithdrawn(desk, call, () =>
      desk.sip.execute({ type: "dialog.ok", callid: call.callid, sdp }),
    );
    await followHold(desk, call, wasHeld);
  });
}

/** A re-INVITE that was cancelled, or had waited too long, needs no answer any more: the call goes on. */
async function unlessWithdrawn(desk: Desk, call: Call, act: () => Promise<object>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof MediaswitchError) || error.code !== "CALL_STATE") throw error;
    desk.log.info({ callid: call.callid }, "a re-INVITE was withdrawn before it was answered");
  }
}

/** What they ask for is not to be had; what was agreed before still is (RFC 3261 §14.2). */
const isUnacceptable = (error: unknown): error is MediaswitchError =>
  error instanceof MediaswitchError &&
  (error.code === "MEDIA_NO_COMMON_CODEC" || error.code === "SDP_INVALID");

/** One thing done for a live call, after those before it; what goes wrong ends the call. */
export function attempt(desk: Desk, call: Call, task: () => Promise<void>): Promise<void> {
  return call.tasks.run(async () => {
    if (call.isOver) return;
    try {
      await task();
    } catch (error) {
      desk.fail(call, error);
    }
  });
}
