import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { readSoundFile } from "../../ts/phone/sound-file.js";

function wav(
  channels: number,
  samples: readonly number[],
  { format = 1, bits = 16, extra = "" } = {},
): Buffer {
  const fmt = Buffer.alloc(24);
  fmt.write("fmt ", 0, "latin1");
  fmt.writeUInt32LE(16, 4);
  fmt.writeUInt16LE(format, 8);
  fmt.writeUInt16LE(channels, 10);
  fmt.writeUInt32LE(8000, 12);
  fmt.writeUInt16LE(bits, 22);
  const data = Buffer.alloc(8 + 2 * samples.length);
  data.write("data", 0, "latin1");
  data.writeUInt32LE(2 * samples.length, 4);
  samples.forEach((sample, index) => data.writeInt16LE(sample, 8 + 2 * index));
  const body = Buffer.concat([Buffer.from("WAVE"), fmt, Buffer.from(extra, "latin1"), data]);
  const head = Buffer.alloc(8);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

t.test("samples by channel, other chunks passed over", async (t) => {
  const folder = t.testdir();
  const file = join(folder, "a.wav");
  writeFileSync(file, wav(2, [1, -1, 2, -2, 32_767, -32_768], { extra: "LIST\x03\x00\x00\x00abc\x00" }));
  t.same(await readSoundFile(file), {
    samplingRate: 8000,
    channels: [Int16Array.of(1, 2, 32_767), Int16Array.of(-1, -2, -32_768)],
  });
});

t.test("what is no such file is named", async (t) => {
  const folder = t.testdir();
  const cases: [octets: Buffer, message: RegExp][] = [
    [Buffer.from("no sound"), /is no WAV file/],
    [wav(1, [1], { format: 6, bits: 8 }), /is not coded as 16-bit PCM/],
    [wav(1, []).subarray(0, 36), /has no audio in it/],
  ];
  for (const [octets, message] of cases) {
    const file = join(folder, "b.wav");
    writeFileSync(file, octets);
    await t.rejects(readSoundFile(file), { code: "ARGUMENT_INVALID", field: "file", message });
  }
});
