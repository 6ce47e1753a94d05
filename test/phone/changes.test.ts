import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { Changes } from "../../ts/phone/changes.js";
import { ManualClock } from "../support/manual-clock.js";

t.test("looks at once and at every change, and leaves nothing behind", async (t) => {
  const clock = new ManualClock();
  const changes = new Changes(clock);
  let value: string | undefined = "there";
  t.equal(await changes.until(() => value, "it"), "there");
  value = undefined;
  let looks = 0;
  const waiting = changes.until(() => {
    looks += 1;
    return value;
  }, "it");
  changes.happened();
  value = "late";
  changes.happened();
  t.equal(await waiting, "late");
  changes.happened();
  t.equal(looks, 3, "once it was found nobody looks");
  t.equal(clock.pendingTimers, 0);
});

t.test("ends by time, by the signal, and by what the look throws", async (t) => {
  const clock = new ManualClock();
  const changes = new Changes(clock);
  const never = (): undefined => undefined;
  const late = t.rejects(changes.until(never, "a call", { within: 1500 }), {
    code: "NO_ANSWER",
    message: "waited 1.5 s for a call, and it did not come",
  });

  await clock.advance(ms(1500));
  await late;

  const stop = new AbortController();
  const stopped = changes.until(never, "a call", { signal: stop.signal });
  stop.abort();
  await t.rejects(stopped, { code: "ABORTED" });
  await t.rejects(
    changes.until(() => "there", "a call", { signal: stop.signal }),
    { code: "ABORTED" },
  );

  let hasEnded = false;
  const thrown = changes.until(() => {
    if (hasEnded) throw new Error("the call has ended");
    return undefined;
  }, "a key");
  hasEnded = true;
  changes.happened();
  await t.rejects(thrown, { message: "the call has ended" });
  const ever = changes.until(never, "a call", {
    within: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
  });
  void ever;
  t.equal(clock.pendingTimers, 0, "no timer is left, nor needed for ever");
});
