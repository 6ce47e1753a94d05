import { MediaswitchError } from "../core/errors.js";
import { EventNumbers } from "./event-numbers.js";
import { figureNames, statisticsOf } from "./figures.js";
import type { CloseReason, PlayEndReason, RecordEndReason } from "./media-service.js";
import type { NativeEvent, NativeReply } from "./native-event.js";

/** The addon's names for what it tells by number: by its place in a list. */
export interface NativeLayout {
  readonly kinds: readonly string[];
  readonly outcomes: readonly NativeReply["outcome"][];
  readonly closeReasons: readonly CloseReason[];
  readonly playStates: readonly ("start" | "paused" | "resumed")[];
  readonly playEnds: readonly PlayEndReason[];
  readonly recordStates: readonly (
    "recording" | "recording.abovepower" | "paused" | "resumed" | "slow-disk"
  )[];
  readonly recordEnds: readonly RecordEndReason[];
  /** `datagrams`, `received.packets`, …: paths into ChannelStatistics in the order of their numbers. */
  readonly figures: readonly string[];
}

/** Events by the numbers of their kinds. */
const KINDS = [
  "reply",
  "closed",
  "source-rejected",
  "telephone-event",
  "telephone-event-end",
  "play-changed",
  "play-ended",
  "record-changed",
  "record-finished",
  "mix",
  "readable",
  "reader-ended",
  "writable",
  "writer-ended",
] as const;
type Kind = (typeof KINDS)[number];
type SoundKind = Extract<Kind, `play-${string}` | `record-${string}`>;

/** Makes events of the addon's numbers (native/binding/event_numbers.cpp). */
export class EventReader {
  readonly #layout: NativeLayout;
  readonly #next = new EventNumbers();

  /** @throws {MediaswitchError} MEDIA_UNAVAILABLE: the addon was built from other sources than this. */
  constructor(layout: NativeLayout | undefined) {
    if (layout === undefined || !isSame(layout.kinds, KINDS) || !isSame(layout.figures, figureNames())) {
      throw new MediaswitchError(
        "MEDIA_UNAVAILABLE",
        'the native addon is of another version of mediaswitch. Build it anew with "npm run build:native"',
      );
    }
    this.#layout = layout;
  }

  /** @param length how many of the numbers count. */
  read(numbers: Float64Array, length: number, texts: readonly string[] | undefined): NativeEvent[] {
    const next = this.#next.read(numbers, length, texts);
    const events: NativeEvent[] = [];
    while (!next.isAtEnd) events.push(this.#event(next.of(KINDS), next));
    return events;
  }

  // Numbers are read in the order in which the literals name them.
  #event(kind: Kind, next: EventNumbers): NativeEvent {
    const layout = this.#layout;
    switch (kind) {
      case "reply": {
        const ticket = next.count();
        const outcome = next.of(layout.outcomes);
        return next.isTrue()
          ? { type: "reply", ticket, outcome, statistics: statisticsOf(next) }
          : { type: "reply", ticket, outcome };
      }
      case "closed":
        return {
          type: "closed",
          channel: next.count(),
          reason: next.of(layout.closeReasons),
          statistics: statisticsOf(next),
        };
      case "source-rejected": {
        const channel = next.count();
        const port = next.count();
        return { type: "source-rejected", channel, address: next.text(), port };
      }
      case "telephone-event": {
        const channel = next.count();
        const event = next.text();
        return next.isTrue()
          ? { type: "telephone-event", channel, event, inband: true }
          : { type: "telephone-event", channel, event };
      }
      case "telephone-event-end":
        return {
          type: "telephone-event-end",
          channel: next.count(),
          event: next.text(),
          durationMillis: next.count(),
        };
      case "play-changed":
      case "play-ended":
      case "record-changed":
      case "record-finished":
        return this.#soundEvent(kind, next);
      case "mix":
        return { type: "mix", channel: next.count(), event: next.isTrue() ? "start" : "finished" };
      case "readable":
      case "reader-ended":
        return { type: kind, reader: next.count() };
      case "writable":
      case "writer-ended":
        return { type: kind, writer: next.count() };
    }
  }

  #soundEvent(kind: SoundKind, next: EventNumbers): NativeEvent {
    const layout = this.#layout;
    switch (kind) {
      case "play-changed": {
        const channel = next.count();
        const event = next.of(layout.playStates);
        return event === "start"
          ? { type: "play", channel, event, reason: "new" }
          : { type: "play", channel, event };
      }
      case "play-ended":
        return {
          type: "play",
          channel: next.count(),
          event: "end",
          reason: next.of(layout.playEnds),
        };
      case "record-changed":
        return {
          type: "record",
          channel: next.count(),
          file: next.text(),
          event: next.of(layout.recordStates),
        };
      case "record-finished":
        return {
          type: "record",
          channel: next.count(),
          file: next.text(),
          event: "finished",
          reason: next.of(layout.recordEnds),
          filesize: next.count(),
          durationMillis: next.count(),
        };
    }
  }
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, index) => name === other[index]);
