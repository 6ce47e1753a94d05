import type { ChannelStatistics, MediaEvent } from "./media-service.js";

/** What the engine tells, channels by their numbers. */
export type NativeEvent = NativeReply | NativeStreamEvent | NativeChannelEvent;

/** To whoever opened the reader or writer of that number. */
export type NativeStreamEvent =
  | { readonly type: "readable" | "reader-ended"; readonly reader: number }
  | { readonly type: "writable" | "writer-ended"; readonly writer: number };

export interface NativeReply {
  readonly type: "reply";
  readonly ticket: number;
  /** `unknown`: a channel of the command is not there (any more). */
  readonly outcome: "done" | "unknown" | "conflict" | "refused";
  readonly statistics?: ChannelStatistics;
}

/** The events of `MediaEvent`, the channel told by its number. */
export type NativeChannelEvent = ByNumber<MediaEvent>;
type ByNumber<Event> = Event extends MediaEvent
  ? Omit<Event, "uuid" | "control"> & { readonly channel: number }
  : never;
