import type { EpochMillis } from "../core/brand.js";
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
 */
export function endLostCalls(desk: Desk, calls: Iterable<Call>, { lastSeen, started }: SipRestart): void {
  for (const call of [...calls]) {
    if (!call.isPlaced || call.hasEnded) continue;
    const entered = call.history[0]?.when;
    const wasThere = entered !== undefined && entered < lastSeen;
    const isOlder = call.info.epochs.start < started;
    if (wasThere || isOlder) void endUnlessKnown(desk, call);
  }
}

async function endUnlessKnown(desk: Desk, call: Call): Promise<void> {
  const { callid } = call;
  try {
    const { answered } = await desk.sip.execute({ type: "dialog.get", callid });
    desk.log.info({ callid, answered }, "a call goes on: the restarted SIP server knows it");
  } catch {
    if (call.hasEnded) return;
    call.error ??= LOST;
    desk.log.warn({ callid }, "a call is lost: the SIP server was restarted");
    void desk.feed(call, "lost");
  }
}
