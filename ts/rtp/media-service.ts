/**
 * What control knows of the RTP component: types only. Implementations: `rtp/native-media-service.ts` (the
 * addon), `http/remote-media-service.ts` (another server).
 */
import type { Command, Service } from "../core/service.js";

/** Audio formats the engine speaks, by their RTP payload names (RFC 3551 table 4). */
export type AudioFormat = "PCMU" | "PCMA";

/** The far end as signalling described it. */
export interface RemoteMedia {
  /** Numeric IPv4 or IPv6 address of the far end's audio. */
  readonly address: string;
  readonly port: number;
  /** Payload type → format, in the far end's order of preference; we send the first, and take any of them. */
  readonly formats: readonly { readonly payloadType: number; readonly format: AudioFormat }[];
  /** RFC 4733 payload type to send with, where the far end takes telephone-events; we take the same. */
  readonly telephoneEvent?: number;
  /** Milliseconds of audio per packet that we send, 10–60; default 20. */
  readonly ptime?: number;
  /** From our view (RFC 3264 §8.4): may we send, do we take. Default both. */
  readonly direction?: { readonly send: boolean; readonly recv: boolean };
}

export interface EngineLoad {
  /** Channels open now. */
  readonly active: number;
  /** Channels that could still be opened. */
  readonly available: number;
}

/** Every reason a received packet goes no further. The native enum `Drop` (native/core/drop) has the same names. */
export type DropReason = string;

export interface ChannelStatistics {
  readonly received: {
    readonly packets: number;
    readonly octets: number;
    readonly lost: number;
    readonly jitterMillis: number;
  };
  readonly sent: { readonly packets: number; readonly octets: number };
  readonly dropped: Readonly<Record<DropReason, number>>;
}

export interface MediaHealth {
  /** Open channels. */
  readonly channels: number;
  readonly sockets: number;
  readonly available: number;
  /** Events to JavaScript that did not fit their queue, since start. */
  readonly eventsLost: number;
}

export type MediaCommands = {
  /** Opens a channel: an even port for RTP and the next for RTCP. MEDIA_OUT_OF_PORTS when there is none. */
  open: {
    input: { control?: string; remote?: RemoteMedia };
    result: { uuid: string; ip: string; port: number; channels: EngineLoad };
  };
  /** Sets or changes the far end and arms the learning of its real source (RFC 4961, symmetric RTP). */
  target: { input: { uuid: string; remote: RemoteMedia }; result: object };
  /** Bridges two channels; each leaves the bridge it was in. A channel with itself: nothing happens. */
  mix: { input: { uuid: string; other: string }; result: object };
  unmix: { input: { uuid: string }; result: object };
  /** Idempotent; the channel's `closed` event tells the rest. */
  close: { input: { uuid: string }; result: { channels: EngineLoad } };
  statistics: { input: { uuid: string }; result: ChannelStatistics };
  health: { input: object; result: MediaHealth };
};

export type MediaEvent =
  | {
      readonly type: "closed";
      readonly uuid: string;
      readonly control?: string;
      readonly reason: "requested" | "idle-timeout" | "shutdown" | "error";
      readonly statistics: ChannelStatistics;
    }
  /** Packets came from somewhere else than the agreed source; told once per channel and source. */
  | {
      readonly type: "source-rejected";
      readonly uuid: string;
      readonly control?: string;
      readonly address: string;
      readonly port: number;
    }
  /** RFC 4733: at the first packet of a key press. */
  | {
      readonly type: "telephone-event";
      readonly uuid: string;
      readonly control?: string;
      readonly event: string;
    };

export type MediaCommand = Command<MediaCommands>;
export type MediaService = Service<MediaCommands, MediaEvent>;
