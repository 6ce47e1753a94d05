import { MediaswitchError } from "../../core/errors.js";
import type { Line } from "./line.js";
import { checkedChoice, checkedCount, checkedKeys } from "./option-checks.js";
import { audibleChannel } from "./play-queue.js";
import type { SendKeysOptions } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** Milliseconds, as the media server has them. */
const DURATION = 220;
const PAUSE = 200;
/** Milliseconds: what the media server sends as one key press. */
const DURATIONS = [40, 8000] as const;
const PAUSES = [40, 60_000] as const;
const MOST_KEYS = 256;

/** One command per key: aborting keeps back those that were not begun. */
export function sendKeys(line: Line, keys: string, options: SendKeysOptions): Promise<void> {
  return waitFor<undefined>(
    { verb: "sendKeys", desk: line.desk, line, signal: options.signal },
    async (waiter) => {
      const duration = checkedCount(options.duration ?? DURATION, "duration", DURATIONS);
      const pause = checkedCount(options.pause ?? PAUSE, "pause", PAUSES);
      const by = checkedChoice(options.by ?? "telephone-event", "by", ["telephone-event", "info"]);
      const pressed = checkedKeys(keys, "keys");
      if (pressed === "" || pressed.length > MOST_KEYS) {
        throw new MediaswitchError("ARGUMENT_INVALID", `keys: 1 to ${String(MOST_KEYS)} of them`, "keys");
      }
      for (const key of pressed) {
        if (waiter.isSettled()) return;
        if (by === "info") await pressByInfo(line, key, duration);
        else {
          const uuid = audibleChannel(line.call);
          await line.desk.media.execute({ type: "dtmf", uuid, digits: key, duration, pause });
        }
        await new Promise<void>((resolve) => waiter.after(duration + pause, resolve));
      }
      line.call.history = `Send keys (${String(pressed.length)})`;
      waiter.done(undefined);
    },
  );
}

async function pressByInfo(line: Line, key: string, duration: number): Promise<void> {
  await line.desk.sip.execute({
    type: "dialog.info",
    callid: line.call.callid,
    contenttype: "application/dtmf-relay",
    body: `Signal=${key}\r\nDuration=${String(duration)}\r\n`,
  });
}
