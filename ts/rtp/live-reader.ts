import { Readable } from "node:stream";
import type { LiveDirection, LiveFormat, ReaderShape } from "./live-format.js";

/** Milliseconds of audio that wait here, beside the second that the engine keeps. */
const WAITING_FRAMES = 10;

/** The engine's end of a reader. */
export interface ReaderPort {
  /** All that waits there, whole frames; undefined: nothing now. */
  read(): Uint8Array | undefined;
  close(): void;
}

/**
 * What a channel hears or says, 20 ms per chunk, silence included. It ends when the channel closes. Whoever reads too
 * slowly misses what is older than about a second; the call is not held up.
 */
export class LiveReader extends Readable {
  readonly format: LiveFormat;
  readonly samplerate: number;
  readonly numchannels: 1 | 2;
  readonly direction: LiveDirection;
  readonly #port: ReaderPort;
  readonly #frameOctets: number;
  #isWanted = false;
  #hasEnded = false;

  constructor(port: ReaderPort, { shape, frameOctets }: ReaderShape) {
    super({ highWaterMark: frameOctets * WAITING_FRAMES });
    const { format, samplerate, numchannels, direction } = shape;
    this.format = format;
    this.samplerate = samplerate;
    this.numchannels = numchannels;
    this.direction = direction;
    this.#port = port;
    this.#frameOctets = frameOctets;
  }

  /** The engine has frames. */
  onReadable(): void {
    if (this.#isWanted) this.#pump();
  }

  /** The engine will have no more than it has now. */
  onEnded(): void {
    this.#hasEnded = true;
    if (this.#isWanted) this.#pump();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#pump();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#port.close();
    callback(error);
  }

  #pump(): void {
    while (this.#isWanted) {
      const octets = this.#port.read();
      if (octets === undefined) {
        if (this.#hasEnded) this.push(null);
        return;
      }
      this.#isWanted = this.#pushFrames(octets);
    }
  }

  /** @returns whether more is wanted. */
  #pushFrames(octets: Uint8Array): boolean {
    let isWanted = true;
    for (let start = 0; start < octets.length; start += this.#frameOctets) {
      const length = Math.min(this.#frameOctets, octets.length - start);
      isWanted = this.push(Buffer.from(octets.buffer, octets.byteOffset + start, length));
    }
    return isWanted;
  }
}
