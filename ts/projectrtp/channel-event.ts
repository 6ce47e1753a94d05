/** What happens to a channel, in the original's shapes. */
import type { ChannelStatistics, MediaEvent } from "../rtp/media-service.js";

export interface CloseEvent {
  readonly action: "close";
  readonly reason: string;
  readonly stats: CloseStatistics;
}

export interface CloseStatistics {
  /** `mos`: 4.5 without loss, 0 where nothing came. */
  readonly in: {
    readonly count: number;
    readonly dropped: number;
    readonly skip: number;
    readonly mos: number;
  };
  readonly out: {
    readonly count: number;
    readonly skip: number;
    readonly drop: number;
    readonly write: number;
  };
  readonly tick: { readonly count: number; readonly meanus: number; readonly maxus: number };
  readonly rtcp?: {
    readonly in: RtcpFigures;
    readonly out: RtcpFigures;
    readonly rttms: number | null;
  };
}

/** `fractionlost` in 256ths, `jitter` in units of an 8 kHz clock (RFC 3550 §6.4.1). */
export interface RtcpFigures {
  readonly valid: boolean;
  readonly cumulativelost: number;
  readonly fractionlost: number;
  readonly jitter: number;
}

export type ChannelEvent =
  | CloseEvent
  | { readonly action: "play"; readonly event: string; readonly reason?: string }
  | { readonly action: "record"; readonly file: string; readonly event: string; readonly filesize?: number }
  | { readonly action: "telephone-event"; readonly event: string }
  | { readonly action: "mix"; readonly event: string };

const NO_LOSS = 4.5;
/** Samples a millisecond. */
const CLOCK = 8;

/** @returns undefined for what the original has no event for. */
export function channelEvent(event: MediaEvent, closedBecause: string | undefined): ChannelEvent | undefined {
  switch (event.type) {
    case "closed":
      return {
        action: "close",
        reason: event.reason === "requested" ? (closedBecause ?? "requested") : event.reason,
        stats: closeStatistics(event.statistics),
      };
    case "play":
      return event.event === "start" || event.event === "end"
        ? { action: "play", event: event.event, reason: event.reason }
        : { action: "play", event: event.event };
    case "record": {
      const { file } = event;
      if (event.event === "slow-disk") return undefined;
      if (event.event !== "finished") return { action: "record", file, event: event.event };
      const reason = event.reason === "replaced" ? "channelclosed" : event.reason;
      return { action: "record", file, event: `finished.${reason}`, filesize: event.filesize };
    }
    case "telephone-event":
      return { action: "telephone-event", event: event.event };
    case "mix":
      return { action: "mix", event: event.event };
    case "telephone-event-end":
    case "source-rejected":
      return undefined;
  }
}

function closeStatistics({
  received,
  sent,
  dropped,
  refused = {},
  tick,
  roundTripMillis,
}: ChannelStatistics): CloseStatistics {
  const mos = received.packets === 0 ? 0 : received.lost === 0 ? NO_LOSS : (received.mos ?? 0);
  return {
    in: { count: received.packets, dropped: sumOf(dropped), skip: received.lost, mos },
    out: { count: sent.packets, skip: 0, drop: sumOf(refused), write: 0 },
    tick: { count: tick.count, meanus: tick.meanUs, maxus: tick.maxUs },
    rtcp: {
      in: figures(received),
      out: figures(sent),
      rttms: roundTripMillis,
    },
  };
}

const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

function figures({ packets, lost, jitterMillis }: ChannelStatistics["sent"]): RtcpFigures {
  const all = packets + (lost ?? 0);
  return {
    valid: lost !== null && packets > 0,
    cumulativelost: lost ?? 0,
    fractionlost: all === 0 ? 0 : Math.floor(((lost ?? 0) * 256) / all),
    jitter: Math.round((jitterMillis ?? 0) * CLOCK),
  };
}
