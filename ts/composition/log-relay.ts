import { ms } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { LogLine, LogTail } from "../core/log-tail.js";

/** How long lines are gathered before they are handed over. */
const EVERY = ms(250);
/** Of more lines than these the oldest are left out. */
const MOST = 100;

/** Hands the lines of a log over to another thread, those too that are there already. @returns ends that. */
export function relayLog(
  tail: LogTail,
  clock: Clock,
  send: (lines: readonly LogLine[]) => Promise<unknown>,
): () => void {
  let sent = 0;
  let timer: Timer | undefined;
  const hand = (): void => {
    timer = undefined;
    const lines = tail.after(sent).slice(-MOST);
    sent = tail.last;
    // The other thread is ending: nobody reads them there any more.
    send(lines).catch(() => undefined);
  };
  const wake = (): void => {
    timer ??= clock.after(EVERY, hand);
  };
  tail.tell(wake);
  wake();
  return () => {
    tail.tell(() => undefined);
    timer?.cancel();
  };
}
