import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const tool = `${root}build/native-test/test/native/mediaswitch_codec_tool`;

export type Format = (typeof FORMATS)[number];
export const FORMATS = ["PCMU", "PCMA", "G722", "iLBC/20", "iLBC/30", "L16/8000", "L16/16000"] as const;

/** Our codecs at a command line, under the sanitizers; built if the native tests were not. */
export function buildCodecTool(): void {
  const quiet: ExecFileSyncOptions = { cwd: root, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("cmake", ["--preset", "asan-ubsan"], quiet);
  execFileSync("cmake", ["--build", "--preset", "asan-ubsan", "--target", "mediaswitch_codec_tool"], quiet);
}

export const codecTool = (...words: readonly string[]): string =>
  execFileSync(tool, words, { encoding: "utf8" }).trim();

/** libavcodec: `input` holds what it has to know of the input, before its path. To raw 16-bit PCM. */
export function libavcodec(input: readonly string[], from: string, to: string): void {
  execFileSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...input, "-i", from, "-f", "s16le", to]);
}

export function readPcm(path: string): Int16Array {
  if (endianness() !== "LE") throw new Error("raw PCM is read as this machine stores it: little-endian");
  const octets = readFileSync(path);
  return new Int16Array(octets.buffer.slice(octets.byteOffset, octets.byteOffset + (octets.length & ~1)));
}

export function writePcm(path: string, pcm: Int16Array): void {
  writeFileSync(path, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
}

/** dB; Infinity when they are the same. `heard` is `delay` samples later. */
export function signalToNoise(original: Int16Array, heard: Int16Array, delay = 0): number {
  let [signal, noise] = [0, 0];
  for (let n = 0; n < original.length && n + delay < heard.length; n += 1) {
    const sample = original[n] ?? 0;
    signal += sample ** 2;
    noise += (sample - (heard[n + delay] ?? 0)) ** 2;
  }
  return 10 * Math.log10(signal / noise);
}

/** Root mean square. */
export const levelOf = (pcm: Int16Array): number =>
  Math.sqrt(pcm.reduce((sum, sample) => sum + sample ** 2, 0) / pcm.length);

/** The largest correlation coefficient where `heard` is `delay` samples later, or up to `slack` more or less. */
export function likenessOf(original: Int16Array, heard: Int16Array, delay: number, slack: number): number {
  const at = (shift: number): number => {
    let [product, one, other] = [0, 0, 0];
    for (let n = Math.max(0, -shift); n < original.length && n + shift < heard.length; n += 1) {
      const a = original[n] ?? 0;
      const b = heard[n + shift] ?? 0;
      product += a * b;
      one += a * a;
      other += b * b;
    }
    return product / Math.sqrt(one * other);
  };
  let best = 0;
  for (let shift = delay - slack; shift <= delay + slack; shift += 1) best = Math.max(best, at(shift));
  return best;
}

/** Levels of pieces of 20 ms at 16 kHz. */
function contour(pcm: Int16Array): number[] {
  const piece = 320;
  return Array.from({ length: Math.floor(pcm.length / piece) }, (_, n) =>
    levelOf(pcm.subarray(n * piece, (n + 1) * piece)),
  );
}

/** Do both get louder and softer together? 1: always. Phases do not matter to it. */
export function contourLikeness(original: Int16Array, heard: Int16Array, delay: number): number {
  const [one, other] = [contour(original), contour(heard.subarray(delay))];
  const length = Math.min(one.length, other.length);
  const mean = (values: readonly number[]): number =>
    values.slice(0, length).reduce((sum, value) => sum + value, 0) / length;
  const [oneMean, otherMean] = [mean(one), mean(other)];
  let [both, ones, others] = [0, 0, 0];
  for (let n = 0; n < length; n += 1) {
    const a = (one[n] ?? 0) - oneMean;
    const b = (other[n] ?? 0) - otherMean;
    both += a * b;
    ones += a * a;
    others += b * b;
  }
  return both / Math.sqrt(ones * others);
}
