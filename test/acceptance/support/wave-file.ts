import { writeFile } from "node:fs/promises";
import { sine } from "../../rtp/support/tones.js";

const RATE = 8000;

/** A WAV file (16 bit, mono, 8000 Hz) of tones one after the other, each of so many seconds. */
export async function writeTones(
  path: string,
  tones: readonly (readonly [hertz: number, seconds: number])[],
): Promise<void> {
  const samples = tones.flatMap(([hertz, seconds]) => [...sine(hertz, seconds)]);
  const file = Buffer.alloc(44 + 2 * samples.length);
  file.write("RIFF", 0, "latin1");
  file.writeUInt32LE(36 + 2 * samples.length, 4);
  file.write("WAVEfmt ", 8, "latin1");
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(2 * RATE, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36, "latin1");
  file.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, index) => file.writeInt16LE(sample, 44 + 2 * index));
  await writeFile(path, file);
}
