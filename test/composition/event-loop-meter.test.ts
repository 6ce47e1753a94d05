import t from "tap";
import { meterEventLoop } from "../../ts/composition/event-loop-meter.js";
import type { LoadSample } from "../../ts/sip/overload/load-share.js";

/** A sample in which the thread was as the test made it: others on this machine may keep it from that for a while. */
function sampleWhile(
  what: () => void,
  every: number,
  isSo: (sample: LoadSample) => boolean,
): Promise<LoadSample> {
  return new Promise((resolve) => {
    const timer = setInterval(what, every);
    const stop = meterEventLoop((sample) => {
      if (!isSo(sample)) return;
      stop();
      clearInterval(timer);
      resolve(sample);
    });
  });
}

function block(millis: number): void {
  const end = performance.now() + millis;
  while (performance.now() < end);
}

t.test("a thread that blocks is late and busy; one that waits is neither", async (t) => {
  const busy = await sampleWhile(
    () => block(300),
    1,
    ({ lag, utilization }) => lag > 150 && utilization > 0.9,
  );
  const idle = await sampleWhile(
    () => undefined,
    100,
    ({ lag, utilization }) => lag < 150 && utilization < 0.7,
  );
  t.ok(idle.lag < busy.lag && idle.utilization < busy.utilization);
});
