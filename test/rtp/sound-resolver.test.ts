import { realpathSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import type { AudioFormat } from "../../ts/rtp/media-service.js";
import { planSoup } from "../../ts/rtp/sound-plan.js";
import { SoundResolver } from "../../ts/rtp/sound-resolver.js";
import type { SoundFiles, SoundSoup } from "../../ts/rtp/sound-soup.js";

const every = {
  wav: "s.wav",
  pcma: "s.pcma",
  pcmu: "s.pcmu",
  l168k: "s.l168k",
  l1616k: "s.l1616k",
  ilbc: "s.ilbc",
  g722: "s.g722",
} as const satisfies SoundFiles;

const folderOf = (t: Tap, names: readonly string[]): string =>
  realpathSync(t.testdir(Object.fromEntries(names.map((name) => [name, ""]))));
type Tap = Pick<typeof t, "testdir">;

t.test("R084: the coding that costs a channel least, of those that are there", async (t) => {
  const rows: readonly [AudioFormat, string][] = [
    ["PCMU", "pcmu pcma l168k l1616k ilbc g722 wav"],
    ["PCMA", "pcma pcmu l168k l1616k ilbc g722 wav"],
    ["G722", "g722 l1616k l168k pcma pcmu ilbc wav"],
    ["iLBC/20", "ilbc l168k pcma pcmu l1616k g722 wav"],
    ["iLBC/30", "ilbc l168k pcma pcmu l1616k g722 wav"],
    ["L16/8000", "l168k pcma pcmu l1616k ilbc g722 wav"],
    ["L16/16000", "l1616k g722 l168k pcma pcmu ilbc wav"],
  ];
  const codings: Readonly<Record<string, string>> = {
    wav: "wav",
    pcma: "PCMA",
    pcmu: "PCMU",
    l168k: "L16/8000",
    l1616k: "L16/16000",
    ilbc: "iLBC/20",
    g722: "G722",
  };
  for (const [format, preference] of rows) {
    const keys = preference.split(" ");
    for (let there = keys.length; there > 0; there--) {
      const left = keys.slice(keys.length - there);
      const folder = folderOf(
        t,
        left.map((key) => `s.${key}`),
      );
      const { entries } = await new SoundResolver(folder).resolve(planSoup({ files: [every] }), format);
      const [best = ""] = left;
      t.strictSame(
        entries,
        [{ file: join(folder, `s.${best}`), coding: codings[best], startMillis: 0, plays: 1 }],
        `${format} of ${left.join(" ")}`,
      );
    }
  }
});

t.test("R085: what is missing is left out; nothing left is an error", async (t) => {
  const folder = folderOf(t, ["a.wav", "c.wav"]);
  const resolver = new SoundResolver(folder);
  const soup: SoundSoup = {
    files: [{ wav: "a.wav", start: 10, stop: 20, loop: 2 }, { wav: "b.wav" }, { wav: "c.wav" }],
    loop: true,
    interupt: true,
  };
  t.strictSame(await resolver.resolve(planSoup(soup), "PCMU"), {
    entries: [
      { file: join(folder, "a.wav"), coding: "wav", startMillis: 10, stopMillis: 20, plays: 2 },
      { file: join(folder, "c.wav"), coding: "wav", startMillis: 0, plays: 1 },
    ],
    plays: 0,
    interruptible: true,
  });
  await t.rejects(resolver.resolve(planSoup({ files: [{ wav: "b.wav" }, { g722: "d.g722" }] }), "PCMU"), {
    code: "MEDIA_FILE_UNKNOWN",
    message: /b\.wav, d\.g722/,
  });
});

t.test("tones are always there", async (t) => {
  const plan = planSoup({ files: [{ wav: "b.wav" }, { tone: "400:100/200", loop: 2 }] });
  t.match(await new SoundResolver(folderOf(t, [])).resolve(plan, "PCMU"), {
    entries: [{ tone: [{ millis: 100 }, { millis: 200 }], plays: 2 }],
  });
});

t.test("a name that leads out is refused, and not just left out", async (t) => {
  const resolver = new SoundResolver(folderOf(t, ["a.wav"]));
  const soup = { files: [{ wav: "a.wav" }, { pcmu: "/etc/passwd" }] };
  await t.rejects(resolver.resolve(planSoup(soup), "PCMU"), {
    code: "ARGUMENT_INVALID",
    field: "soup.files[1].pcmu",
  });
});
