import { EventEmitter, once } from "node:events";
import t from "tap";
import { ms, seconds } from "../../ts/core/brand.js";
import { SystemClock } from "../../ts/core/system-clock.js";

t.test("a timer fires once and is counted until then", async (t) => {
  const clock = new SystemClock();
  const fired = new EventEmitter();
  const before = clock.now();
  clock.after(ms(5), () => fired.emit("fired"));
  t.equal(clock.pendingTimers, 1);
  await once(fired, "fired");
  t.equal(clock.pendingTimers, 0);
  t.ok(clock.now() - before >= 5, "not before its time");
});

t.test("a cancelled timer is counted no more, however often it is cancelled", (t) => {
  const clock = new SystemClock();
  const timer = clock.after(seconds(60), () => t.fail("was cancelled"));
  timer.cancel();
  timer.cancel();
  t.equal(clock.pendingTimers, 0);
  t.end();
});

t.test("a delay beyond 2^31 ms does not fire at once, as Node's own timers do", async (t) => {
  const clock = new SystemClock();
  const fired = new EventEmitter();
  const far = clock.after(ms(2 ** 31 + 1000), () => t.fail("fired at once"));
  clock.after(ms(20), () => fired.emit("later"));
  await once(fired, "later");
  t.equal(clock.pendingTimers, 1);
  far.cancel();
  t.equal(clock.pendingTimers, 0);
});
