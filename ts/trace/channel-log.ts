/** What becomes of one media channel, as far as commands to it, its events and its statistics tell. */
import type { ChannelHeard, ChannelStatistics, MediaEvent, RemoteMedia } from "../rtp/media-service.js";
import { formatSocketAddress } from "../core/socket-address.js";
import type { MediaMoment, MediaSample, TracedChannel } from "./call-trace.js";

/** A channel that goes on for days has no end of what happens to it. */
const MOST_MOMENTS = 100;
const MOST_SAMPLES = 120;

export type ChannelMoment = Omit<MediaMoment, "leg">;

export class ChannelLog {
  readonly uuid: string;
  readonly #at: { readonly address: string; readonly port: number };
  readonly #moments: ChannelMoment[] = [];
  #samples: MediaSample[] = [];
  /** When packets came, as last told. */
  #heard: readonly ChannelMoment[] = [];
  #far: string | undefined;
  #codec: string | undefined;
  /** Since when audio is to come; undefined: it is not. */
  #due: number | undefined;
  /** Whether signalling has the far end send. */
  #isAgreed = false;
  /** Call-ID of the leg that it is of, once somebody has said so. */
  callid: string | undefined;

  constructor(uuid: string, place: { readonly address: string; readonly port: number }, now: number) {
    this.uuid = uuid;
    this.#at = place;
    this.note(now, "opened", `channel opened at ${formatSocketAddress(place)}`);
  }

  get moments(): readonly ChannelMoment[] {
    return [...this.#moments, ...this.#heard];
  }
  get samples(): readonly MediaSample[] {
    return this.#samples;
  }
  get channel(): TracedChannel {
    return {
      uuid: this.uuid,
      ...this.#at,
      ...(this.#codec !== undefined && { codec: this.#codec }),
      ...(this.#far !== undefined && { far: this.#far }),
    };
  }

  note(at: number, type: ChannelMoment["type"], text: string): void {
    if (this.#moments.length < MOST_MOMENTS) this.#moments.push({ at, type, text });
  }

  /** Until the far end is named anew. */
  direct(
    at: number,
    { send = true, recv = true }: { readonly send?: boolean; readonly recv?: boolean },
  ): void {
    this.#expect(at, this.#isAgreed && recv);
    const text = `told to ${send ? "send" : "send nothing"} and to ${recv ? "take what comes" : "take nothing"}`;
    this.note(at, "direction", text);
  }

  target(at: number, { address, port, formats, telephoneEvent, direction }: RemoteMedia): void {
    const [first] = formats;
    const far = formatSocketAddress({ address, port });
    this.#far = far;
    this.#codec = first?.format;
    this.#isAgreed = direction?.recv ?? true;
    this.#expect(at, this.#isAgreed);
    const keys = telephoneEvent === undefined ? "no telephone-events" : `keys as ${String(telephoneEvent)}`;
    this.note(at, "target", `sends to ${far}: ${first?.format ?? "nothing"}, ${keys}${flow(direction)}`);
  }

  take(at: number, event: MediaEvent): void {
    switch (event.type) {
      case "closed":
        this.measure(at, event.statistics);
        this.note(at, "closed", `channel closed: ${event.reason}`);
        return;
      case "source-rejected": {
        const { address, port } = event;
        const from = formatSocketAddress({ address, port });
        this.note(
          at,
          "source-rejected",
          `packets from ${from}, which is not where it was agreed to send from`,
        );
        return;
      }
      case "play":
        this.note(at, "play", event.event === "end" ? `play ended: ${event.reason}` : `play ${event.event}`);
        return;
      case "record":
        this.note(at, "record", `record ${event.event} ${event.file}`);
        return;
      case "mix":
        this.note(
          at,
          event.event === "start" ? "joined" : "parted",
          event.event === "start" ? "hears the other leg" : "hears the other leg no more",
        );
        return;
      case "telephone-event":
      case "telephone-event-end":
        return;
    }
  }

  /** What the media server says of it now. */
  measure(at: number, statistics: ChannelStatistics): void {
    const { received, sent, roundTripMillis, dropped, heard } = statistics;
    const refused = reasonsIn(statistics.refused);
    const sample = { at, received, sent, roundTripMillis, dropped: reasonsIn(dropped) ?? NONE };
    this.#samples.push(refused === undefined ? sample : { ...sample, refused });
    // The whole call stays covered, in less detail.
    if (this.#samples.length > MOST_SAMPLES) {
      this.#samples = this.#samples.filter((_, index) => index % 2 === 0);
    }
    if (heard === undefined) return;
    this.#heard = [...heardMoments(at, heard, this.#far), ...silence(at, heard, this.#due)];
  }

  #expect(at: number, isDue: boolean): void {
    this.#due = isDue ? (this.#due ?? at) : undefined;
  }
}

const NONE = {};

/** Those that there were; undefined where there was none. */
function reasonsIn(counts: Readonly<Record<string, number>> = NONE): Record<string, number> | undefined {
  let found: Record<string, number> | undefined;
  for (const reason in counts) {
    const count = counts[reason] ?? 0;
    if (count > 0) (found ??= {})[reason] = count;
  }
  return found;
}

/** Silence between two packets that people notice, in milliseconds. */
const NOTICED_GAP = 1000;

function heardMoments(at: number, heard: ChannelHeard, far: string | undefined): ChannelMoment[] {
  const { from, firstAgoMillis, longestGapMillis, longestGapAgoMillis } = heard;
  const first = at - firstAgoMillis;
  const moments: ChannelMoment[] = [{ at: first, type: "first-packet", text: `first RTP, from ${from}` }];
  if (far !== undefined && far !== from) {
    const text = `RTP comes from ${from}, and goes there, in place of ${far}`;
    moments.push({ at: first, type: "source-learnt", text });
  }
  if (longestGapMillis >= NOTICED_GAP) {
    const over = at - longestGapAgoMillis;
    const text = `no RTP for ${inSeconds(longestGapMillis)}`;
    moments.push({ at: over - longestGapMillis, type: "gap", text, millis: longestGapMillis });
  }
  return moments;
}

const inSeconds = (millis: number): string => `${(millis / 1000).toFixed(1)} s`;

/** That of now, or of the channel's end. */
function silence(at: number, { lastAgoMillis }: ChannelHeard, due: number | undefined): ChannelMoment[] {
  if (due === undefined) return [];
  const since = Math.max(due, at - lastAgoMillis);
  const millis = at - since;
  if (millis < NOTICED_GAP) return [];
  return [{ at: since, type: "gap", text: `no RTP from here on, for ${inSeconds(millis)}`, millis }];
}

function flow(direction: RemoteMedia["direction"]): string {
  if (direction === undefined || (direction.send && direction.recv)) return "";
  if (direction.send) return ", one way: we send only";
  return direction.recv ? ", one way: we receive only" : ", on hold: nothing either way";
}
