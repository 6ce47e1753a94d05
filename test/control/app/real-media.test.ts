/** The modern face through real SIP and media on loopback: what telephones hear, and what scripts hear of them. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { App } from "../../../ts/control/app/app.js";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import type { GatherResult, RecordingResult } from "../../../ts/control/app/verb-options.js";
import { directory, Exchange } from "../../acceptance/support/exchange.js";

/** 1000 calls. @returns its call, once it is answered. */
async function opened(t: Test, oncall: (call: ActiveCall) => unknown, sounds?: string): Promise<Exchange> {
  return Exchange.open(
    t,
    (control) => {
      directory(control);
      new App({ control }).oncall(oncall);
    },
    sounds === undefined ? {} : { sounds },
  );
}

t.test("dial and bridge: both hear each other, and the end of one is told", async (t) => {
  const ends: string[] = [];
  const exchange = await opened(t, async (call) => {
    const dialled = await call.dial(call.to);
    if (dialled.outcome !== "answered") return call.hangup(dialled.cause);
    ends.push((await call.bridge(dialled.call)).ended);
  });
  const [caller, callee] = [await exchange.phone("1000"), await exchange.phone("1001")];
  const call = await caller.call("1001");
  const rung = await callee.rung();
  rung.ring();
  await call.gets(180);
  rung.answer();
  await call.answered();
  await Promise.all([call.voice.hears(500), rung.voice.hears(400)]);
  await rung.hangup();
  await call.ended();
  t.same(ends, ["other"]);
  await exchange.endsClean(t);
});

t.test("a tone is played until a key ends it; keys are gathered; the last words are recorded", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "mediaswitch-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  let gathered: GatherResult | undefined;
  let finished: Promise<RecordingResult> | undefined;
  const exchange = await opened(
    t,
    async (call) => {
      await call.answer();
      await call.play({ tone: "900*0.5:60000" }, { interrupt: true });
      gathered = await call.gather({ prompt: { tone: "700*0.5:60000" }, count: 2 });
      const recording = await call.record({ file: "last-words.wav" });
      finished = recording.finished;
      await call.play({ tone: "800*0.5:60000" });
    },
    folder,
  );
  const caller = await exchange.phone("1000");
  const call = await caller.call("800");
  await call.answered();
  await call.voice.hears(900);
  call.voice.press("1");
  await call.voice.hears(700);
  call.voice.press("4");
  call.voice.press("2");
  await call.voice.hears(800);
  await call.hangup();
  t.same(gathered, { digits: "42", ended: "count" });
  const { ended, size = 0 } = (await finished) ?? {};
  t.equal(ended, "callended");
  t.ok(size > 44, "audio was recorded");
  t.equal(statSync(join(folder, "last-words.wav")).size, size);
  await exchange.endsClean(t);
});

t.test("live audio: what a script hears it says back", async (t) => {
  const exchange = await opened(t, async (call) => {
    await call.answer();
    const audio = call.audio({ samplerate: 8000 });
    const voice = audio.output();
    for await (const chunk of audio.input) voice.write(chunk);
  });
  const caller = await exchange.phone("1000");
  const call = await caller.call("800");
  await call.answered();
  await call.voice.hears(400);
  await call.hangup();
  await exchange.endsClean(t);
});

t.test("hold by us: the telephone hears music and is told; taken back, it is heard again", async (t) => {
  const agreed: boolean[] = [];
  let takeBack: () => void = () => undefined;
  const wanted = new Promise<void>((resolve) => {
    takeBack = resolve;
  });
  const exchange = await opened(t, async (call) => {
    await call.answer();
    agreed.push((await call.hold({ music: { tone: "900*0.5:1000", loop: true } })).agreed);
    await wanted;
    agreed.push((await call.unhold()).agreed);
    await call.gather({ prompt: { tone: "700*0.5:60000" }, count: 1 });
    await call.play({ tone: "800*0.5:60000" });
  });
  const caller = await exchange.phone("1000");
  const call = await caller.call("800");
  await call.answered();
  await call.voice.hears(900);
  takeBack();
  await call.voice.hears(700);
  call.voice.press("5");
  await call.voice.hears(800);
  await call.hangup();
  t.same(agreed, [true, true]);
  await exchange.endsClean(t);
});
