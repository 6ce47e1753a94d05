/** Tones as WAV files: 16-bit PCM, mono. */
import { open, stat, type FileHandle } from "node:fs/promises";
import { MediaswitchError } from "../core/errors.js";
import type { Addon } from "../rtp/addon.js";
import { blaming } from "../rtp/engine-error.js";
import { parseTone } from "../rtp/tone-grammar.js";

export interface ToneFileOptions {
  /** Samples a second. */
  readonly rate: 8000 | 16_000;
  /** Add to a file that is there; without it, there may be none. */
  readonly append?: boolean;
}

/** What it takes of the addon. */
export type ToneAddon = Pick<Addon, "renderTone" | "soundInfo">;

const HEADER_OCTETS = 44;
const OCTETS_PER_SAMPLE = 2;
/** What a RIFF chunk's size can say. */
const MOST_OCTETS = 2 ** 32 - 1 - HEADER_OCTETS;

/**
 * Writes what a tone's definition describes.
 * @returns seconds of audio in the file now.
 * @throws {MediaswitchError} ARGUMENT_INVALID: the definition is none, the file is there already, or it is one that
 * can't be added to.
 */
export async function writeToneFile(
  addon: ToneAddon,
  definition: string,
  file: string,
  { rate, append = false }: ToneFileOptions,
): Promise<number> {
  const tones = parseTone(definition, "definition");
  const data = littleEndian(blaming(() => addon.renderTone(tones, rate)));
  const before = await octetsIn(file);
  if (before !== undefined && !append) {
    throw invalid(`${file} is there already; --append adds to it`);
  }
  const audioBefore = before === undefined ? 0 : audioOctets(addon, file, before, rate);
  const audio = audioBefore + data.length;
  if (audio > MOST_OCTETS) throw invalid(`${file} would be longer than a WAV file can be`);
  const handle = await opened(file, before === undefined ? "wx" : "r+");
  try {
    // The sizes last: until then, an old file is what it was, and a new one says that it is empty.
    if (before === undefined) await handle.write(header(0, rate), 0, HEADER_OCTETS, 0);
    await handle.write(data, 0, data.length, HEADER_OCTETS + audioBefore);
    await handle.write(header(audio, rate), 0, HEADER_OCTETS, 0);
  } finally {
    await handle.close();
  }
  return audio / OCTETS_PER_SAMPLE / rate;
}

/** Of a file that has our own header; @throws for every other. */
function audioOctets(addon: ToneAddon, file: string, octets: number, rate: number): number {
  const info = blaming(() => addon.soundInfo(file));
  const isSameAudio =
    info.audioformat === 1 && info.channelcount === 1 && info.bitdepth === 16 && info.samplerate === rate;
  if (!isSameAudio) {
    const is = `format ${String(info.audioformat)}, ${String(info.channelcount)} channels, ${String(info.samplerate)} Hz, ${String(info.bitdepth)} bits`;
    throw invalid(`${file} has ${is}: only mono 16-bit PCM of ${String(rate)} Hz can be added to`);
  }
  if (info.fmtchunksize !== 16 || info.subchunksize !== octets - HEADER_OCTETS) {
    throw invalid(`${file} has more in it than a plain header and its audio, and can't be added to`);
  }
  return info.subchunksize;
}

/** RIFF, form WAVE: `fmt ` of PCM, then `data`. */
function header(audio: number, rate: number): Buffer {
  const octets = Buffer.alloc(HEADER_OCTETS);
  octets.write("RIFF", 0, "latin1");
  octets.writeUInt32LE(HEADER_OCTETS - 8 + audio, 4);
  octets.write("WAVEfmt ", 8, "latin1");
  octets.writeUInt32LE(16, 16);
  octets.writeUInt16LE(1, 20);
  octets.writeUInt16LE(1, 22);
  octets.writeUInt32LE(rate, 24);
  octets.writeUInt32LE(rate * OCTETS_PER_SAMPLE, 28);
  octets.writeUInt16LE(OCTETS_PER_SAMPLE, 32);
  octets.writeUInt16LE(8 * OCTETS_PER_SAMPLE, 34);
  octets.write("data", 36, "latin1");
  octets.writeUInt32LE(audio, 40);
  return octets;
}

function littleEndian(samples: Int16Array): Buffer {
  const octets = Buffer.alloc(samples.length * OCTETS_PER_SAMPLE);
  samples.forEach((sample, index) => octets.writeInt16LE(sample, index * OCTETS_PER_SAMPLE));
  return octets;
}

async function octetsIn(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function opened(file: string, flags: "wx" | "r+"): Promise<FileHandle> {
  try {
    return await open(file, flags);
  } catch (error) {
    throw invalid(`${file} can't be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const invalid = (message: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, "file");
