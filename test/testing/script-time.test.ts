/** The clocks of scripts, and of everybody else. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { ManualClock } from "../../ts/testing/manual-clock.js";
import { inScriptTime, installScriptTime } from "../../ts/testing/script-time.js";

t.test("the real clocks come back when the last test lets go of them", async (t) => {
  const { Date: date } = globalThis;
  const [one, other] = [installScriptTime(), installScriptTime()];
  t.not(globalThis.Date, date);
  one();
  one();
  t.not(globalThis.Date, date, "the other one still needs them");
  other();
  t.equal(globalThis.Date, date);
});

t.test("each script has the clock of its own test; what it starts keeps it", async (t) => {
  const forget = installScriptTime();
  const [one, other] = [new ManualClock(), new ManualClock()];
  const failed = (error: unknown): void => {
    throw error;
  };
  await one.advance(ms(5000));
  const read = async (): Promise<number> => {
    await Promise.resolve();
    return Date.now();
  };
  const [first, second, outside] = await Promise.all([
    inScriptTime({ clock: one, failed }, read),
    inScriptTime({ clock: other, failed }, read),
    read(),
  ]);
  t.same([first, second], [one.epoch(), other.epoch()]);
  t.ok(outside > first);
  t.equal(
    inScriptTime({ clock: one, failed }, () => new Date(0).toISOString()),
    "1970-01-01T00:00:00.000Z",
  );
  forget();
});
