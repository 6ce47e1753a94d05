import t from "tap";
import { meterEventLoop } from "../../ts/composition/event-loop-meter.js";
import type { LoadSample } from "../../ts/sip/overload/load-share.js";

/** The first sample in which the thread was as the test made it. */
function sampleWhile(what: () => void, every: number): Promise<LoadSample> {
  return new Promise((resolve) => {
    let count = 0;
    const timer = setInterval(what, every);
    const stop = meterEventLoop((sample) => {
      count += 1;
      if (count < 2) return;
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
  const busy = await sampleWhile(() => block(300), 1);
  t.ok(busy.lag > 150, `lag ${busy.lag}`);
  t.ok(busy.utilization > 0.9, `utilization ${busy.utilization}`);
  const idle = await sampleWhile(() => undefined, 100);
  t.ok(idle.lag < busy.lag / 2, `lag ${idle.lag}`);
  t.ok(idle.utilization < 0.7, `utilization ${idle.utilization}`);
});
