import type { Mutable } from "../core/mutable.js";
import { EventNumbers } from "./event-numbers.js";
import type { ChannelHeard, ChannelStatistics, DropReason } from "./media-service.js";

/** Figures of a group that may be missing. */
const OF_JITTER_BUFFER = 4;
const OF_HEARD = 4;

type Dropped = Record<DropReason, number>;

/**
 * A channel's books from the addon's numbers, in the order of native/binding/figures.hpp. All fields are in literals:
 * objects of one hidden class, made in a fraction of what a loop over names takes.
 */
export function statisticsOf(next: EventNumbers): ChannelStatistics {
  const statistics: Mutable<ChannelStatistics> = {
    datagrams: next.count(),
    forwarded: next.count(),
    consumed: next.count(),
    received: {
      packets: next.count(),
      octets: next.count(),
      lost: next.number(),
      jitterMillis: next.number(),
      rFactor: next.maybe(),
      mos: next.maybe(),
    },
    sent: {
      packets: next.count(),
      octets: next.count(),
      lost: next.maybe(),
      jitterMillis: next.maybe(),
      rFactor: next.maybe(),
      mos: next.maybe(),
    },
    roundTripMillis: next.maybe(),
    dropped: dropsOf(next),
    refused: refusedOf(next),
    tick: { count: next.count(), meanUs: next.number(), maxUs: next.number() },
  };
  if (next.isUnknown) next.skip(OF_JITTER_BUFFER);
  else statistics.jitterBuffer = jitterBufferOf(next);
  if (next.isUnknown) next.skip(OF_HEARD);
  else statistics.heard = heardOf(next);
  return statistics;
}

function jitterBufferOf(next: EventNumbers): NonNullable<ChannelStatistics["jitterBuffer"]> {
  return {
    delayMillis: next.number(),
    concealed: next.count(),
    samplesRemoved: next.count(),
    samplesInserted: next.count(),
  };
}

function heardOf(next: EventNumbers): ChannelHeard {
  return {
    from: next.text(),
    firstAgoMillis: next.number(),
    lastAgoMillis: next.number(),
    longestGapMillis: next.number(),
    longestGapAgoMillis: next.number(),
  };
}

/** Those that there were. */
function refusedOf(next: EventNumbers): Dropped {
  const refused: Dropped = {};
  for (const reason of REASONS) {
    const count = next.count();
    if (count > 0) refused[reason] = count;
  }
  return refused;
}

function dropsOf(next: EventNumbers): Dropped {
  return {
    NotMedia: next.count(),
    Stun: next.count(),
    Dtls: next.count(),
    Zrtp: next.count(),
    TurnChannel: next.count(),
    RtcpOnRtpPort: next.count(),
    NotRtcp: next.count(),
    BadRtcp: next.count(),
    Oversize: next.count(),
    TruncatedHeader: next.count(),
    TruncatedExtension: next.count(),
    BadPadding: next.count(),
    EmptyPayload: next.count(),
    NoTarget: next.count(),
    SourceUnconfirmed: next.count(),
    UnknownSource: next.count(),
    SequenceJump: next.count(),
    ReceiveOff: next.count(),
    UnexpectedPayloadType: next.count(),
    BadTelephoneEvent: next.count(),
    BadPayload: next.count(),
    DuplicatePacket: next.count(),
    LateForDecoder: next.count(),
    LateForPlayout: next.count(),
    JitterBufferFull: next.count(),
    NotBridged: next.count(),
    SendOff: next.count(),
    NoDestination: next.count(),
    TelephoneEventRefused: next.count(),
    ComfortNoiseRefused: next.count(),
    Preempted: next.count(),
    BeforeSource: next.count(),
    SendWouldBlock: next.count(),
    SendFailed: next.count(),
  };
}

/** In the order of the literal. */
const REASONS = Object.keys(dropsOf(new EventNumbers()));

/** Paths into what `statisticsOf` makes, in the order in which it reads their numbers: each told by the number it got. */
export function figureNames(): string[] {
  const most = 256;
  const numbers = Float64Array.from({ length: most }, (_, index) => index + 1);
  const names: string[] = [];
  const collect = (value: unknown, path: string): void => {
    if (typeof value === "number") names[value - 1] = path;
    else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        collect(inner, path === "" ? name : `${path}.${name}`);
      }
    }
  };
  collect(statisticsOf(new EventNumbers().read(numbers, most, [""])), "");
  return names;
}
