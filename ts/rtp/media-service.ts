/**
 * What control knows of the RTP component: types only. Implementations: `rtp/native-media-service.ts` (the
 * addon), `http/remote-media-service.ts` (another server).
 */
import type { Command, Service } from "../core/service.js";
import type { PlayRecordOptions, RecordOptions, SoundSoup } from "./sound-soup.js";

export type { PlayRecordOptions, RecordOptions, SoundEntry, SoundFileKey, SoundSoup } from "./sound-soup.js";

/**
 * Audio formats the engine speaks, by their RTP payload names (RFC 3551 table 4, RFC 3952), with what it takes to
 * tell two kinds of one name apart: iLBC's frame length in milliseconds, L16's sampling rate in hertz.
 */
export type AudioFormat = "PCMU" | "PCMA" | "G722" | "iLBC/20" | "iLBC/30" | "L16/8000" | "L16/16000";

/** A payload type each way (RFC 3264 §5.1): a dynamic one may be numbered differently by each side. */
export interface AgreedFormat {
  /** What we send it as. */
  readonly payloadType: number;
  readonly format: AudioFormat;
  /** What we take it as; default `payloadType`. */
  readonly receive?: number;
}

/** The far end as signalling described it. */
export interface RemoteMedia {
  /** Numeric IPv4 or IPv6 address of the far end's audio. */
  readonly address: string;
  readonly port: number;
  /** In the far end's order of preference; we send the first, and take any of them. */
  readonly formats: readonly AgreedFormat[];
  /** RFC 4733 payload type to send with, where the far end takes telephone-events. */
  readonly telephoneEvent?: number;
  /** RFC 4733 payload type we take; default `telephoneEvent`. */
  readonly telephoneEventReceive?: number;
  /** Hertz by which telephone-events tell their duration; default the RTP clock of the first format. */
  readonly telephoneEventClock?: number;
  /** RFC 3389 payload type, both ways, where comfort noise was agreed on. */
  readonly comfortNoise?: number;
  /** RTCP on the RTP port (RFC 5761); default on the next. */
  readonly rtcpMux?: boolean;
  /** Where the far end takes RTCP, when that is neither its RTP port nor the next (RFC 3605). */
  readonly rtcpPort?: number;
  /** Milliseconds of audio per packet that we send, 10–60; default 20. */
  readonly ptime?: number;
  /** From our view (RFC 3264 §8.4): may we send, do we take. Default both. */
  readonly direction?: { readonly send: boolean; readonly recv: boolean };
}

/** By which control chooses among servers. */
export interface EngineLoad {
  /** Channels open now. */
  readonly active: number;
  /** Channels that could still be opened; 0 while draining. */
  readonly available: number;
  /** No new channels are opened. */
  readonly draining: boolean;
  /** Share of the media threads' time that was lately in use, 0–1; absent where nobody has measured it. */
  readonly load?: number;
}

/** Every reason a packet goes no further. The native enum `Drop` (native/core/drop) has the same names. */
export type DropReason = string;

/** Of one direction, as the receiver of it measured or reported; null where nobody knows. */
export interface StreamQuality {
  readonly packets: number;
  readonly octets: number;
  readonly lost: number | null;
  readonly jitterMillis: number | null;
  /** ITU-T G.107 transmission rating, 0–100. */
  readonly rFactor: number | null;
  /** ITU-T G.107 annex B, 1–4.5. */
  readonly mos: number | null;
}

/**
 * Books of one channel. Every datagram that came is forwarded, consumed, or dropped for a reason:
 * `datagrams = forwarded + consumed + sum(dropped)`.
 */
export interface ChannelStatistics {
  readonly datagrams: number;
  readonly forwarded: number;
  /** Taken by the mixer, a recorder, a reader, or read as RTCP. */
  readonly consumed: number;
  readonly received: StreamQuality & { readonly lost: number; readonly jitterMillis: number };
  readonly sent: StreamQuality;
  readonly roundTripMillis: number | null;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /**
   * Packets, RTP and RTCP, that were to be sent and did not go; none that is 0. What had come to another channel is among
   * its `dropped` too. Absent where the server does not tell.
   */
  readonly refused?: Readonly<Record<DropReason, number>>;
  /** Of the shard's ticks that this channel took part in: how late they began. */
  readonly tick: { readonly count: number; readonly meanUs: number; readonly maxUs: number };
  /** Of the jitter buffer, where there is one. */
  readonly jitterBuffer?: {
    readonly delayMillis: number;
    readonly concealed: number;
    readonly samplesRemoved: number;
    readonly samplesInserted: number;
  };
  /** When valid RTP came; absent where none did, and where the server does not tell. */
  readonly heard?: ChannelHeard;
}

/** Milliseconds ago: before the figures were told. */
export interface ChannelHeard {
  /** Where the last packet came from: `192.0.2.7:4000`. */
  readonly from: string;
  readonly firstAgoMillis: number;
  readonly lastAgoMillis: number;
  /** The longest time without a packet between two, hold left out, and when it was over. */
  readonly longestGapMillis: number;
  readonly longestGapAgoMillis: number;
}

export interface MediaHealth {
  /** Open channels. */
  readonly channels: number;
  readonly sockets: number;
  readonly available: number;
  /** Events to JavaScript that did not fit their queue, since start. */
  readonly eventsLost: number;
  /** No new channels are opened. */
  readonly draining: boolean;
  /** As in `EngineLoad`. */
  readonly load?: number;
  /** Made at start: another one says that the server was restarted, and has none of its channels any more. */
  readonly instance?: string;
}

export type CloseReason = "requested" | "idle-timeout" | "lease-expired" | "shutdown" | "error";

export type PlayEndReason =
  | "completed"
  | "replaced"
  | "stopped"
  | "telephone-event"
  | "interrupted"
  | "mix"
  | "channelclosed"
  | "error";

/** Whose heartbeat keeps a channel open: when `renew` has not been called for `seconds`, it is closed. */
export interface Lease {
  readonly holder: string;
  readonly seconds: number;
}

export type MediaCommands = {
  /**
   * Opens a channel: an even port for RTP and the next for RTCP. MEDIA_OUT_OF_PORTS when there is none. `near`: a channel
   * that it is to be mixed with, hence on the same server where there are several. `callid`: for logs, whose it is.
   */
  open: {
    input: { control?: string; remote?: RemoteMedia; lease?: Lease; near?: string; callid?: string };
    result: { uuid: string; ip: string; port: number; channels: EngineLoad };
  };
  /** A heartbeat for all channels of a lease's holder. */
  renew: { input: { holder: string }; result: { channels: number } };
  /** Sets or changes the far end and arms the learning of its real source (RFC 4961, symmetric RTP). */
  target: { input: { uuid: string; remote: RemoteMedia }; result: object };
  /**
   * From now on both are heard by all of one group: the other joins the group of the first, or the first that of
   * the other. Two are relayed, three and more mixed. MEDIA_MIXED_ELSEWHERE when each is in a group of its own with
   * others. A channel with itself: nothing happens.
   */
  mix: { input: { uuid: string; other: string }; result: object };
  unmix: { input: { uuid: string }; result: object };
  /** From our view; a key left out means yes. */
  direction: { input: { uuid: string; send?: boolean; recv?: boolean }; result: object };
  /**
   * From now on, in whatever group it is, only `to` hears what the channel says, key presses too; without `to`
   * everybody again. What the channel itself hears stays the same.
   */
  whisper: { input: { uuid: string; to?: string }; result: object };
  /**
   * Sends key presses (RFC 4733) one after the other, after those still waiting.
   * `duration` and `pause` are milliseconds (220 and 200), `volume` dBm0 without its sign (13).
   */
  dtmf: {
    input: { uuid: string; digits: string; duration?: number; pause?: number; volume?: number };
    result: object;
  };
  /** Whether key presses are also looked for in what is heard (in-band, DTMF tones). */
  detect: { input: { uuid: string; inband: boolean }; result: object };
  /** Sends back what comes. */
  echo: { input: { uuid: string; enabled: boolean }; result: object };
  /** Replaces what is played. MEDIA_FILE_UNKNOWN when no file of it is there; MEDIA_MIXED in a group. */
  play: { input: { uuid: string; soup: SoundSoup }; result: object };
  stopplay: { input: { uuid: string }; result: object };
  pauseplay: { input: { uuid: string }; result: object };
  resumeplay: { input: { uuid: string }; result: object };
  record: { input: { uuid: string; options: RecordOptions }; result: object };
  playrecord: { input: { uuid: string; options: PlayRecordOptions }; result: object };
  /** Idempotent; the channel's `closed` event tells the rest. */
  close: { input: { uuid: string }; result: { channels: EngineLoad } };
  statistics: { input: { uuid: string }; result: ChannelStatistics };
  /** No new channels from now on (`enabled`), or again. */
  drain: { input: { enabled: boolean }; result: { channels: EngineLoad } };
  health: { input: object; result: MediaHealth };
};

interface OfChannel {
  readonly uuid: string;
  readonly control?: string;
}

export type MediaEvent = OfChannel &
  (
    | { readonly type: "closed"; readonly reason: CloseReason; readonly statistics: ChannelStatistics }
    /** Packets came from somewhere else than the agreed source; told once per channel and source. */
    | { readonly type: "source-rejected"; readonly address: string; readonly port: number }
    /** At the first packet of a key press (RFC 4733), or when an in-band one is sure. */
    | { readonly type: "telephone-event"; readonly event: string; readonly inband?: true }
    /** The key was let go, or its packets stopped. */
    | { readonly type: "telephone-event-end"; readonly event: string; readonly durationMillis: number }
    | { readonly type: "play"; readonly event: "start"; readonly reason: "new" }
    | { readonly type: "play"; readonly event: "end"; readonly reason: PlayEndReason }
    | { readonly type: "play"; readonly event: "paused" | "resumed" }
    /** `reason` of a finish: `requested`, `belowpower`, `timeout`, `channelclosed`, `open-failed`, `disk-full`, `write-failed`. */
    | {
        readonly type: "record";
        readonly file: string;
        readonly event: "recording" | "recording.abovepower" | "paused" | "resumed" | "slow-disk";
      }
    | {
        readonly type: "record";
        readonly file: string;
        readonly event: "finished";
        readonly reason: RecordEndReason;
        readonly filesize: number;
        readonly durationMillis: number;
      }
    | { readonly type: "mix"; readonly event: "start" | "finished" }
  );

export type RecordEndReason =
  | "requested"
  | "belowpower"
  | "timeout"
  | "channelclosed"
  | "replaced"
  | "open-failed"
  | "disk-full"
  | "write-failed";

export type MediaCommand = Command<MediaCommands>;
export type MediaService = Service<MediaCommands, MediaEvent>;
