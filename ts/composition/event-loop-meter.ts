import { ms } from "../core/brand.js";
import type { LoadSample } from "../sip/overload/load-share.js";

/** Milliseconds between two looks at how late a timer is. */
const TICK = 50;
/** Milliseconds that one sample is about. */
const WINDOW = 1_000;

/**
 * Tells once a second how busy this thread is. The lag is what something that comes at any moment has to wait on
 * average, so a pause counts by its square: ten short ones are better than a long one.
 * @returns stops it.
 */
export function meterEventLoop(note: (sample: LoadSample) => void): () => void {
  let last = performance.now();
  let since = last;
  let weighted = 0;
  let utilization = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.now();
    const lag = Math.max(0, now - last - TICK);
    weighted += lag * (now - last);
    last = now;
    if (now - since < WINDOW) return;
    const before = utilization;
    utilization = performance.eventLoopUtilization();
    note({
      lag: ms(weighted / (now - since)),
      utilization: performance.eventLoopUtilization(utilization, before).utilization,
    });
    since = now;
    weighted = 0;
  }, TICK);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}
