import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { LoadMeter } from "../../ts/rtp/load-meter.js";
import { ManualClock } from "../support/manual-clock.js";

t.test("the share of the threads' time, once a second has gone by", async (t) => {
  const clock = new ManualClock();
  const meter = new LoadMeter(clock, 2);
  t.equal(meter.read(5_000), undefined, "nothing is known yet");
  await clock.advance(ms(999));
  t.equal(meter.read(500_000), undefined);
  await clock.advance(ms(1));
  t.equal(meter.read(505_000), 0.25, "half a second of CPU in one of two threads");
  await clock.advance(ms(500));
  t.equal(meter.read(9_000_000), 0.25, "as of the last second");
  await clock.advance(ms(9_500));
  t.equal(meter.read(2_505_000), 0.1);
  await clock.advance(ms(1_000));
  t.equal(meter.read(9_000_000), 1, "a clock that is not the CPU's may say more");
});
