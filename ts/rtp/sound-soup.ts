/**
 * What a channel plays and records, as the seed and its users write it: types only. `sound-soup.ts` is the public
 * shape; what the engine gets is `NativePlaylist` and `NativeRecording` (addon.ts).
 */

/** Keys of a file in its several codings; the engine plays the one that costs the channel's codec least. */
export type SoundFileKey = "wav" | "pcma" | "pcmu" | "l168k" | "l1616k" | "ilbc" | "g722";

/** One entry: the same sound in one or more codings, or tones. `loop`: plays in all; `true`: for ever. */
export type SoundEntry = SoundFiles | SoundTone;

export type SoundFiles = Readonly<Partial<Record<SoundFileKey, string>>> & {
  /** Milliseconds from the file's start at which to begin and to end. */
  readonly start?: number;
  readonly stop?: number;
  readonly loop?: boolean | number;
};

export interface SoundTone {
  /** The tone grammar: `350+440*0.5:1000`. */
  readonly tone: string;
  readonly loop?: boolean | number;
}

export interface SoundSoup {
  readonly files: readonly SoundEntry[];
  /** Plays of the whole list in all; `true`: for ever. Default once. */
  readonly loop?: boolean | number;
  /** A key press ends it. Both spellings are taken; the first is the seed's. */
  readonly interupt?: boolean;
  readonly interrupt?: boolean;
}

export interface RecordOptions {
  /** Path of the WAV file, within the root. One recorder per file and channel. */
  readonly file: string;
  /** 2 (default): what came in on the left, what went out on the right. 1: their sum. */
  readonly numchannels?: 1 | 2;
  readonly direction?: "in" | "out" | "both";
  /** Writing starts when the smoothed power of what comes in is above; 0 or absent: at once. */
  readonly startabovepower?: number;
  /** Recording ends when the smoothed power falls below, after it was above once. */
  readonly finishbelowpower?: number;
  /** Packets that power is averaged over, 1–250; default 250. */
  readonly poweraveragepackets?: number;
  /** Milliseconds. */
  readonly minduration?: number;
  readonly maxduration?: number;
  /** `true` pauses a running recorder of the file; `false`, or a call without it, goes on. */
  readonly pause?: boolean;
  /** Ends the recorder of the file: `finished.requested`. */
  readonly finish?: boolean;
}

export interface PlayRecordOptions {
  readonly soup: SoundSoup;
  readonly record: RecordOptions;
  /** Speech above `bargeinpower` ends the prompt. */
  readonly interrupt?: boolean;
  readonly bargeinpower?: number;
  /** 1–250; default 5. */
  readonly bargeinpoweraveragepackets?: number;
  /** Record from the start instead of from the end of the prompt. */
  readonly concurrent?: boolean;
}
