import { readFile } from "node:fs/promises";
import { MediaswitchError } from "../core/errors.js";

/** 16-bit samples of a WAV file, by channel; of a stereo recording of a call, what came in first. */
export interface SoundFile {
  /** Samples a second. */
  readonly samplingRate: number;
  readonly channels: readonly Int16Array[];
}

const PCM = 1;
const SAMPLE_OCTETS = 2;

/** Reads a WAV file of 16-bit PCM into memory. @throws {MediaswitchError} ARGUMENT_INVALID where it is none. */
export async function readSoundFile(path: string): Promise<SoundFile> {
  const octets = await readFile(path);
  const tag = (at: number): string => octets.toString("latin1", at, at + 4);
  if (octets.length < 12 || tag(0) !== "RIFF" || tag(8) !== "WAVE") throw unreadable(path, "is no WAV file");
  let format: { readonly channels: number; readonly samplingRate: number } | undefined;
  for (let at = 12; at + 8 <= octets.length;) {
    const length = octets.readUInt32LE(at + 4);
    const body = at + 8;
    if (tag(at) === "fmt " && body + 16 <= octets.length) {
      const isPcm = octets.readUInt16LE(body) === PCM && octets.readUInt16LE(body + 14) === 8 * SAMPLE_OCTETS;
      if (!isPcm) throw unreadable(path, "is not coded as 16-bit PCM");
      format = { channels: octets.readUInt16LE(body + 2), samplingRate: octets.readUInt32LE(body + 4) };
    }
    if (tag(at) === "data" && format !== undefined) {
      const { channels, samplingRate } = format;
      const data = octets.subarray(body, body + length);
      return { samplingRate, channels: deinterleave(data, channels) };
    }
    at = body + length + (length & 1);
  }
  throw unreadable(path, "has no audio in it");
}

function deinterleave(data: Buffer, channels: number): Int16Array[] {
  const frames = Math.floor(data.length / (SAMPLE_OCTETS * channels));
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: frames }, (_, frame) =>
      data.readInt16LE(SAMPLE_OCTETS * (frame * channels + channel)),
    ),
  );
}

const unreadable = (path: string, why: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", `${path} ${why}`, "file");
