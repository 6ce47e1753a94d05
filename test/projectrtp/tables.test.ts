/** What needs no channel: rows R006 to R011 of the original's surface. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import t from "tap";
import { projectrtp } from "../../ts/projectrtp.js";

t.test("R008: codecx: the values of G.711, and the way back", (t) => {
  const { linear162pcma, pcma2linear16, linear162pcmu, pcmu2linear16 } = projectrtp.codecx;
  // ITU-T G.711 tables: silence, the extremes, and a value in between.
  t.strictSame([0, 8, -8, 32_767, -32_768].map(linear162pcma), [0xd5, 0xd5, 0x55, 0xaa, 0x2a]);
  t.strictSame([0, 32_767, -32_768].map(linear162pcmu), [0xff, 0x80, 0x00]);
  t.strictSame([0xd5, 0x55, 0xaa, 0x2a].map(pcma2linear16), [8, -8, 32_256, -32_256]);
  t.strictSame([0xff, 0x80, 0x00].map(pcmu2linear16), [0, 32_124, -32_124]);
  const codes = Array.from({ length: 256 }, (_, code) => code);
  t.strictSame(
    codes.map((code) => linear162pcma(pcma2linear16(code))),
    codes,
  );
  // Minus zero of µ-law is sent as zero.
  t.strictSame(
    codes.map((code) => linear162pcmu(pcmu2linear16(code))),
    codes.map((code) => (code === 0x7f ? 0xff : code)),
  );
  for (let sample = -32_768; sample <= 32_767; sample += 13) {
    const error = Math.abs(pcma2linear16(linear162pcma(sample)) - sample);
    if (error > Math.max(16, Math.abs(sample) / 16)) t.fail(`A-law of ${sample} is off by ${error}`);
    const other = Math.abs(pcmu2linear16(linear162pcmu(sample)) - sample);
    if (other > Math.max(8, Math.abs(sample) / 16, Math.abs(sample) - 32_124 + 1))
      t.fail(`µ-law of ${sample} is off by ${other}`);
  }
  t.end();
});

t.test("R009: rtpfilter.filterlowfir: what is above the low band goes, the rest stays", (t) => {
  const tone = (hertz: number): Buffer => {
    const samples = Buffer.alloc(2 * 2000);
    for (let index = 0; index < 2000; index += 1) {
      samples.writeInt16BE(Math.round(15_000 * Math.sin((2 * Math.PI * hertz * index) / 16_000)), 2 * index);
    }
    return samples;
  };
  const loudest = (hertz: number): number => {
    const samples = tone(hertz);
    t.equal(projectrtp.rtpfilter.filterlowfir(samples), true);
    let most = 0;
    for (let index = 25; index < 2000; index += 1)
      most = Math.max(most, Math.abs(samples.readInt16BE(2 * index)));
    return most;
  };
  t.ok(loudest(6000) <= 20, "6 kHz");
  t.ok(loudest(7500) <= 20, "7.5 kHz");
  t.ok(loudest(1000) > 14_500, "1 kHz");
  t.end();
});

t.test("R010: rtpbuffer: in order, the water level behind, and started anew where it was empty", (t) => {
  const packet = (sequence: number): { payload: Buffer } => {
    const payload = Buffer.alloc(12);
    payload.writeUInt16BE(sequence & 0xffff, 2);
    return { payload };
  };
  const sequence = (payload: Buffer | undefined): number | undefined => payload?.readUInt16BE(2);
  const { create } = projectrtp.rtpbuffer;
  t.equal(create().size(), 32);
  t.equal(create({ size: 20 }).size(), 20);
  const buffer = create();
  for (const each of [65_534, 0, 65_535, 1]) {
    buffer.push(packet(each));
  }
  for (let held = 0; held < 10; held += 1) t.equal(buffer.pop(), undefined, "the water level");
  t.equal(sequence(buffer.peek()), 65_534);
  t.equal(sequence(buffer.peek()), 65_534, "peeking takes nothing");
  buffer.poppeeked();
  buffer.push(packet(500));
  buffer.push(packet(65_500));
  t.strictSame([buffer.pop(), buffer.pop(), buffer.pop()].map(sequence), [65_535, 0, 1]);
  t.equal(buffer.pop(), undefined);
  buffer.push(packet(7000));
  for (let held = 0; held < 10; held += 1) buffer.pop();
  t.equal(sequence(buffer.pop()), 7000, "an empty one begins where the next packet is");
  t.end();
});

t.test("R006, R007, R123: tone.generate adds to a file, soundfile.info tells of it", (t) => {
  const folder = t.testdir();
  const file = join(folder, "uk.wav");
  t.equal(projectrtp.tone.generate("350+440*0.5:1000", file), true);
  t.equal(readFileSync(file).length, 16_044, "R124: a second");
  t.equal(projectrtp.tone.generate("440/0:375/375", file), true);
  t.equal(readFileSync(file).length, 16_044 + 12_000);
  t.strictSame(projectrtp.soundfile.info(file), {
    audioformat: 1,
    channelcount: 1,
    samplerate: 8000,
    samplealignment: 2,
    byterate: 16_000,
    bitdepth: 16,
    chunksize: 16_036 + 12_000,
    fmtchunksize: 16,
    subchunksize: 28_000,
  });
  t.throws(() => projectrtp.tone.generate("no tone", file), { code: "ARGUMENT_INVALID" });
  const other = join(folder, "other.wav");
  writeFileSync(other, "this is no sound");
  t.throws(() => projectrtp.tone.generate("440:100", other), { code: "ARGUMENT_INVALID" });
  t.throws(() => projectrtp.soundfile.info(join(folder, "none.wav")), { code: "ARGUMENT_INVALID" });
  t.end();
});

t.test("R011, R012: what there is no room for says so", (t) => {
  t.equal(projectrtp.dtls.fingerprint, "");
  for (const name of ["node", "server", "proxy"] as const) {
    t.throws(() => projectrtp[name]["listen"]?.(), { name: "NotSupportedYet", field: name });
  }
  t.end();
});

t.test("it is one, however it is loaded", (t) => {
  const loaded = createRequire(import.meta.url)("../../ts/projectrtp.ts") as { projectrtp: unknown };
  t.equal(typeof (loaded.projectrtp as { run: unknown }).run, "function");
  t.end();
});
