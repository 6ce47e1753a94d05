import { MediaswitchError } from "../../core/errors.js";
import { answer } from "./answer.js";
import { endingOf } from "./call-ended.js";
import { Pair } from "./joint.js";
import type { Line } from "./line.js";
import { soupOf } from "./sound.js";
import type { BridgeOptions, BridgeResult } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** Until one ends; the end of `line` is a result like that of the other. */
export function bridge(line: Line, other: Line, { music, signal }: BridgeOptions): Promise<BridgeResult> {
  return waitFor<BridgeResult>(
    { verb: "bridge", desk: line.desk, line, signal, ended: (ending) => ({ ended: "this", ending }) },
    async (waiter) => {
      checkPair(line, other);
      if (music !== undefined) for (const each of [line, other]) each.call.moh = soupOf(music, {}, "music");
      await bridgeable(line, other);
      if (waiter.isSettled()) return;
      const pair = await Pair.join(line, other);
      waiter.undo(() => pair.part());
      const { ended } = await pair.parted;
      if (ended === undefined) waiter.done({ ended: "moved" });
      else
        waiter.done({
          ended: ended === line ? "this" : "other",
          ending: ended.ending ?? endingOf(ended.call),
        });
    },
  );
}

/** Both are answered, or are now. @throws {MediaswitchError} ARGUMENT_INVALID, CALL_STATE. {CallEnded} of one of them. */
export async function bridgeable(line: Line, other: Line): Promise<void> {
  checkPair(line, other);
  line.call.leg.near = other.call.leg.channel?.uuid;
  other.call.leg.near = line.call.leg.channel?.uuid;
  await Promise.all([answer(line, {}), answer(other, {})]);
}

function checkPair(line: Line, other: Line): void {
  if (other === line)
    throw new MediaswitchError("ARGUMENT_INVALID", "a call can't be bridged with itself", "other");
  if (other.desk !== line.desk) {
    throw new MediaswitchError("ARGUMENT_INVALID", "both calls have to be of one switch", "other");
  }
  other.checkAlive();
}
