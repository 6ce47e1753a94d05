import { readFileSync, writeFileSync } from "node:fs";

/** Mono 16-bit audio. */
export interface Sound {
  /** Samples a second. */
  readonly samplingRate: number;
  readonly samples: Int16Array;
}

const HEADER_OCTETS = 44;

/** Reads a mono 16-bit PCM WAV. A recorder that was ended early leaves its data length at 0: then all that follows. */
export function readWav(path: string): Sound {
  const octets = readFileSync(path);
  const tag = (at: number): string => octets.toString("latin1", at, at + 4);
  if (octets.length < HEADER_OCTETS || tag(0) !== "RIFF" || tag(8) !== "WAVE")
    throw new Error(`${path}: no WAV`);
  let samplingRate = 0;
  for (let at = 12; at + 8 <= octets.length;) {
    const length = octets.readUInt32LE(at + 4);
    const body = at + 8;
    if (tag(at) === "fmt ") {
      const [format, channels, bits] = [0, 2, 14].map((offset) => octets.readUInt16LE(body + offset));
      if (format !== 1 || channels !== 1 || bits !== 16) throw new Error(`${path}: not mono 16-bit PCM`);
      samplingRate = octets.readUInt32LE(body + 4);
    }
    if (tag(at) === "data") {
      const end = length === 0 ? octets.length : Math.min(octets.length, body + length);
      const samples = new Int16Array((end - body) >> 1);
      samples.forEach((_, index) => (samples[index] = octets.readInt16LE(body + 2 * index)));
      return { samplingRate, samples };
    }
    at = body + length + (length & 1);
  }
  throw new Error(`${path}: no data`);
}

export function writeWav(path: string, { samplingRate, samples }: Sound): void {
  const octets = Buffer.alloc(HEADER_OCTETS + 2 * samples.length);
  octets.write("RIFF", 0, "latin1");
  octets.writeUInt32LE(octets.length - 8, 4);
  octets.write("WAVEfmt ", 8, "latin1");
  octets.writeUInt32LE(16, 16);
  octets.writeUInt16LE(1, 20);
  octets.writeUInt16LE(1, 22);
  octets.writeUInt32LE(samplingRate, 24);
  octets.writeUInt32LE(2 * samplingRate, 28);
  octets.writeUInt16LE(2, 32);
  octets.writeUInt16LE(16, 34);
  octets.write("data", 36, "latin1");
  octets.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, index) => octets.writeInt16LE(sample, HEADER_OCTETS + 2 * index));
  writeFileSync(path, octets);
}
