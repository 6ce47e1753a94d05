import { ms } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Call } from "../call.js";
import { spokenCodecs } from "../codecs.js";
import type { Desk } from "../desk.js";
import { isolate } from "./partners.js";
import type { SipStatus } from "./referral.js";

/** While another exchange of the call is under way (RFC 3261 §14.1), ours waits so long, so many times. */
const PAUSE = ms(500);
const TRIES = 10;

/**
 * `call` gets the place of `other` in whatever the switch does there: the two legs swap channels, and the far end of
 * `call` is told by a re-INVITE where to send from now on. What belongs to the other one's channel, a group, a
 * recording, a soup, goes on with `call`.
 * @returns 200, or why it could not be done: then all is as before.
 */
export async function takeOver(desk: Desk, call: Call, other: Call): Promise<SipStatus> {
  await call.tasks.run(() => isolate(desk, call));
  if (call.isOver || other.isOver || other.leg.channel === undefined) return { code: 481 };
  swapChannels(desk, call, other);
  const channel = call.leg.channel?.uuid;
  const unwatch = call.watchers.add((event) => {
    // Until it is settled whose it is, who plays or records there goes by what it says.
    if (event.type === "channel" && event.event.uuid === channel)
      other.tell({ type: "channel", event: event.event });
  });
  const outcome = reinvited(call, () => {
    // The other one took along what would be given back: without a channel the call can't go on.
    if (other.hasEnded) void desk.feed(call, "hangup");
    else swapChannels(desk, call, other);
  });
  try {
    await reinvite(desk, call);
  } catch (error) {
    desk.log.warn({ callid: call.callid, err: error }, "a call could not be moved to another channel");
    outcome.fail({ code: error instanceof MediaswitchError ? error.sipStatus : 500 });
  }
  const status = await outcome.settled;
  unwatch();
  if (status.code < 300 && !call.hasEnded) {
    other.replacedBy = call;
    other.tell({ type: "replaced", by: call.callid });
  }
  return status;
}

interface Outcome {
  readonly settled: Promise<SipStatus>;
  fail(status: SipStatus): void;
}

/**
 * What becomes of a re-INVITE, listened for before it goes out. A call that ends tells so, always.
 * @param undo run once, in the very moment of a failure: a call that ends lets go of its channel right after.
 */
function reinvited(call: Call, undo: () => void): Outcome {
  let settle: (status: SipStatus) => void = () => undefined;
  const settled = new Promise<SipStatus>((resolve) => {
    settle = resolve;
  });
  const over = (status: SipStatus): void => {
    unwatch();
    settle(status);
  };
  let isUndone = false;
  const fail = (status: SipStatus): void => {
    if (!isUndone) undo();
    isUndone = true;
    over(status);
  };
  const unwatch = call.watchers.add((event) => {
    if (event.type === "modified") over({ code: 200 });
    else if (event.type === "unmodified") fail(refusal(event.refused));
    else if (event.type === "ended") fail({ code: 481 });
  });
  return { settled, fail };
}

const refusal = (refused: { readonly code: number; readonly status: string } | undefined): SipStatus =>
  refused === undefined ? { code: 488 } : { code: refused.code, reason: refused.status.trim() };

async function reinvite(desk: Desk, call: Call): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await call.tasks.run(async () => {
        const sdp = call.leg.makeOffer(spokenCodecs(desk.script.codecs));
        await desk.sip.execute({ type: "dialog.reinvite", callid: call.callid, sdp });
      });
      return;
    } catch (error) {
      const isBusy = error instanceof MediaswitchError && error.code === "CALL_STATE";
      if (!isBusy || tries === TRIES || call.isOver) throw error;
    }
    await new Promise<void>((resolve) => {
      desk.clock.after(PAUSE, resolve);
    });
  }
}

function swapChannels(desk: Desk, one: Call, two: Call): void {
  const channel = one.leg.channel;
  one.leg.moveTo(two.leg.channel);
  two.leg.moveTo(channel);
  [one.leg.bridgedWith, two.leg.bridgedWith] = [two.leg.bridgedWith, one.leg.bridgedWith];
  [one.leg.isDeaf, two.leg.isDeaf] = [two.leg.isDeaf, one.leg.isDeaf];
  for (const call of [one, two]) {
    const { channel } = call.leg;
    if (channel === undefined) {
      delete call.metadata.channel;
      continue;
    }
    call.metadata.channel = channel;
    desk.channels.set(channel.uuid, call);
  }
}
