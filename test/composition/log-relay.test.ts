import t from "tap";
import { relayLog } from "../../ts/composition/log-relay.js";
import { ms } from "../../ts/core/brand.js";
import { LogTail } from "../../ts/core/log-tail.js";
import { silentLog } from "../../ts/core/log.js";
import { ManualClock } from "../support/manual-clock.js";

t.test("lines go over in bundles, what was there first too, a hundred at most", async (t) => {
  const clock = new ManualClock();
  const tail = new LogTail({ log: silentLog, clock, part: "sip" });
  const sent: string[][] = [];
  tail.info({}, "before");
  const end = relayLog(tail, clock, (lines) => {
    sent.push(lines.map(({ text }) => text));
    return Promise.reject(new Error("it is ending"));
  });
  tail.warn({}, "after");
  await clock.advance(ms(250));
  t.same(sent, [["before", "after"]]);
  for (let n = 0; n < 150; n += 1) tail.info({}, String(n));
  await clock.advance(ms(250));
  t.equal(sent[1]?.length, 100);
  t.equal(sent[1]?.at(-1), "149");
  t.equal(clock.pendingTimers, 0, "without lines nothing is due");
  end();
  tail.info({}, "late");
  t.equal(clock.pendingTimers, 0);
});
