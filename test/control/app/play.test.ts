/** play, stopPlaying and sayDigits: each way it can end. */
import t from "tap";
import { AppBench, aliceEnds, answered, calling, weEnd } from "./app-bench.js";
import { outcome, type Outcome } from "./outcome.js";

const soups = (bench: AppBench): unknown[] => bench.media.commandsOf("play").map(({ soup }) => soup);

t.test("played to its end, and the call is hung up when the handler returns", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await call.play(["hello.wav", { tone: "350+440*0.5:1000" }], { loop: 2 }));
  });
  await bench.flow(t, [...answered, ...weEnd(2000)], [[2000, () => bench.playEnds()]]);
  t.same(seen, [{ ended: "completed" }]);
  t.same(soups(bench), [{ files: [{ wav: "hello.wav" }, { tone: "350+440*0.5:1000" }], loop: 2 }]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("a key ends it where that is wanted", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await call.play("menu.wav", { interrupt: true }));
  });
  await bench.flow(
    t,
    [...answered, ...weEnd(2000)],
    [
      [
        2000,
        async () => {
          await bench.press("5");
          bench.media.channels.get(bench.channelOf())?.endPlay("telephone-event");
        },
      ],
    ],
  );
  t.same(seen, [{ ended: "key", key: "5" }]);
  await bench.endsClean(t);
});

t.test("the media server tells the key after the end of the sound", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await call.play("menu.wav", { interrupt: true }));
    seen.push(await call.play("menu.wav", { interrupt: true }));
  });
  const ends = (): void => bench.media.channels.get(bench.channelOf())?.endPlay("telephone-event");
  await bench.flow(
    t,
    [...answered, ...weEnd(3200)],
    [
      [2000, ends],
      [2002, () => bench.press("5")],
      [3000, ends],
    ],
  );
  t.same(seen, [{ ended: "key", key: "5" }, { ended: "key" }]);
  await bench.endsClean(t);
});

t.test("another play takes its place; stopPlaying ends that one", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    const first = call.play("one.wav");
    const second = call.play("two.wav");
    seen.push(await first);
    await call.sleep(500);
    await call.stopPlaying();
    seen.push(await second);
  });
  await bench.flow(t, [...answered, ...weEnd(510)]);
  t.same(seen, [{ ended: "replaced" }, { ended: "stopped" }]);
  await bench.endsClean(t);
});

t.test("aborting stops it and rejects with ABORTED; before it began, nothing is played", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    const abort = new AbortController();
    call.after(300, () => abort.abort());
    seen.push(await outcome(call.play("long.wav", { signal: abort.signal })));
    seen.push(await outcome(call.play("never.wav", { signal: abort.signal })));
    await call.sleep(100);
  });
  await bench.flow(t, [...answered, ...weEnd(410)]);
  t.match(seen, [{ error: { code: "ABORTED" } }, { error: { code: "ABORTED" } }]);
  t.equal(bench.media.commandsOf("stopplay").length, 1);
  t.equal(soups(bench).length, 1);
  await bench.endsClean(t);
});

t.test("the far end leaves: CallEnded, with side and cause", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.play("long.wav")));
    seen.push(await outcome(call.play("more.wav")));
  });
  await bench.flow(t, [...answered, ...aliceEnds(1000)]);
  t.match(seen, [
    { error: { name: "CallEnded", code: "CALL_ENDED", side: "them", cause: "normal" } },
    { error: { name: "CallEnded", callid: bench.call.id } },
  ]);
  t.equal(soups(bench).length, 1);
  await bench.endsClean(t);
});

t.test("the script hangs up beside it: CallEnded at once, ended by us", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    call.after(500, () => call.hangup());
    seen.push(await outcome(call.play("long.wav")));
  });
  await bench.flow(t, [...answered, ...weEnd(510)]);
  t.match(seen, [{ error: { name: "CallEnded", side: "us", cause: "normal" } }]);
  await bench.endsClean(t);
});

t.test("what can't be played, and when it can't be heard", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push(await outcome(call.play("early.wav")));
    await call.answer();
    seen.push(await outcome(call.play([])));
    seen.push(await outcome(call.play(["a.wav", ""])));
    seen.push(await outcome(call.play([1 as unknown as string])));
    seen.push(await outcome(call.play("a.wav", { signal: 3 as unknown as AbortSignal })));
    bench.media.failNext("play", "MEDIA_FILE_UNKNOWN");
    seen.push(await outcome(call.play("nowhere.wav")));
    seen.push(await outcome(call.play({ files: [{ wav: "there.wav" }] })));
  });
  await bench.flow(t, [...answered, ...weEnd(700)], [[700, () => bench.playEnds()]]);
  t.match(seen, [
    { error: { code: "CALL_STATE" } },
    { error: { code: "ARGUMENT_INVALID", field: "sounds" } },
    { error: { code: "ARGUMENT_INVALID", field: "sounds[1]" } },
    { error: { code: "ARGUMENT_INVALID", field: "sounds[0]" } },
    { error: { code: "ARGUMENT_INVALID", field: "signal" } },
    { error: { code: "MEDIA_FILE_UNKNOWN" } },
    { value: { ended: "completed" } },
  ]);
  await bench.endsClean(t);
});

t.test("early media: heard before the answer", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.early();
    await call.early();
    seen.push(await call.play("closed.wav"));
    await call.hangup("busy");
  });
  await bench.flow(
    t,
    [
      ...calling,
      [0, "switch", "alice", "183 Session Progress", { sdp: (text) => t.match(text, /m=audio/) }],
      [900, "switch", "alice", "486 Busy here"],
      [910, "alice", "switch", "ACK"],
    ],
    [[900, () => bench.playEnds()]],
  );
  t.same(seen, [{ ended: "completed" }]);
  await bench.endsClean(t);
});

t.test("digits are said by their snippets", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call, { app }) => {
    await call.answer();
    seen.push(await outcome(call.sayDigits("12")));
    app.snippets = { 1: "one.wav", 2: { wav: "all.wav", start: 100, stop: 200 } };
    seen.push(await outcome(call.sayDigits("123")));
    seen.push(await outcome(call.sayDigits("")));
    seen.push(await outcome(call.sayDigits("21")));
    seen.push(await outcome(call.sayDigits("*", { snippets: { "*": "star.wav" } })));
  });
  await bench.flow(
    t,
    [...answered, ...weEnd(1600)],
    [
      [800, () => bench.playEnds()],
      [1600, () => bench.playEnds()],
    ],
  );
  t.match(seen, [
    { error: { code: "ARGUMENT_INVALID", field: "snippets" } },
    { error: { code: "ARGUMENT_INVALID", field: "digits[2]" } },
    { error: { code: "ARGUMENT_INVALID", field: "digits" } },
    { value: { ended: "completed" } },
    { value: { ended: "completed" } },
  ]);
  t.same(soups(bench), [
    { files: [{ wav: "all.wav", start: 100, stop: 200 }, { wav: "one.wav" }] },
    { files: [{ wav: "star.wav" }] },
  ]);
  await bench.endsClean(t);
});

t.test("what others play on the channel is not taken for ours", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    await bench.media.execute({
      type: "play",
      uuid: bench.channelOf(),
      soup: { files: [{ wav: "theirs.wav" }] },
    });
    seen.push(await call.play("ours.wav"));
  });
  await bench.flow(t, [...answered, ...weEnd(800)], [[800, () => bench.playEnds()]]);
  t.same(seen, [{ ended: "completed" }]);
  await bench.endsClean(t);
});

t.test("a pause, echo, and none of it where it can't be", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push(await outcome(call.pausePlaying()));
    await call.answer();
    seen.push(await outcome(call.pausePlaying()));
    const playing = call.play("long.wav");
    await call.pausePlaying();
    seen.push(bench.media.channels.get(bench.channelOf())?.playing?.isPaused);
    await call.resumePlaying();
    seen.push(bench.media.channels.get(bench.channelOf())?.playing?.isPaused);
    seen.push(await outcome(playing));
    await call.echo();
    seen.push(bench.media.channels.get(bench.channelOf())?.isEchoing);
    await call.echo({ enabled: false });
    seen.push(bench.media.channels.get(bench.channelOf())?.isEchoing);
  });
  await bench.flow(t, [...answered, ...weEnd(500)], [[500, () => bench.playEnds()]]);
  t.match(seen, [
    { error: { code: "CALL_STATE" } },
    { error: { code: "MEDIA_STATE" } },
    true,
    false,
    { value: { ended: "completed" } },
    true,
    false,
  ]);
  await bench.endsClean(t);
});

t.test("an end that was lost on its way is told by what comes next", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    const first = call.play("one.wav");
    await call.sleep(100);
    const channel = bench.media.channels.get(bench.channelOf());
    // The engine's word that it was replaced does not come.
    if (channel !== undefined) channel.playing = undefined;
    const second = call.play("two.wav");
    seen.push(await first);
    if (channel !== undefined) channel.playing = undefined;
    await bench.media.emit({ type: "mix", uuid: bench.channelOf(), event: "start" });
    seen.push(await second);
  });
  await bench.flow(t, [...answered, ...weEnd(110)]);
  t.same(seen, [{ ended: "replaced" }, { ended: "bridged" }]);
  await bench.endsClean(t);
});

t.test("who talks with somebody is not played to", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    const uuid = bench.channelOf();
    const { uuid: other } = await bench.media.execute({ type: "open" });
    await bench.media.execute({ type: "mix", uuid, other });
    seen.push(await outcome(call.play("one.wav")));
    await bench.media.execute({ type: "close", uuid: other });
  });
  await bench.flow(t, [...answered, ...weEnd(10)]);
  t.match(seen, [{ error: { code: "MEDIA_MIXED" } }]);
  await bench.endsClean(t);
});
