import t from "tap";
import { planPrompt, planRecording } from "../../ts/rtp/recording-plan.js";
import type { PlayRecordOptions, RecordOptions } from "../../ts/rtp/sound-soup.js";

t.test("R101 R102 R106: what is taken for granted", (t) => {
  t.strictSame(planRecording({ file: "a.wav" }), {
    kind: "record",
    file: "a.wav",
    settings: {
      channels: 2,
      direction: "both",
      startAbovePower: 0,
      finishBelowPower: 0,
      averagePackets: 250,
      minMillis: 0,
      maxMillis: 0,
    },
  });
  t.end();
});

t.test("everything that can be said", (t) => {
  t.strictSame(
    planRecording({
      file: "a.wav",
      numchannels: 1,
      direction: "in",
      startabovepower: 250,
      finishbelowpower: 200.5,
      poweraveragepackets: 50,
      minduration: 2000,
      maxduration: 15_000,
    }),
    {
      kind: "record",
      file: "a.wav",
      settings: {
        channels: 1,
        direction: "in",
        startAbovePower: 250,
        finishBelowPower: 200.5,
        averagePackets: 50,
        minMillis: 2000,
        maxMillis: 15_000,
      },
    },
  );
  t.end();
});

t.test("R110 R111 X35: pause, go on, finish", (t) => {
  t.strictSame(planRecording({ file: "a", pause: true }), { kind: "pause", file: "a" });
  t.match(planRecording({ file: "a", pause: false }), { kind: "record" });
  t.strictSame(planRecording({ file: "a", finish: true }), { kind: "finish", file: "a" });
  t.strictSame(planRecording({ file: "a", finish: true, pause: true }), { kind: "finish", file: "a" });
  t.match(planRecording({ file: "a", finish: false }), { kind: "record" });
  t.end();
});

t.test("R113 R114: a prompt before it", (t) => {
  const soup = { files: [{ wav: "prompt.wav" }] };
  t.match(planPrompt({ soup, record: { file: "a.wav", direction: "in" } }), {
    sound: { plays: 1, entries: [{ field: "options.soup.files[0]" }] },
    file: "a.wav",
    settings: { direction: "in" },
    bargeIn: { interrupt: false, bargeInPower: 0, bargeInAveragePackets: 5, concurrent: false },
  });
  t.match(
    planPrompt({
      soup,
      record: { file: "a.wav" },
      interrupt: true,
      bargeinpower: 300,
      bargeinpoweraveragepackets: 250,
      concurrent: true,
    }).bargeIn,
    { interrupt: true, bargeInPower: 300, bargeInAveragePackets: 250, concurrent: true },
  );
  t.end();
});

t.test("what is wrong is blamed by its path", (t) => {
  const records: readonly [field: string, options: unknown][] = [
    ["options.file", undefined],
    ["options.file", {}],
    ["options.file", { file: "" }],
    ["options.file", { file: "../a.wav" }],
    ["options.numchannels", { file: "a", numchannels: 3 }],
    ["options.direction", { file: "a", direction: "left" }],
    ["options.startabovepower", { file: "a", startabovepower: -1 }],
    ["options.finishbelowpower", { file: "a", finishbelowpower: 32_768 }],
    ["options.poweraveragepackets", { file: "a", poweraveragepackets: 0 }],
    ["options.poweraveragepackets", { file: "a", poweraveragepackets: 251 }],
    ["options.minduration", { file: "a", minduration: -1 }],
    ["options.maxduration", { file: "a", maxduration: Number.POSITIVE_INFINITY }],
    ["options.maxduration", { file: "a", minduration: 2, maxduration: 1 }],
    ["options.pause", { file: "a", pause: "yes" }],
    ["options.finish", { file: "a", finish: 1 }],
  ];
  for (const [field, options] of records) {
    t.throws(() => planRecording(options as RecordOptions), { code: "ARGUMENT_INVALID", field }, field);
  }
  const good: PlayRecordOptions = { soup: { files: [{ wav: "a" }] }, record: { file: "b" } };
  const prompts: readonly [field: string, options: unknown][] = [
    ["options.soup.files", { ...good, soup: {} }],
    ["options.record.file", { ...good, record: {} }],
    ["options.record", { ...good, record: { file: "b", pause: true } }],
    ["options.record", { ...good, record: { file: "b", finish: true } }],
    ["options.bargeinpower", { ...good, interrupt: true }],
    ["options.bargeinpower", { ...good, bargeinpower: -1 }],
    ["options.bargeinpoweraveragepackets", { ...good, bargeinpoweraveragepackets: 251 }],
    ["options.concurrent", { ...good, concurrent: 1 }],
  ];
  for (const [field, options] of prompts) {
    t.throws(() => planPrompt(options as PlayRecordOptions), { code: "ARGUMENT_INVALID", field }, field);
  }
  t.end();
});
