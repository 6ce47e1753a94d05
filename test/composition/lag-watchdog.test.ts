import t from "tap";
import { ms, seconds } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { BEAT_EVERY, LagWatchdog } from "../../ts/composition/lag-watchdog.js";
import { ManualClock } from "../support/manual-clock.js";

interface Line {
  readonly level: "warn" | "info";
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function watched() {
  const clock = new ManualClock();
  const pulse = { beats: 0, callid: undefined as string | undefined };
  const lines: Line[] = [];
  let isBlocked = false;
  const beat = (): void => {
    if (!isBlocked) pulse.beats += 1;
    clock.after(BEAT_EVERY, beat);
  };
  beat();
  const log = {
    ...silentLog,
    warn: (fields: Line["fields"], text: string) => void lines.push({ level: "warn", text, fields }),
    info: (fields: Line["fields"], text: string) => void lines.push({ level: "info", text, fields }),
  };
  const watchdog = new LagWatchdog({ pulse, clock, log });
  const blocks = async (millis: number, callid?: string): Promise<void> => {
    isBlocked = true;
    pulse.callid = callid;
    await clock.advance(ms(millis));
    isBlocked = false;
    pulse.callid = undefined;
  };
  return { clock, lines, watchdog, blocks };
}

t.test("a thread that turns is not reported, nor one that is busy for a moment", async (t) => {
  const { clock, lines, watchdog, blocks } = watched();
  await clock.advance(seconds(60));
  await blocks(350, "a");
  await clock.advance(seconds(1));
  t.same(lines, []);
  t.same(watchdog.counts, { blocks: 0, longestMillis: 0 });
});

t.test("a block is reported once, with its call and how long it was", async (t) => {
  const { clock, lines, watchdog, blocks } = watched();
  await clock.advance(seconds(1));
  await blocks(2_000, "call-a");
  await clock.advance(seconds(10));
  t.match(lines, [
    {
      level: "warn",
      fields: { callid: "call-a" },
      text: /^the script has blocked its thread, in a callback/,
    },
  ]);
  t.equal(lines.length, 1);
  const lasted = Number(lines[0]?.fields["blockedMillis"]);
  t.ok(lasted >= 1_900 && lasted <= 2_200, `${lasted} ms`);
  await blocks(800);
  await clock.advance(seconds(1));
  t.match(lines.slice(1), [{ level: "warn", text: /outside of any call's events/ }]);
  t.notOk("callid" in (lines[1]?.fields ?? {}));
  t.equal(watchdog.counts.blocks, 2);
  t.ok(watchdog.counts.longestMillis >= 1_900);
});

t.test("one that never ends is reported after five seconds, and its end is told", async (t) => {
  const { clock, lines, blocks } = watched();
  await clock.advance(seconds(1));
  await blocks(60_000, "call-a");
  t.match(lines, [
    { level: "warn", fields: { callid: "call-a" }, text: /blocks its thread, and still does/ },
  ]);
  await clock.advance(seconds(1));
  t.match(lines.slice(1), [
    { level: "info", fields: { callid: "call-a" }, text: /blocks its thread no more/ },
  ]);
  t.equal(lines.length, 2);
});

t.test("stopped, it looks no more", async (t) => {
  const { clock, lines, watchdog, blocks } = watched();
  watchdog.stop();
  await blocks(10_000);
  t.same(lines, []);
  t.equal(clock.pendingTimers, 1, "the beat's own");
});
