import t from "tap";
import { planSoup } from "../../ts/rtp/sound-plan.js";
import type { SoundSoup } from "../../ts/rtp/sound-soup.js";

t.test("R080: files, tones, and what is taken for granted", (t) => {
  const plan = planSoup({
    files: [
      { wav: "a.wav" },
      { pcmu: "b.pcmu", g722: "b.g722", start: 40, stop: 4200, loop: 3 },
      { tone: "350+440*0.5:1000", loop: true },
    ],
  });
  t.equal(plan.plays, 1);
  t.equal(plan.interruptible, false);
  t.match(plan.entries, [
    { field: "soup.files[0]", startMillis: 0, plays: 1 },
    { field: "soup.files[1]", startMillis: 40, stopMillis: 4200, plays: 3 },
    { plays: 0, tone: [{ millis: 1000 }] },
  ]);
  const [first, second] = plan.entries;
  t.notOk(first === undefined || "stopMillis" in first, "to the end");
  t.strictSame(second !== undefined && "files" in second ? [...second.files] : [], [
    ["pcmu", "b.pcmu"],
    ["g722", "b.g722"],
  ]);
  t.end();
});

t.test("X28 R082 R083: loop counts plays in all, on the list and on a file", (t) => {
  for (const [loop, plays] of [
    [undefined, 1],
    [false, 1],
    [0, 1],
    [1, 1],
    [2, 2],
    [true, 0],
  ] as const) {
    const how = loop === undefined ? {} : { loop };
    const plan = planSoup({ files: [{ wav: "a.wav", ...how }], ...how });
    t.equal(plan.plays, plays, String(loop));
    t.match(plan.entries, [{ plays }], String(loop));
  }
  t.end();
});

t.test("X29: either spelling of interrupt", (t) => {
  const files = [{ wav: "a.wav" }];
  t.equal(planSoup({ files, interupt: true }).interruptible, true);
  t.equal(planSoup({ files, interrupt: true }).interruptible, true);
  t.equal(planSoup({ files, interupt: false, interrupt: false }).interruptible, false);
  t.end();
});

t.test("what is wrong is blamed by its path", (t) => {
  const rows: readonly [field: string, soup: unknown][] = [
    ["soup.files", null],
    ["soup.files", "a.wav"],
    ["soup.files", {}],
    ["soup.files", { files: [] }],
    ["soup.files", { files: { wav: "a.wav" } }],
    ["soup.files", { files: Array(1001).fill({ wav: "a.wav" }) }],
    ["soup.files[1]", { files: [{ wav: "a.wav" }, "b.wav"] }],
    ["soup.files[0]", { files: [{ mp3: "a.mp3" }] }],
    ["soup.files[0].pcma", { files: [{ pcma: 8 }] }],
    ["soup.files[0].wav", { files: [{ wav: "" }] }],
    ["soup.files[0].wav", { files: [{ wav: "a\0.wav" }] }],
    ["soup.files[0].wav", { files: [{ wav: "sounds/../../etc/passwd" }] }],
    ["soup.files[0].wav", { files: [{ wav: "..\\a.wav" }] }],
    ["soup.files[0].wav", { files: [{ wav: "https://sounds.example/a.wav" }] }],
    ["soup.files[0].start", { files: [{ wav: "a.wav", start: -1 }] }],
    ["soup.files[0].start", { files: [{ wav: "a.wav", start: Number.NaN }] }],
    ["soup.files[0].stop", { files: [{ wav: "a.wav", stop: "1000" }] }],
    ["soup.files[0].stop", { files: [{ wav: "a.wav", start: 1000, stop: 1000 }] }],
    ["soup.files[0].loop", { files: [{ wav: "a.wav", loop: "true" }] }],
    ["soup.loop", { files: [{ wav: "a.wav" }], loop: 1.5 }],
    ["soup.loop", { files: [{ wav: "a.wav" }], loop: -2 }],
    ["soup.interupt", { files: [{ wav: "a.wav" }], interupt: 1 }],
    ["soup.interrupt", { files: [{ wav: "a.wav" }], interupt: true, interrupt: "yes" }],
    ["soup.files[0].tone", { files: [{ tone: 440 }] }],
    ["soup.files[0].tone", { files: [{ tone: "440" }] }],
  ];
  for (const [field, soup] of rows) {
    t.throws(
      () => planSoup(soup as SoundSoup),
      { code: "ARGUMENT_INVALID", field },
      `${field}: ${JSON.stringify(soup).slice(0, 80)}`,
    );
  }
  t.throws(() => planSoup({ files: [] }, "options.soup"), {
    code: "ARGUMENT_INVALID",
    field: "options.soup.files",
  });
  t.end();
});
