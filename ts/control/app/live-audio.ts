/** A call's audio as streams. */
import type { MediaService } from "../../rtp/media-service.js";

/** 16-bit samples in the machine's octet order. */
export interface LiveAudioOptions {
  /** Hertz; default 8000. */
  readonly samplerate?: 8000 | 16_000;
  /** `in` (default): what the far end says. `out`: what it hears. `both`: two channels, `in` on the left. */
  readonly direction?: "in" | "out" | "both";
}

/** What is read ends with the call; it is lost when nobody reads for a second. */
export interface AudioSource extends AsyncIterable<Uint8Array> {
  /** No more is wanted. */
  destroy(): unknown;
}

/** What is written is played in place of what was. */
export interface AudioSink {
  /** @returns false: wait for `drain` before more is written. */
  write(chunk: Uint8Array): boolean;
  /** All was written: it is played out. */
  end(): unknown;
  /** Gives up what was not played yet: for who is interrupted. */
  destroy(): unknown;
  once(event: "drain" | "finish" | "close", listener: () => void): unknown;
  once(event: "error", listener: (error: unknown) => void): unknown;
}

export interface LiveAudio {
  /** 20 ms per chunk. */
  readonly input: AudioSource;
  /** Opens a stream to be heard by the far end; each one takes the place of the last. */
  output(): AudioSink;
}

/** A media service that streams, too: one in this process. */
export interface StreamingMediaService extends MediaService {
  createReadStream(uuid: string, options: LiveAudioOptions): AudioSource;
  createWriteStream(uuid: string, options: Pick<LiveAudioOptions, "samplerate">): AudioSink;
}
