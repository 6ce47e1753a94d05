import { epochSeconds, seconds, type Millis } from "../core/brand.js";
import { isCallGone } from "./call-error.js";
import type { Call } from "./call.js";
import { causeOf } from "./cause-of.js";
import { causeName, reasonPhrase, type HangupStatus } from "./causes.js";
import { closeChannel } from "./channel.js";
import type { Desk } from "./desk.js";
import { isFailedTransfer } from "./transfer/listen.js";

/**
 * How long the SIP side may take for its last word. A BYE may have to wait for an ACK, which is given up after
 * 64·T1 = 32 s (RFC 3261 §13.3.1.4), and is given up itself after as much (§17.1.2.2); a little for the way.
 */
const LAST_WORD = seconds(70);
/** The same where the SIP side knows the call no more: its last word is on its way, or was lost with it. */
const LAST_WORD_OF_UNKNOWN = seconds(5);

/** Asks the SIP side to end the call. */
export function sendHangup(desk: Desk, call: Call, status: HangupStatus): Promise<void> {
  call.hungUpWith ??= status;
  awaitEnd(desk, call, LAST_WORD);
  return call.tasks.run(async () => {
    if (call.hasEnded) return;
    if (!call.isPlaced) {
      void desk.feed(call, "lost");
      return;
    }
    const { code, q850, reason = code === undefined ? undefined : reasonPhrase(code) } = status;
    try {
      await desk.sip.execute({
        type: "dialog.hangup",
        callid: call.callid,
        ...(code !== undefined && { code }),
        ...(reason !== undefined && { reason }),
        ...(q850 !== undefined && { q850 }),
      });
    } catch (error) {
      if (isCallGone(error)) {
        awaitEnd(desk, call, LAST_WORD_OF_UNKNOWN);
        return;
      }
      desk.log.warn(
        { callid: call.callid, err: error },
        "the call could not be hung up; it is forgotten here",
      );
      void desk.feed(call, "lost");
    }
  });
}

function awaitEnd(desk: Desk, call: Call, limit: Millis): void {
  call.endGuard?.cancel();
  if (call.hasEnded) return;
  call.endGuard = desk.clock.after(limit, () => {
    desk.log.warn({ callid: call.callid }, "the SIP side did not say that the call ended");
    void desk.feed(call, "lost");
  });
}

/**
 * The call has ended: callbacks, then what follows for its family, then its channel.
 *
 * The parent is looked at last, so that a callback that starts another call for it keeps it alive.
 */
export function finish(desk: Desk, call: Call): Promise<void> {
  call.endGuard?.cancel();
  if (!call.info.hangup) call.info = endedInfo(desk, call);
  const { code, status } = call.info.error;
  call.history = code === 0 ? "Client hungup" : `Client hungup: ${status.trim()}(${String(code)})`;
  desk.log.info({ callid: call.callid, ...(code !== 0 && { code, cause: causeName(code) }) }, "call ended");

  call.tell({ type: "ended" });
  const failed = (error: unknown): void =>
    desk.log.error({ callid: call.callid, err: error }, "a hang-up callback failed");
  desk.within(call, () => {
    desk.script.hangup.run(call, failed);
    endChildren(desk, call);
    call.listeners.hangup.drain(call, failed);
    desk.script.reporting.run(call, failed);
    call.listeners.reporting.drain(call, failed);
  });
  endParent(desk, call);
  desk.leave(call);

  return call.tasks.run(() => closeChannel(desk, call));
}

function endChildren(desk: Desk, call: Call): void {
  for (const child of [...call.metadata.family.children]) void desk.feed(child, "hangup");
}

/** The last child takes its parent with it; losers of a group do not, since the winner is still there. */
function endParent(desk: Desk, call: Call): void {
  const { parent } = call.metadata.family;
  if (parent === undefined) return;
  const { family } = parent.metadata;
  family.children = family.children.filter((child) => child !== call);
  if (family.children.length > 0 || isFailedTransfer(parent, call)) return;
  void desk.feed(parent, "hangup", { status: statusAfter(parent, call) });
}

/**
 * RFC 3261 §16.3: the caller's own request may go no further, and it is told so; of other failures it hears 480. Why the last
 * one could not be had is told beside that (RFC 3326, RFC 6432).
 */
function statusAfter(parent: Call, child: Call): HangupStatus {
  if (child.error?.code === 483) return { code: 483 };
  if (parent.answered || child.answered || child.info.error.code === 0) return {};
  return { q850: causeOf(child).q850 };
}

/** The SIP side said nothing: the record is completed with what is known here. */
function endedInfo(desk: Desk, call: Call): Call["info"] {
  const { info, error } = call;
  return {
    ...info,
    hangup: true,
    error: error === undefined ? info.error : { code: error.code, status: error.message },
    epochs: { ...info.epochs, end: epochSeconds(desk.clock.epoch()) },
  };
}
