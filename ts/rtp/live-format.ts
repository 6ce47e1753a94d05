/** What scripts may ask of live audio, and what it is called inside. */
import { invalid, oneOf } from "./argument-checks.js";
import type { NativeReader } from "./addon.js";

export type LiveDirection = "in" | "out" | "both";
/** `l16`: 16-bit samples in the machine's octet order; else as in RTP payloads. */
export type LiveFormat = "l16" | "pcma" | "pcmu" | "g722" | "ilbc";

export interface ReadOptions {
  /** `in` (default): what the far end says. `out`: what it hears. `both`: two channels, `in` on the left. */
  readonly direction?: LiveDirection;
  readonly format?: LiveFormat;
  /** Hertz; default 8000, and 16000 for g722. Only l16 has a choice. */
  readonly samplerate?: 8000 | 16_000;
  /** 2 for `both`, else 1: that is all there is. */
  readonly numchannels?: 1 | 2;
}

export interface WriteOptions {
  /** Only l16. */
  readonly format?: "l16";
  /** Hertz; default 8000. */
  readonly samplerate?: 8000 | 16_000;
  /** Only 1. */
  readonly numchannels?: 1;
}

export interface LiveShape {
  readonly format: LiveFormat;
  readonly samplerate: number;
  readonly numchannels: 1 | 2;
  readonly direction: LiveDirection;
}

/** A reader's shape, what the engine calls it, and the octets of 20 ms. */
export interface ReaderShape {
  readonly shape: LiveShape;
  readonly native: NativeReader;
  readonly frameOctets: number;
}

type Coding = readonly [native: NativeReader["format"], frameOctets: number];

const CODINGS: Readonly<Record<LiveFormat, Readonly<Partial<Record<8000 | 16_000, Coding>>>>> = {
  l16: { 8000: ["L16/8000", 320], 16_000: ["L16/16000", 640] },
  pcma: { 8000: ["PCMA", 160] },
  pcmu: { 8000: ["PCMU", 160] },
  g722: { 16_000: ["G722", 160] },
  ilbc: { 8000: ["iLBC/20", 38] },
};

const FORMATS = ["l16", "pcma", "pcmu", "g722", "ilbc"] as const satisfies LiveFormat[];

/** @throws {MediaswitchError} ARGUMENT_INVALID, with the option's name. */
export function readerShape(options: ReadOptions): ReaderShape {
  const direction = oneOf(["in", "out", "both"], options.direction ?? "in", "direction");
  const format = oneOf(FORMATS, options.format ?? "l16", "format");
  const rate = options.samplerate ?? (format === "g722" ? 16_000 : 8000);
  const coding = CODINGS[format][rate];
  if (coding === undefined) {
    throw invalid(`expected ${Object.keys(CODINGS[format]).join(" or ")} for ${format}`, "samplerate");
  }
  const numchannels = direction === "both" ? 2 : 1;
  if (direction === "both" && format !== "l16") throw invalid("expected l16 for both directions", "format");
  if ((options.numchannels ?? numchannels) !== numchannels) {
    throw invalid(`expected ${String(numchannels)} for direction ${direction}`, "numchannels");
  }
  const [native, frameOctets] = coding;
  return {
    shape: { direction, format, samplerate: rate, numchannels },
    native: { direction, format: native },
    frameOctets: frameOctets * numchannels,
  };
}

/** @throws {MediaswitchError} ARGUMENT_INVALID, with the option's name. */
export function writerShape(options: WriteOptions): LiveShape {
  oneOf(["l16"], options.format ?? "l16", "format");
  oneOf([1], options.numchannels ?? 1, "numchannels");
  const samplerate = oneOf([8000, 16_000], options.samplerate ?? 8000, "samplerate");
  return { format: "l16", samplerate, numchannels: 1, direction: "out" };
}
