/** Tones as WAV files, as the original makes them: at once, 8 kHz, added to what is there. */
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { loadAddon } from "../rtp/addon.js";
import { blaming } from "../rtp/engine-error.js";
import { parseTone } from "../rtp/tone-grammar.js";
import { MediaswitchError } from "../core/errors.js";

const RATE = 8000;
const OCTETS_PER_SAMPLE = 2;
const HEADER_OCTETS = 44;

/**
 * @returns true.
 * @throws {MediaswitchError} ARGUMENT_INVALID: the definition is none, or the file is one that can't be added to.
 */
export function generateTone(definition: string, file: string): true {
  const addon = loadAddon();
  const samples = blaming(() => addon.renderTone(parseTone(definition, "definition"), RATE));
  const data = Buffer.alloc(samples.length * OCTETS_PER_SAMPLE);
  samples.forEach((sample, index) => data.writeInt16LE(sample, index * OCTETS_PER_SAMPLE));
  const before = audioIn(file);
  const handle = openSync(file, before === undefined ? "w" : "r+");
  try {
    // The sizes last: until then, an old file is what it was.
    writeSync(handle, data, 0, data.length, HEADER_OCTETS + (before ?? 0));
    writeSync(handle, header((before ?? 0) + data.length), 0, HEADER_OCTETS, 0);
  } finally {
    closeSync(handle);
  }
  return true;
}

/** Octets of audio in a file of ours; undefined where there is no file. */
function audioIn(file: string): number | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.size === 0) return undefined;
  const info = blaming(() => loadAddon().soundInfo(file));
  const { audioformat, channelcount, bitdepth, samplerate, fmtchunksize, subchunksize } = info;
  const isSame = audioformat === 1 && channelcount === 1 && bitdepth === 16 && samplerate === RATE;
  if (isSame && fmtchunksize === 16 && subchunksize === found.size - HEADER_OCTETS) return subchunksize;
  throw new MediaswitchError(
    "ARGUMENT_INVALID",
    `${file} is no plain mono 16-bit WAV file of ${String(RATE)} Hz, and can't be added to`,
    "file",
  );
}

/** RIFF, form WAVE: `fmt ` of PCM, then `data`. */
function header(audio: number): Buffer {
  const octets = Buffer.alloc(HEADER_OCTETS);
  octets.write("RIFF", 0, "latin1");
  octets.writeUInt32LE(HEADER_OCTETS - 8 + audio, 4);
  octets.write("WAVEfmt ", 8, "latin1");
  octets.writeUInt32LE(16, 16);
  octets.writeUInt16LE(1, 20);
  octets.writeUInt16LE(1, 22);
  octets.writeUInt32LE(RATE, 24);
  octets.writeUInt32LE(RATE * OCTETS_PER_SAMPLE, 28);
  octets.writeUInt16LE(OCTETS_PER_SAMPLE, 32);
  octets.writeUInt16LE(8 * OCTETS_PER_SAMPLE, 34);
  octets.write("data", 36, "latin1");
  octets.writeUInt32LE(audio, 40);
  return octets;
}
