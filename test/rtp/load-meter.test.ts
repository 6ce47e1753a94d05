import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { LoadMeter } from "../../ts/rtp/load-meter.js";
import { ManualClock } from "../support/manual-clock.js";

t.test("the share of the threads' time, once a second has gone by", async (t) => {
  const clock = new ManualClock();
  let readings = 0;
  let used = 0;
  const meter = new LoadMeter(clock, 2, () => {
    readings += 1;
    return used;
  });
  const read = (cpuMicros: number): number | undefined => {
    used = cpuMicros;
    return meter.read();
  };
  t.equal(read(5_000), undefined, "nothing is known yet");
  await clock.advance(ms(999));
  t.equal(read(500_000), undefined);
  await clock.advance(ms(1));
  t.equal(read(505_000), 0.25, "half a second of CPU in one of two threads");
  await clock.advance(ms(500));
  t.equal(read(9_000_000), 0.25, "as of the last second");
  await clock.advance(ms(9_500));
  t.equal(read(2_505_000), 0.1);
  await clock.advance(ms(1_000));
  t.equal(read(9_000_000), 1, "a clock that is not the CPU's may say more");
  t.equal(readings, 4, "threads are asked for their time once a second at most");
});
