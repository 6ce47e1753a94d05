/** What verbs take, and what they tell: types only. All numbers of time are milliseconds. */
import type { CodecName } from "../../sdp/payload-types.js";
import type { CallHappening, KeySource } from "../call-event.js";
import type { RecordOptions as EngineRecordOptions } from "../../rtp/media-service.js";
import type { CallEnding } from "./call-ended.js";
import type { Sound, SoundOptions, Sounds } from "./sound.js";

/** Aborting makes the verb undo what it began and reject with ABORTED. */
export interface Abortable {
  readonly signal?: AbortSignal;
}

export interface RingOptions extends Abortable {
  /** Alert-Info: how the phone is to ring. */
  readonly alertinfo?: string;
}

export interface AnswerOptions extends Abortable {
  /** In the order of preference; default: those of the switch. */
  readonly codecs?: readonly CodecName[];
}

export interface PlayOptions extends Abortable, SoundOptions {}

/** `bridged`: the call was joined with another one. `interrupted`: speech, where something asked for that. */
export type PlayEnd = "completed" | "key" | "stopped" | "replaced" | "bridged" | "interrupted";

export interface PlayResult {
  readonly ended: PlayEnd;
  /** `key`: which one. */
  readonly key?: string;
}

/** A sound for each character that is said: at least those that are used. */
export type Snippets = Readonly<Record<string, Sound>>;

export interface SayDigitsOptions extends Abortable, SoundOptions {
  /** Default: those of `app.snippets`. */
  readonly snippets?: Snippets;
}

export interface GatherOptions extends Abortable {
  /** Played first. */
  readonly prompt?: Sounds;
  /** A key press ends the prompt and counts (default); else keys are heard only after it. */
  readonly bargein?: boolean;
  /**
   * Keys that were pressed before, while nothing collected them, count first; a prompt is not played then. Not unless
   * asked: they are forgotten.
   */
  readonly typeahead?: boolean;
  /** As many keys are enough; default 32, the most. */
  readonly count?: number;
  /** Each of these keys ends it and is not one of the digits; default `#`, none: the empty string. */
  readonly terminator?: string;
  /** It ends as soon as the digits match. */
  readonly pattern?: RegExp;
  readonly timeouts?: {
    /** From the end of the prompt to the first key; default 5000. */
    readonly first?: number;
    /** From one key to the next; default 3000. */
    readonly between?: number;
    /** From the beginning, prompt and all; default 120,000. */
    readonly whole?: number;
  };
}

export type GatherEnd = "count" | "terminator" | "pattern" | "first" | "between" | "whole";

export interface GatherResult {
  /** Without the terminator; also when a time-out ended it. */
  readonly digits: string;
  /** Why: enough keys, the terminator, the pattern, or the name of the time-out. */
  readonly ended: GatherEnd;
  /** `terminator`: which one. */
  readonly terminator?: string;
}

export type RecordOptions = Abortable & Omit<EngineRecordOptions, "pause" | "finish">;

/** `callended`: the call has ended, or its channel was closed. */
export type RecordingEnd =
  "stopped" | "silence" | "timeout" | "callended" | "replaced" | "disk-full" | "write-failed" | "open-failed";

export interface RecordingResult {
  readonly file: string;
  readonly ended: RecordingEnd;
  /** Octets and milliseconds of the file, where the media server told them. */
  readonly size: number | undefined;
  readonly duration: number | undefined;
}

/** A recording that has begun. */
export interface Recording {
  readonly file: string;
  /** How it ended; never rejects. */
  readonly finished: Promise<RecordingResult>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it. @returns how it ended, as `finished`. */
  stop(): Promise<RecordingResult>;
}

export interface BridgeOptions extends Abortable {
  /** Heard by one of them while the other one has it on hold. */
  readonly music?: Sounds;
}

/**
 * `this`, `other`: which of the two has ended. `moved`: one of them was joined with another call, held or transferred;
 * both are still there.
 */
export type BridgeResult =
  { readonly ended: "this" | "other"; readonly ending: CallEnding } | { readonly ended: "moved" };

export interface EchoOptions extends Abortable {
  /** Default: yes. */
  readonly enabled?: boolean;
}

export interface HoldOptions extends Abortable {
  /** Heard while held. */
  readonly music?: Sounds;
}

/** `agreed`: the far end has accepted; else it goes on sending, and the SIP status of its refusal. */
export type HoldResult = { readonly agreed: true } | { readonly agreed: false; readonly code: number };

export interface SendKeysOptions extends Abortable {
  /** How long each is held, and the silence after it; default 220 and 200. */
  readonly duration?: number;
  readonly pause?: number;
  /** In the audio (RFC 4733, default), or as INFO. */
  readonly by?: "telephone-event" | "info";
}

/** One key press of the far end. */
export interface KeyPress {
  readonly key: string;
  readonly source: KeySource;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What happens to a call; `lost`: so many were not read in time, just before the next one. */
export type ActiveCallEvent =
  | (CallHappening & { readonly at: number })
  | { readonly type: "lost"; readonly count: number; readonly at: number };

/** A timer that ends with its call. */
export interface CallTimer {
  cancel(): void;
}
