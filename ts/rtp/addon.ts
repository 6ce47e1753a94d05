import { loadNativeAddon } from "../core/native-addon.js";
import { EventReader, type NativeLayout } from "./event-reader.js";
import type { AudioFormat, RemoteMedia } from "./media-service.js";
import type { NativeEvent } from "./native-event.js";

export type { NativeChannelEvent, NativeEvent, NativeReply, NativeStreamEvent } from "./native-event.js";

/** The native addon, its events as objects. */
export interface Addon {
  readonly MediaEngine: new (
    options: NativeOptions,
    onEvents: (events: readonly NativeEvent[]) => void,
  ) => NativeEngine;
  /** Samples of the cadences one after the other at `samplingRate`, 8000 or 16000. */
  readonly renderTone: (tones: readonly NativeTone[], samplingRate: number) => Int16Array;
  /** Reads a WAV file's header; waits for the disk. ARGUMENT_INVALID with field `file` where it is none. */
  readonly soundInfo: (file: string) => SoundInfo;
}

/** What a WAV header says; the names are the original's. */
export interface SoundInfo {
  readonly audioformat: number;
  readonly channelcount: number;
  readonly samplerate: number;
  readonly samplealignment: number;
  readonly byterate: number;
  readonly bitdepth: number;
  readonly chunksize: number;
  readonly fmtchunksize: number;
  readonly subchunksize: number;
}

export interface NativeOptions {
  /** Numeric address all media sockets are bound to. */
  readonly bind: string;
  /** Both included. */
  readonly ports: { readonly low: number; readonly high: number };
  /** Media threads, 1–256. */
  readonly shards: number;
  /** 32 random octets. */
  readonly seed: Uint8Array;
}

/**
 * The engine by channel numbers. It keeps Node's event loop alive until `stop`. Methods throw errors with a
 * `code` of the error table and, where an argument is to blame, its `field`. Those that take a ticket are
 * answered by a `reply` event.
 */
export interface NativeEngine {
  open(remote: RemoteMedia | undefined): { channel: number; port: number };
  /** Channels that are open, and how many more could be. Costs next to nothing. */
  room(): { channels: number; available: number };
  target(channel: number, remote: RemoteMedia, ticket: number): void;
  /** Outcome `conflict`: each is in a group with others. */
  mix(channel: number, other: number, ticket: number): void;
  unmix(channel: number, ticket: number): void;
  direction(channel: number, send: boolean, recv: boolean, ticket: number): void;
  whisper(channel: number, to: number | undefined, ticket: number): void;
  dtmf(channel: number, digits: NativeDigits, ticket: number): void;
  detect(channel: number, inband: boolean, ticket: number): void;
  echo(channel: number, enabled: boolean, ticket: number): void;
  /** Outcome `conflict`: the channel is in a group. */
  play(channel: number, playlist: NativePlaylist, ticket: number): void;
  stopPlay(channel: number, ticket: number): void;
  pausePlay(channel: number, ticket: number): void;
  resumePlay(channel: number, ticket: number): void;
  /** Starts a recorder of that file, or goes on with a paused one. */
  record(channel: number, recording: NativeRecording, ticket: number): void;
  pauseRecord(channel: number, file: string, ticket: number): void;
  finishRecord(channel: number, file: string, ticket: number): void;
  playRecord(channel: number, prompt: NativePrompt, ticket: number): void;
  /** `requested` or `lease-expired`. The channel's `closed` event comes before the reply. */
  close(channel: number, reason: "requested" | "lease-expired", ticket: number): void;
  /** The reply brings statistics. */
  ask(channel: number, ticket: number): void;
  /** A reader's number. A `readable` event tells that frames wait; `ended` that none will come any more. */
  openReader(channel: number, options: NativeReader): number;
  /** All that waits, at most about a second, as 20 ms chunks of `frameOctets` (iLBC/30: 60 ms); undefined: nothing. */
  read(reader: number): Uint8Array | undefined;
  closeReader(reader: number): void;
  /** A writer's number: L16 in the machine's octet order at `samplingRate`, mono. It takes the place of what is played. */
  openWriter(channel: number, samplingRate: number): number;
  /** Samples taken, from the front: fewer when it is full; a `writable` event tells when there is room again. */
  write(writer: number, samples: Int16Array): number;
  /** Plays out what was taken, then `play` `end` `completed`. */
  endWriter(writer: number): void;
  /** Gives up what was not played yet. */
  closeWriter(writer: number): void;
  /** Asks the system. */
  health(): NativeHealth;
  /** Ends every thread before it returns the last events. */
  stop(): NativeEvent[];
}

export interface NativeDigits {
  readonly digits: string;
  readonly durationMillis: number;
  readonly pauseMillis: number;
  readonly volume: number;
}

export interface NativePlaylist {
  readonly entries: readonly NativeEntry[];
  /** Plays in all; 0: for ever. */
  readonly plays: number;
  readonly interruptible: boolean;
}

export type NativeEntry =
  | {
      /** A path that is known to be within the root. */
      readonly file: string;
      /** How the file is coded where it has no WAV header. */
      readonly coding: "wav" | AudioFormat;
      readonly startMillis: number;
      /** Absent: to its end. */
      readonly stopMillis?: number;
      readonly plays: number;
    }
  | { readonly tone: readonly NativeTone[]; readonly plays: number };

/** One cadence: all its waves sound together; none is silence. */
export interface NativeTone {
  readonly millis: number;
  readonly waves: readonly {
    /** Hertz at its start and end. */
    readonly from: number;
    readonly to: number;
  }[];
  /** Of full scale, at its start and end. */
  readonly amplitudeFrom: number;
  readonly amplitudeTo: number;
}

export interface NativeRecording {
  readonly file: string;
  readonly channels: 1 | 2;
  readonly direction: "in" | "out" | "both";
  readonly startAbovePower: number;
  readonly finishBelowPower: number;
  readonly averagePackets: number;
  readonly minMillis: number;
  /** 0: no limit. */
  readonly maxMillis: number;
}

export interface NativePrompt {
  readonly playlist: NativePlaylist;
  readonly recording: NativeRecording;
  readonly interrupt: boolean;
  readonly bargeInPower: number;
  readonly bargeInAveragePackets: number;
  readonly concurrent: boolean;
}

export interface NativeReader {
  readonly direction: "in" | "out" | "both";
  /** `both` has two channels, what came in on the left; wire formats are for one channel only. */
  readonly format: AudioFormat;
}

export interface NativeHealth {
  readonly channels: number;
  readonly available: number;
  readonly sockets: number;
  readonly eventsLost: number;
  /** Channels moved between media threads so far. */
  readonly moves: number;
  /** CPU that the media threads have used, in microseconds; what channels cost. */
  readonly cpuMicros: number;
}

/** What the native addon exports (native/binding/addon.cpp). */
export interface NumericAddon extends Omit<Addon, "MediaEngine"> {
  readonly MediaEngine: new (options: NativeOptions, onNumbers: TakeNumbers) => NumericEngine;
  readonly layout: NativeLayout;
}

/** `length` of the numbers count; they are written over afterwards. */
type TakeNumbers = (numbers: Float64Array, length: number, texts: readonly string[] | undefined) => void;

/** Tells by numbers what would be dear as objects: two of them as one, the second of 16 bits. */
interface NumericEngine extends Omit<NativeEngine, "open" | "room" | "stop"> {
  openPaired(remote: RemoteMedia | undefined): number;
  roomPaired(): number;
  /** `take` is called with the last events; not when it was stopped before. */
  stopWith(take: TakeNumbers): void;
}

/** Of the second of two numbers in one. */
const PAIR = 0x1_0000;

/**
 * Puts objects around the numbers.
 * @throws {MediaswitchError} MEDIA_UNAVAILABLE: the addon was built from other sources than this.
 */
export function withObjects(addon: NumericAddon): Addon {
  // Of an addon that is older than its layout there is none.
  const reader = new EventReader((addon as Partial<NumericAddon>).layout);

  class MediaEngine extends addon.MediaEngine implements NativeEngine {
    constructor(options: NativeOptions, onEvents: (events: readonly NativeEvent[]) => void) {
      super(
        options,
        typeof onEvents === "function"
          ? (numbers, length, texts) => {
              onEvents(reader.read(numbers, length, texts));
            }
          : onEvents,
      );
    }

    open(remote: RemoteMedia | undefined): { channel: number; port: number } {
      const pair = this.openPaired(remote);
      const port = pair % PAIR;
      return { channel: (pair - port) / PAIR, port };
    }

    room(): { channels: number; available: number } {
      const pair = this.roomPaired();
      const available = pair % PAIR;
      return { channels: (pair - available) / PAIR, available };
    }

    stop(): NativeEvent[] {
      let last: NativeEvent[] = [];
      this.stopWith((numbers, length, texts) => {
        last = reader.read(numbers, length, texts);
      });
      return last;
    }
  }

  return { MediaEngine, renderTone: addon.renderTone, soundInfo: addon.soundInfo };
}

/**
 * Loads the addon: the one built here, else the one that came prebuilt in the package.
 * @throws {MediaswitchError} `MEDIA_UNAVAILABLE`, saying what to do about it.
 */
export const loadAddon = (): Addon => withObjects(loadNativeAddon("MEDIA_UNAVAILABLE") as NumericAddon);
