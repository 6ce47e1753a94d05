/** What goes between the thread of a script and that of the media engine, to stream audio. Numbers name streams. */
import type { ErrorRecord } from "../core/errors.js";

export interface LiveOptions {
  readonly samplerate?: 8000 | 16_000;
  readonly direction?: "in" | "out" | "both";
}

export type ToEngine =
  /** Opens a stream of what a channel hears or says, or one for it to say. */
  | {
      readonly type: "read" | "write";
      readonly stream: number;
      readonly uuid: string;
      readonly options: LiveOptions;
    }
  /** The reader has room for one chunk more. */
  | { readonly type: "more"; readonly stream: number }
  | { readonly type: "chunk"; readonly stream: number; readonly data: Uint8Array }
  /** All was written. */
  | { readonly type: "end"; readonly stream: number }
  | { readonly type: "destroy"; readonly stream: number };

export type FromEngine =
  | { readonly type: "chunk"; readonly stream: number; readonly data: Uint8Array }
  /** The writer's chunk was taken. */
  | { readonly type: "taken"; readonly stream: number }
  /** There is no more to read, or all that was written was played. */
  | { readonly type: "ended"; readonly stream: number }
  | { readonly type: "closed"; readonly stream: number; readonly error?: ErrorRecord };
