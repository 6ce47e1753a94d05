/** What an inbound call is told before it is a talk: ringing, early media, the answer. */
import { MediaswitchError } from "../../core/errors.js";
import type { Line } from "./line.js";
import type { AnswerOptions, RingOptions } from "./verb-options.js";
import { waitFor, type Waiter } from "./wait-for.js";

/** 180, unless it rings or is answered: who transferred it hears of it then. */
export function ring(line: Line, { alertinfo, signal }: RingOptions): Promise<void> {
  return waitFor<undefined>({ verb: "ring", desk: line.desk, line, signal }, async (waiter) => {
    if (!line.call.answered) checkInbound(line, "ring");
    await line.desk.feed(line.call, "ring", { alertinfo });
    doneUnlessOver(line, waiter);
  });
}

/** 183 with our description, unless that is done or the call is answered. */
export function early(line: Line, { codecs, signal }: AnswerOptions): Promise<void> {
  return waitFor<undefined>({ verb: "early", desk: line.desk, line, signal }, async (waiter) => {
    if (line.call.leg.early === undefined && !line.call.answered) {
      checkInbound(line, "early");
      await line.desk.feed(line.call, "early", { codecs });
    }
    doneUnlessOver(line, waiter);
  });
}

/**
 * 2xx, unless it is answered; settles with the ACK. An answer that has gone out can't be taken back: aborting only
 * stops the waiting.
 */
export function answer(line: Line, { codecs, signal }: AnswerOptions): Promise<void> {
  return waitFor<undefined>({ verb: "answer", desk: line.desk, line, signal }, async (waiter) => {
    const { call, desk } = line;
    if (call.answered) {
      // Who transferred it hears of it.
      await desk.feed(call, "answer");
      // What the far end's answer says may still be on its way to the media server.
      await call.tasks.run(() => undefined);
      doneUnlessOver(line, waiter);
      return;
    }
    checkInbound(line, "answer");
    waiter.onEvent(line, ({ type }) => {
      if (type === "answered") waiter.done(undefined);
    });
    await desk.feed(call, "answer", { codecs });
  });
}

function checkInbound(line: Line, verb: string): void {
  if (!line.call.originator) return;
  throw new MediaswitchError("CALL_STATE", `${verb}: we made this call; the far end answers it`);
}

/** A call that is over tells it by its end. */
function doneUnlessOver(line: Line, waiter: Waiter<undefined>): void {
  if (!line.call.isOver) waiter.done(undefined);
}
