import t from "tap";
import { epochMillis, ms } from "../../ts/core/brand.js";
import { ManualClock } from "./manual-clock.js";

t.test("timers fire in the order of their instants, ties in the order of making", async (t) => {
  const clock = new ManualClock();
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${String(clock.now())}`);
  clock.after(ms(30), note("c"));
  clock.after(ms(10), note("a"));
  clock.after(ms(10), note("b"));
  clock.after(ms(31), note("d"));
  t.equal(clock.pendingTimers, 4);
  await clock.advance(ms(30));
  t.same(fired, ["a@10", "b@10", "c@30"]);
  t.equal(clock.pendingTimers, 1);
  t.equal(clock.now(), 30);
  await clock.runUntil(ms(100));
  t.same(fired, ["a@10", "b@10", "c@30", "d@31"]);
  t.equal(clock.now(), 100);
});

t.test("what a timer starts has happened before the next timer, through any chain of promises", async (t) => {
  const clock = new ManualClock();
  const seen: string[] = [];
  clock.after(ms(5), () => {
    void (async () => {
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      seen.push(`chain@${String(clock.now())}`);
      clock.after(ms(0), () => seen.push(`made in the chain@${String(clock.now())}`));
      clock.after(ms(1), () => seen.push(`one later@${String(clock.now())}`));
    })();
  });
  clock.after(ms(5), () => seen.push(`tie@${String(clock.now())}`));
  clock.after(ms(7), () => seen.push(`last@${String(clock.now())}`));
  await clock.advance(ms(10));
  t.same(seen, ["chain@5", "tie@5", "made in the chain@5", "one later@6", "last@7"]);
});

t.test("a cancelled timer does not fire; cancelling again, or after it fired, is harmless", async (t) => {
  const clock = new ManualClock();
  let count = 0;
  const first = clock.after(ms(1), () => (count += 1));
  const second = clock.after(ms(1), () => (count += 10));
  first.cancel();
  first.cancel();
  await clock.advance(ms(2));
  second.cancel();
  t.equal(count, 10);
  t.equal(clock.pendingTimers, 0);
});

t.test("wall time goes with the clock", async (t) => {
  const clock = new ManualClock(epochMillis(5_000_000));
  await clock.advance(ms(1234));
  t.equal(clock.epoch(), 5_001_234);
});

t.test("runUpTo leaves what is due at that very instant", async (t) => {
  const clock = new ManualClock();
  const fired: number[] = [];
  clock.after(ms(9), () => fired.push(9));
  clock.after(ms(10), () => fired.push(10));
  await clock.runUpTo(ms(10));
  t.same(fired, [9]);
  t.equal(clock.now(), 10);
  await clock.runUntil(ms(10));
  t.same(fired, [9, 10]);
});

t.test("misuse fails: going back, running twice at once, a timer that throws", async (t) => {
  const clock = new ManualClock();
  await clock.advance(ms(10));
  await t.rejects(clock.runUntil(ms(9)), RangeError);
  const run = clock.advance(ms(1));
  await t.rejects(clock.advance(ms(1)), /running already/);
  await run;
  clock.after(ms(1), () => {
    throw new Error("from a timer");
  });
  await t.rejects(clock.advance(ms(1)), /from a timer/);
  await clock.advance(ms(1));
});
