/** Our codecs against libavcodec's, on speech made here and on recordings of a person that Debian carries. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import t from "tap";
import {
  buildCodecTool,
  codecTool,
  contourLikeness,
  FORMATS,
  levelOf,
  libavcodec,
  likenessOf,
  readPcm,
  signalToNoise,
  writePcm,
  type Format,
} from "./support/codec-tool.js";
import { temporaryFolder } from "./support/folder.js";
import { makeSpeech } from "./support/speech.js";

/** Debian's asterisk-core-sounds-en-g722: G.722 at 64 kbit/s, payload after payload. */
const RECORDINGS = "/usr/share/asterisk/sounds/en_US_f_Allison";
const RECORDED = ["demo-congrats", "tt-weasels", "vm-intro", "digits/5", "hello-world"]
  .map((name) => join(RECORDINGS, `${name}.g722`))
  .filter((path) => existsSync(path));
const NO_RECORDINGS = RECORDED.length === 0 && "asterisk-core-sounds-en-g722 is not installed";

const folder = temporaryFolder(t);
const inFolder = (name: string): string => join(folder, name);

/** Raw PCM of a WAV at another rate. */
function rawPcm(wav: string, samplingRate: number): string {
  const path = inFolder(`${basename(wav, ".wav")}-${String(samplingRate)}.raw`);
  execFileSync("sox", ["-D", wav, "-r", String(samplingRate), "-t", "raw", "-e", "signed", "-b", "16", path]);
  return path;
}

buildCodecTool();
const speech = makeSpeech(folder, "alice");
// espeak-ng's own rate is 22050 Hz.
const wide = rawPcm(inFolder("alice-original.wav"), 16_000);
const narrow = rawPcm(speech.path, 8000);

await t.test("G.722 of ours is decoded by libavcodec to the same samples as by ourselves", (t) => {
  codecTool("encode", "G722", wide, inFolder("ours.g722"));
  codecTool("decode", "G722", inFolder("ours.g722"), inFolder("ours.raw"));
  libavcodec(["-f", "g722"], inFolder("ours.g722"), inFolder("theirs.raw"));
  const [ours, theirs] = [readPcm(inFolder("ours.raw")), readPcm(inFolder("theirs.raw"))];
  t.equal(ours.length, theirs.length);
  t.equal(signalToNoise(ours, theirs), Infinity, "bit for bit");
  // 22 samples: the two filters of the codec.
  const kept = signalToNoise(readPcm(wide), ours, 22);
  t.comment(`G.722: ${kept.toFixed(1)} dB against what was said`);
  t.ok(kept > 15);
  t.end();
});

await t.test("G.722 of libavcodec is decoded by us to the same samples as by itself", (t) => {
  execFileSync("ffmpeg", [
    ...["-v", "error", "-nostdin", "-y", "-f", "s16le", "-ar", "16000", "-ac", "1", "-i", wide],
    ...["-c:a", "g722", "-f", "g722", inFolder("lav.g722")],
  ]);
  codecTool("decode", "G722", inFolder("lav.g722"), inFolder("lav-ours.raw"));
  libavcodec(["-f", "g722"], inFolder("lav.g722"), inFolder("lav-theirs.raw"));
  t.equal(signalToNoise(readPcm(inFolder("lav-ours.raw")), readPcm(inFolder("lav-theirs.raw"))), Infinity);
  t.end();
});

await t.test("recordings in G.722 are decoded by both to the same samples", { skip: NO_RECORDINGS }, (t) => {
  for (const path of RECORDED) {
    codecTool("decode", "G722", path, inFolder("ours.raw"));
    libavcodec(["-f", "g722"], path, inFolder("theirs.raw"));
    const [ours, theirs] = [readPcm(inFolder("ours.raw")), readPcm(inFolder("theirs.raw"))];
    t.equal(ours.length, 2 * readFileSync(path).length);
    t.equal(signalToNoise(ours, theirs), Infinity, basename(path));
  }
  t.end();
});

await t.test("iLBC of ours is understood by libavcodec", (t) => {
  // libavcodec leaves out the enhancer (RFC 3951 §4.6), which delays by 40 samples, or 80; so the two differ by what
  // that one changes.
  for (const [mode, delay] of [
    [20, 40],
    [30, 80],
  ] as const) {
    const format: Format = `iLBC/${mode}`;
    codecTool("encode", format, narrow, inFolder("frames"));
    codecTool("decode", format, inFolder("frames"), inFolder("ours.raw"));
    // RFC 3952 §5: a file begins with the mode, in letters.
    const frames = readFileSync(inFolder("frames"));
    writeFileSync(inFolder("ours.lbc"), Buffer.concat([Buffer.from(`#!iLBC${String(mode)}\n`), frames]));
    libavcodec(["-f", "ilbc"], inFolder("ours.lbc"), inFolder("theirs.raw"));
    const [ours, theirs] = [readPcm(inFolder("ours.raw")), readPcm(inFolder("theirs.raw"))];
    t.equal(ours.length, theirs.length);
    const difference = signalToNoise(theirs, ours, delay);
    t.comment(`${format}: libavcodec's audio is ${difference.toFixed(1)} dB above its difference from ours`);
    t.ok(difference > 6, format);
    t.ok(likenessOf(readPcm(narrow), theirs, 0, 10) > 0.7, "and it is what was said");
  }
  t.end();
});

interface Toll {
  /** How much of speech a format keeps, as a correlation coefficient. iLBC's filters turn phases. */
  readonly kept: number;
  /** In samples of 16 kHz: G.722's filters, iLBC's enhancer. */
  readonly delay: number;
}
const TOLLS: Readonly<Record<Format, Toll>> = {
  PCMU: { kept: 0.997, delay: 0 },
  PCMA: { kept: 0.997, delay: 0 },
  G722: { kept: 0.99, delay: 22 },
  "iLBC/20": { kept: 0.68, delay: 80 },
  "iLBC/30": { kept: 0.68, delay: 160 },
  "L16/8000": { kept: 0.9999, delay: 0 },
  "L16/16000": { kept: 0.9999, delay: 0 },
};
const SLACK = 4;
const isWide = (format: Format): boolean => format === "G722" || format === "L16/16000";

await t.test("a recording goes through every pair of formats", { skip: NO_RECORDINGS }, (t) => {
  codecTool("decode", "G722", RECORDED[0] ?? "", inFolder("all.raw"));
  const second = 16_000;
  writePcm(inFolder("said.raw"), readPcm(inFolder("all.raw")).subarray(second, 3 * second));
  const heardThrough = (first: Format, last: Format): Int16Array => {
    codecTool("pair", first, last, inFolder("said.raw"), inFolder("heard.raw"));
    return readPcm(inFolder("heard.raw"));
  };
  for (const first of FORMATS) {
    for (const last of FORMATS) {
      // What resampling alone makes of it.
      const linear = (format: Format): Format => (isWide(format) ? "L16/16000" : "L16/8000");
      const expected = heardThrough(linear(first), linear(last));
      const heard = heardThrough(first, last);
      const delay = TOLLS[first].delay + TOLLS[last].delay;
      const contour = contourLikeness(expected, heard, delay);
      t.ok(contour > 0.97, `${first} to ${last}: contour ${contour.toFixed(3)}`);
      // Twice through iLBC nothing is left of the phases.
      if (!(first.startsWith("iLBC") && last.startsWith("iLBC"))) {
        const likeness = likenessOf(expected, heard, delay, SLACK);
        t.ok(likeness > TOLLS[first].kept * TOLLS[last].kept, `${first} to ${last}: ${likeness.toFixed(3)}`);
      }
      const louder = 20 * Math.log10(levelOf(heard) / levelOf(expected));
      t.ok(Math.abs(louder) < 1.5, `${first} to ${last}: ${louder.toFixed(2)} dB louder`);
    }
  }
  t.end();
});

await t.test("no keys are heard in a minute of speech, and all sixteen where they are", (t) => {
  const { path: bob } = makeSpeech(folder, "bob");
  execFileSync("sox", ["-D", speech.path, bob, inFolder("both.wav"), "repeat", "1"]);
  t.equal(codecTool("keys", rawPcm(inFolder("both.wav"), 8000)), "");
  for (const path of RECORDED) {
    codecTool("decode", "G722", path, inFolder("said.raw"));
    execFileSync("sox", [
      ...["-t", "raw", "-r", "16000", "-e", "signed", "-b", "16", "-c", "1", inFolder("said.raw")],
      inFolder("said.wav"),
    ]);
    t.equal(codecTool("keys", rawPcm(inFolder("said.wav"), 8000)), "", basename(path));
  }

  const rows = [697, 770, 852, 941];
  const columns = [1209, 1336, 1477, 1633];
  const sox = ["-D", "-n", "-r", "8000", "-c", "1", "-b", "16"];
  const parts = rows.flatMap((row) =>
    columns.map((column) => {
      const part = inFolder(`${String(row)}-${String(column)}.wav`);
      const tones = ["synth", "0.06", "sine", String(row), "synth", "0.06", "sine", "mix", String(column)];
      execFileSync("sox", [...sox, part, ...tones, "gain", "-12", "pad", "0", "0.05"]);
      return part;
    }),
  );
  execFileSync("sox", ["-D", ...parts, inFolder("keys.wav")]);
  t.equal(codecTool("keys", rawPcm(inFolder("keys.wav"), 8000)), "123A456B789C*0#D");
  t.end();
});
