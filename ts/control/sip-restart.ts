import type { EpochMillis } from "../core/brand.js";
import { MediaswitchError } from "../core/errors.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/** What is known of a restart of the SIP side. */
export interface SipRestart {
  /** When its predecessor was last heard. */
  readonly lastSeen: EpochMillis;
  /** Unix seconds by its own clock: when it was started. */
  readonly started: number;
}

/** 503: the same as for a component that is not there. */
const LOST = { code: 503, message: "lost: the SIP server was restarted" };

/**
 * Ends the calls that the restarted SIP side does not know: of those that were there before it was started, it has those
 * that its predecessor had stored. What becomes of the others out there is nobody's to say any more.
 * @returns rejects with SIP_UNAVAILABLE where it did not answer: silence says nothing of a call.
 */
export async function endLostCalls(
  desk: Desk,
  calls: Iterable<Call>,
  { lastSeen, started }: SipRestart,
): Promise<void> {
  const before = [...calls].filter((call) => {
    const entered = call.history[0]?.when;
    const wasThere = entered !== undefined && entered < lastSeen;
    return call.isPlaced && !call.hasEnded && (wasThere || call.info.epochs.start < started);
  });
  await Promise.all(before.map((call) => endUnlessKnown(desk, call)));
}

async function endUnlessKnown(desk: Desk, call: Call): Promise<void> {
  const { callid } = call;
  try {
    const { answered } = await desk.sip.execute({ type: "dialog.get", callid });
    desk.log.info({ callid, answered }, "a call goes on: the restarted SIP server knows it");
  } catch (error) {
    if (call.hasEnded) return;
    if (error instanceof MediaswitchError && error.code === "SIP_UNAVAILABLE") throw error;
    call.error ??= LOST;
    desk.log.warn({ callid, err: error }, "a call is lost: the SIP server was restarted");
    void desk.feed(call, "lost");
  }
}
