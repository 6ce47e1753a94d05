import { MediaswitchError } from "../core/errors.js";
import type { CodecName } from "../sdp/payload-types.js";
import { attempt, describe } from "./answer.js";
import { bridge } from "./bridge.js";
import type { Call } from "./call.js";
import { openChannel } from "./channel.js";
import { spokenCodecs } from "./codecs.js";
import type { Desk } from "./desk.js";

/** 183 to the caller with our description (RFC 3960 §3): once, and its listeners are run each time. */
export function sendEarly(desk: Desk, call: Call, codecs: readonly CodecName[] | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    if (call.leg.early === undefined) {
      const sdp = await describe(desk, call, codecs);
      if (call.isOver) return;
      await desk.sip.execute({ type: "dialog.ring", callid: call.callid, sdp });
      call.leg.early = sdp;
      call.history = "Early media";
    }
    call.joins.early.drain(call, (error) => desk.fail(call, error));
  });
}

/**
 * The far end has described itself before it answers: what it sends is heard from now on, by the parent too where the
 * script wants that. One that can't be used is passed over: the answer decides.
 */
export function takeEarly(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    if (them === undefined) return;
    try {
      await call.leg.takePreview(them);
      call.tell({ type: "early" });
    } catch (error) {
      desk.log.info({ callid: call.callid, error: String(error) }, "early media can't be used");
      return;
    }
    const { parent } = call.metadata.family;
    if (!call.passesEarlyMedia || parent === undefined || call.isOver) return;
    parent.joins.early.add(() => parent.tasks.run(() => bridge(desk, call, parent)));
    void desk.feed(parent, "early");
  });
}

/** An offer of the far end that dialog.ack answers, while the call is not answered or when it is up. */
export function sendEarlyAck(desk: Desk, call: Call, them: string | undefined): Promise<void> {
  return attempt(desk, call, async () => {
    if (them === undefined) throw new MediaswitchError("SDP_INVALID", "an offer is missing");
    const codecs = spokenCodecs(desk.script.codecs);
    await openChannel(desk, call, { control: desk.controlUrl, codecs });
    const sdp = await call.leg.takeOffer(them, codecs);
    await desk.sip.execute({ type: "dialog.ack", callid: call.callid, sdp });
  });
}
