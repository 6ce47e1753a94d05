import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { writeToneFile, type ToneAddon } from "../../ts/cli/tone-file.js";
import { readWav, writeWav } from "../interop/support/wav.js";

/** Renders each cadence as its number, and reads headers as they are written. */
const addon: ToneAddon = {
  renderTone: (tones, rate) =>
    Int16Array.from(
      tones.flatMap(({ millis }, index) => Array<number>((millis * rate) / 1000).fill(index + 1)),
    ),
  soundInfo: (file) => {
    const octets = readFileSync(file);
    return {
      audioformat: octets.readUInt16LE(20),
      channelcount: octets.readUInt16LE(22),
      samplerate: octets.readUInt32LE(24),
      byterate: octets.readUInt32LE(28),
      samplealignment: octets.readUInt16LE(32),
      bitdepth: octets.readUInt16LE(34),
      chunksize: octets.readUInt32LE(4),
      fmtchunksize: octets.readUInt32LE(16),
      subchunksize: octets.readUInt32LE(40),
    };
  },
};

void t.test("R123 R124: a file of its own, with a header of 44 octets", async (t) => {
  const file = join(t.testdir(), "a.wav");
  t.equal(await writeToneFile(addon, "350+440*0.5:1000", file, { rate: 8000 }), 1);
  t.equal(readFileSync(file).length, 44 + 16_000);
  const { samplingRate, samples } = readWav(file);
  t.equal(samplingRate, 8000);
  t.strictSame(samples, new Int16Array(8000).fill(1));
  t.strictSame(addon.soundInfo(file), {
    audioformat: 1,
    channelcount: 1,
    samplerate: 8000,
    byterate: 16_000,
    samplealignment: 2,
    bitdepth: 16,
    chunksize: 36 + 16_000,
    fmtchunksize: 16,
    subchunksize: 16_000,
  });
  const wide = join(t.testdirName, "wide.wav");
  t.equal(await writeToneFile(addon, "400/0:20/30", wide, { rate: 16_000 }), 0.05);
  t.match(readWav(wide), { samplingRate: 16_000, samples: { length: 800 } });
});

void t.test("R123: tones one after the other in one file", async (t) => {
  const file = join(t.testdir(), "a.wav");
  await writeToneFile(addon, "440:10", file, { rate: 8000, append: true });
  t.equal(await writeToneFile(addon, "440/0:10/20", file, { rate: 8000, append: true }), 0.04);
  const { samples } = readWav(file);
  t.equal(samples.length, 320);
  t.strictSame([...new Set(samples.subarray(0, 160))], [1]);
  t.strictSame([...new Set(samples.subarray(160))], [2]);
});

void t.test("a file that is there is neither lost nor spoilt", async (t) => {
  const folder = t.testdir();
  const file = join(folder, "a.wav");
  writeWav(file, { samplingRate: 16_000, samples: new Int16Array(10) });
  const odd = join(folder, "odd.wav");
  writeWav(odd, { samplingRate: 8000, samples: new Int16Array(10) });
  writeFileSync(odd, Buffer.concat([readFileSync(odd), Buffer.from("LIST")]));
  const before = [file, odd].map((path) => readFileSync(path));
  const refused = { code: "ARGUMENT_INVALID", field: "file" };
  await t.rejects(writeToneFile(addon, "440:10", file, { rate: 16_000 }), {
    ...refused,
    message: /--append/,
  });
  await t.rejects(writeToneFile(addon, "440:10", file, { rate: 8000, append: true }), {
    ...refused,
    message: /16000 Hz/,
  });
  await t.rejects(writeToneFile(addon, "440:10", odd, { rate: 8000, append: true }), {
    ...refused,
    message: /more in it/,
  });
  t.strictSame(
    [file, odd].map((path) => readFileSync(path)),
    before,
  );
});

void t.test("what is no tone leaves no file", async (t) => {
  const file = join(t.testdir(), "a.wav");
  await t.rejects(writeToneFile(addon, "440", file, { rate: 8000 }), {
    code: "ARGUMENT_INVALID",
    field: "definition",
  });
  t.throws(() => readFileSync(file), { code: "ENOENT" });
  const nowhere = join(file, "b.wav");
  await t.rejects(writeToneFile(addon, "440:10", nowhere, { rate: 8000 }), {
    code: "ARGUMENT_INVALID",
    message: /can't be written: ENOENT/,
  });
});
