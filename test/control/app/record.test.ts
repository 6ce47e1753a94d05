/** record: begun, paused, ended in each way, and what is refused. */
import t from "tap";
import type { RecordEndReason } from "../../../ts/rtp/media-service.js";
import type { Recording, RecordOptions } from "../../../ts/control/app/verb-options.js";
import { AppBench, aliceEnds, answered, weEnd } from "./app-bench.js";
import { outcome, type Outcome } from "./outcome.js";

const commands = (bench: AppBench): unknown[] =>
  bench.media.commandsOf("record").map(({ options }) => options);

t.test("begun, paused, gone on with, stopped", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    const recording = await call.record({ file: "a.wav", numchannels: 1, maxduration: 60_000 });
    await recording.pause();
    await recording.resume();
    seen.push(await recording.stop(), await recording.finished, await recording.stop());
  });
  await bench.flow(t, [...answered, ...weEnd(10)]);
  const result = { file: "a.wav", ended: "stopped", size: 44, duration: 0 };
  t.same(seen, [result, result, result]);
  t.same(commands(bench).slice(0, 4), [
    { file: "a.wav", numchannels: 1, maxduration: 60_000 },
    { file: "a.wav", pause: true },
    { file: "a.wav" },
    { file: "a.wav", finish: true },
  ]);
  await bench.endsClean(t);
});

const ENDS: readonly (readonly [RecordEndReason, string])[] = [
  ["belowpower", "silence"],
  ["timeout", "timeout"],
  ["disk-full", "disk-full"],
  ["write-failed", "write-failed"],
];

for (const [reason, ended] of ENDS) {
  t.test(`the media server ends it: ${reason}`, async (t) => {
    const seen: unknown[] = [];
    const bench = await AppBench.started(async (call) => {
      await call.answer();
      seen.push(await (await call.record({ file: "a.wav" })).finished);
    });
    await bench.flow(
      t,
      [...answered, ...weEnd(3000)],
      [[3000, () => bench.media.channels.get(bench.channelOf())?.endRecord("a.wav", reason)]],
    );
    t.match(seen, [{ file: "a.wav", ended }]);
    await bench.endsClean(t);
  });
}

t.test("another of the same file takes its place; one of another file is its own", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    const first = await call.record({ file: "a.wav" });
    const other = await call.record({ file: "b.wav" });
    const second = await call.record({ file: "a.wav" });
    seen.push(await first.finished);
    seen.push(await second.stop());
    seen.push(await other.stop());
  });
  await bench.flow(t, [...answered, ...weEnd(10)]);
  t.match(seen, [
    { file: "a.wav", ended: "replaced" },
    { file: "a.wav", ended: "stopped" },
    { file: "b.wav", ended: "stopped" },
  ]);
  await bench.endsClean(t);
});

t.test("the call ends: the recording tells it, and can't be paused any more", async (t) => {
  let recording: Recording | undefined;
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    recording = await call.record({ file: "a.wav" });
    await call.sleep(10_000);
  });
  await bench.flow(t, [...answered, ...aliceEnds(1000)]);
  t.match(await recording?.finished, { ended: "callended", size: 44, duration: 0 });
  t.match(await outcome(recording?.pause() ?? Promise.resolve()), { error: { name: "CallEnded" } });
  await bench.endsClean(t);
});

t.test("aborting ends it; what is refused", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push(await outcome(call.record({ file: "early.wav" })));
    await call.answer();
    seen.push(await outcome(call.record({} as RecordOptions)));
    seen.push(await outcome(call.record({ file: "a.wav", numchannels: 3 as never })));
    const abort = new AbortController();
    const recording = await call.record({ file: "a.wav", signal: abort.signal });
    call.after(500, () => abort.abort());
    seen.push(await outcome(recording.finished));
    seen.push(await outcome(call.record({ file: "a.wav", signal: abort.signal })));
  });
  await bench.flow(t, [...answered, ...weEnd(510)]);
  t.match(seen, [
    { error: { code: "CALL_STATE" } },
    { error: { field: "file" } },
    { error: { code: "ARGUMENT_INVALID" } },
    { value: { ended: "stopped" } },
    { error: { code: "ABORTED" } },
  ]);
  await bench.endsClean(t);
});
