/** Virtual time goes on while somebody waits, and only then. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { ManualClock } from "../../ts/testing/manual-clock.js";
import { Stage } from "../../ts/testing/stage.js";

function stage() {
  const clock = new ManualClock();
  const told: string[] = [];
  return {
    clock,
    told,
    stage: new Stage({
      clock,
      within: (act) => act(),
      happened: () => {
        told.push(`${clock.now()}`);
      },
    }),
  };
}

t.test("it stops at the moment at which it is so, or at the last one", async (t) => {
  const { clock, stage: time } = stage();
  let fired = 0;
  for (const at of [10, 20, 30]) clock.after(ms(at), () => (fired += 1));
  t.equal(await time.until(() => fired === 2, ms(1000)), true);
  t.equal(clock.now(), 20);
  t.equal(await time.until(() => fired === 4, ms(100)), false);
  t.equal(clock.now(), 120);
  t.equal(await time.until(() => fired === 3, ms(0)), true, "what is so already takes no time");
  t.equal(clock.now(), 120);
});

t.test("several wait at once, each for its own", async (t) => {
  const { clock, stage: time } = stage();
  const seen: string[] = [];
  const wait = async (name: string, at: number) => {
    await time.until(() => clock.now() >= at, ms(at));
    seen.push(`${name} ${clock.now()}`);
  };
  await Promise.all([wait("late", 50), wait("early", 10), wait("now", 0)]);
  t.same(seen, ["now 0", "early 10", "late 50"]);
});

t.test("a condition that throws fails its own wait, and no other", async (t) => {
  const { clock, stage: time } = stage();
  const other = time.until(() => false, ms(10));
  await t.rejects(
    time.until(() => {
      throw new Error("a mistake of the test");
    }, ms(10)),
    /a mistake of the test/,
  );
  t.equal(await other, false);
  t.equal(clock.now(), 10);
});

t.test("what a timer makes is due in its turn", async (t) => {
  const { clock, stage: time, told } = stage();
  clock.after(ms(5), () => {
    clock.after(ms(1), () => undefined);
  });
  clock.after(ms(10), () => undefined);
  await time.until(() => false, ms(20));
  t.same(told, ["0", "5", "6", "10", "20"]);
});
