/** gather: every reason it can end for, barge-in, and what makes no sense. */
import t from "tap";
import type { GatherOptions } from "../../../ts/control/app/verb-options.js";
import { AppBench, aliceEnds, answered, weEnd } from "./app-bench.js";

interface Scene {
  readonly options: GatherOptions;
  /** From when on which keys are pressed, one every 100 ms. */
  readonly keys?: readonly [at: number, keys: string];
  /** When the prompt ends by itself. */
  readonly promptEnds?: number;
  /** When the handler returns. */
  readonly until: number;
  readonly result: object;
}

const scenes: Readonly<Record<string, Scene>> = {
  "enough keys": {
    options: { count: 3 },
    keys: [1000, "1234"],
    until: 1200,
    result: { digits: "123", ended: "count" },
  },
  "the terminator": {
    options: {},
    keys: [1000, "12#"],
    until: 1200,
    result: { digits: "12", ended: "terminator", terminator: "#" },
  },
  "one of several terminators": {
    options: { terminator: "*#" },
    keys: [1000, "*"],
    until: 1000,
    result: { digits: "", ended: "terminator", terminator: "*" },
  },
  "without a terminator, # is a digit": {
    options: { terminator: "", count: 2 },
    keys: [1000, "#1"],
    until: 1100,
    result: { digits: "#1", ended: "count" },
  },
  "the pattern, even one that remembers": {
    options: { pattern: /^(0|[1-9]\d)$/g },
    keys: [1000, "42"],
    until: 1100,
    result: { digits: "42", ended: "pattern" },
  },
  "nobody presses a key": {
    options: { timeouts: { first: 2000 } },
    until: 2010,
    result: { digits: "", ended: "first" },
  },
  "no further key": {
    options: { timeouts: { between: 1500 } },
    keys: [1000, "12"],
    until: 2600,
    result: { digits: "12", ended: "between" },
  },
  "the whole took too long": {
    options: { timeouts: { whole: 1150 } },
    keys: [1000, "123456"],
    until: 1160,
    result: { digits: "12", ended: "whole" },
  },
  "the first time-out begins when the prompt ends": {
    options: { prompt: "menu.wav", timeouts: { first: 1000 } },
    promptEnds: 3000,
    until: 4000,
    result: { digits: "", ended: "first" },
  },
  "a key ends the prompt": {
    options: { prompt: "menu.wav", count: 1 },
    keys: [500, "7"],
    until: 500,
    result: { digits: "7", ended: "count" },
  },
  "without barge-in, keys count from the end of the prompt": {
    options: { prompt: "menu.wav", bargein: false, count: 2 },
    keys: [800, "12345"],
    promptEnds: 1050,
    until: 1200,
    result: { digits: "45", ended: "count" },
  },
};

for (const [name, { options, keys, promptEnds, until, result }] of Object.entries(scenes)) {
  t.test(name, async (t) => {
    const seen: unknown[] = [];
    const bench = await AppBench.started(async (call) => {
      await call.answer();
      seen.push(await call.gather(options));
    });
    await bench.flow(
      t,
      [...answered, ...weEnd(until)],
      [
        ...(keys === undefined ? [] : bench.keys(...keys)),
        ...(promptEnds === undefined ? [] : [[promptEnds, () => bench.playEnds()] as const]),
      ],
    );
    t.same(seen, [result]);
    t.same(bench.errors, []);
    await bench.endsClean(t);
  });
}

t.test("a key of the prompt is not counted twice, and the prompt is stopped", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await call.gather({ prompt: ["a.wav", "b.wav"], count: 2 }));
  });
  await bench.flow(t, [...answered, ...weEnd(600)], bench.keys(500, "12"));
  t.same(seen, [{ digits: "12", ended: "count" }]);
  t.same(bench.media.commandsOf("play")[0]?.soup, {
    files: [{ wav: "a.wav" }, { wav: "b.wav" }],
    interrupt: true,
  });
  t.equal(bench.media.commandsOf("stopplay").length, 1);
  await bench.endsClean(t);
});

t.test("aborted, ended, and what makes no sense", async (t) => {
  const errors: unknown[] = [];
  const fails = async (promise: Promise<unknown>): Promise<void> => {
    await promise.catch((error: unknown) => errors.push(error));
  };
  const bench = await AppBench.started(async (call) => {
    await fails(call.gather({ prompt: "menu.wav" }));
    await call.answer();
    await fails(call.gather({ count: 0 }));
    await fails(call.gather({ count: 33 }));
    await fails(call.gather({ terminator: "x" }));
    await fails(call.gather({ pattern: "12" as unknown as RegExp }));
    await fails(call.gather({ timeouts: { first: -1 } }));
    await fails(call.gather({ timeouts: { between: Number.NaN } }));
    await fails(call.gather({ timeouts: { whole: "5s" as unknown as number } }));
    bench.media.failNext("play", "MEDIA_FILE_UNKNOWN");
    await fails(call.gather({ prompt: "nowhere.wav" }));
    const abort = new AbortController();
    call.after(500, () => abort.abort());
    await fails(call.gather({ prompt: "menu.wav", signal: abort.signal }));
    await fails(call.gather({ prompt: "menu.wav" }));
  });
  await bench.flow(t, [...answered, ...aliceEnds(2000)]);
  t.match(errors, [
    { code: "CALL_STATE" },
    { field: "count" },
    { field: "count" },
    { field: "terminator" },
    { field: "pattern" },
    { field: "timeouts.first" },
    { field: "timeouts.between" },
    { field: "timeouts.whole" },
    { code: "MEDIA_FILE_UNKNOWN" },
    { code: "ABORTED" },
    { name: "CallEnded", side: "them" },
  ]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("keys typed ahead count where they are asked for, once; else they are forgotten", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    await call.play("welcome.wav");
    seen.push(await call.gather({ prompt: "menu.wav", typeahead: true, count: 2 }));
    await call.play("thanks.wav");
    seen.push(await call.gather({ prompt: "account.wav", typeahead: true, count: 3 }));
    await call.play("wait.wav");
    seen.push(await call.gather({ timeouts: { first: 100 } }));
    seen.push(await call.gather({ typeahead: true, timeouts: { first: 100 } }));
    await call.play("end.wav");
    seen.push(await call.gather({ prompt: "again.wav", typeahead: true }));
  });
  const ends = [1000, 2000, 3000, 4000].map((at) => [at, () => bench.playEnds()] as const);
  await bench.flow(
    t,
    [...answered, ...weEnd(4000)],
    [
      ...bench.keys(500, "42"),
      ...bench.keys(1500, "7"),
      ...bench.keys(2200, "89"),
      ...bench.keys(2500, "1"),
      ...bench.keys(3700, "1#"),
      ...ends,
    ],
  );
  t.same(seen, [
    { digits: "42", ended: "count" },
    { digits: "789", ended: "count" },
    { digits: "", ended: "first" },
    { digits: "", ended: "first" },
    { digits: "1", ended: "terminator", terminator: "#" },
  ]);
  const played = bench.media.commandsOf("play").map(({ soup }) => JSON.stringify(soup.files));
  t.notOk(/menu|account|again/.test(played.join()), "who has begun to type hears no prompt");
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("of what is typed ahead the last keys are kept", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    await call.play("welcome.wav");
    seen.push(await call.gather({ typeahead: true, terminator: "" }));
  });
  await bench.flow(
    t,
    [...answered, ...weEnd(5000)],
    [...bench.keys(100, `99${"12345678".repeat(4)}`), [5000, () => bench.playEnds()]],
  );
  t.same(seen, [{ digits: "12345678".repeat(4), ended: "count" }]);
  await bench.endsClean(t);
});
