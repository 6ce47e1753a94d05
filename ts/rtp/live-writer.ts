import { Writable } from "node:stream";
import type { LiveDirection, LiveFormat, LiveShape } from "./live-format.js";

const OCTETS_PER_SAMPLE = 2;
/** Of what waits here, beside the second that the engine keeps. */
const WAITING_MILLIS = 200;

/** The engine's end of a writer. */
export interface WriterPort {
  /** @returns how many samples were taken, from the front. */
  write(samples: Int16Array): number;
  /** All has been written. */
  end(): void;
  /** What was not played yet is given up. */
  close(): void;
}

/**
 * What a channel says instead of what it played, in chunks of any size. `finish` tells that all of it was played out.
 * When something else takes its place, or the channel closes, it is destroyed.
 */
export class LiveWriter extends Writable {
  readonly format: LiveFormat;
  readonly samplerate: number;
  readonly numchannels: 1 | 2;
  readonly direction: LiveDirection;
  readonly #port: WriterPort;
  /** First half of a sample whose other half comes with the next chunk. */
  #half: number | undefined;
  /** What the engine had no room for, and what is to be done when it has. */
  #rest: { samples: Int16Array; readonly done: () => void } | undefined;
  #played: (() => void) | undefined;

  constructor(port: WriterPort, shape: LiveShape) {
    super({ highWaterMark: (shape.samplerate / 1000) * WAITING_MILLIS * OCTETS_PER_SAMPLE });
    this.format = shape.format;
    this.samplerate = shape.samplerate;
    this.numchannels = shape.numchannels;
    this.direction = shape.direction;
    this.#port = port;
  }

  /** The engine has room. */
  onWritable(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    this.#rest = undefined;
    this.#give(rest.samples, rest.done);
  }

  /** The engine has played it out, or plays something else by now. */
  onEnded(): void {
    if (this.#played === undefined) this.destroy();
    else this.#played();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#attempt(callback, () => {
      this.#give(this.#samples(chunk), callback);
    });
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#attempt(callback, () => {
      this.#played = callback;
      this.#port.end();
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#port.close();
    callback(error);
  }

  #give(samples: Int16Array, done: () => void): void {
    const taken = this.#port.write(samples);
    if (taken < samples.length) this.#rest = { samples: samples.subarray(taken), done };
    else done();
  }

  /** Into memory of its own: a chunk may begin at an odd octet. */
  #samples(chunk: Buffer): Int16Array {
    const octets = this.#half === undefined ? chunk : Buffer.concat([Buffer.of(this.#half), chunk]);
    const count = Math.floor(octets.length / OCTETS_PER_SAMPLE);
    const samples = new Int16Array(count);
    Buffer.from(samples.buffer).set(octets.subarray(0, count * OCTETS_PER_SAMPLE));
    this.#half = octets.length % OCTETS_PER_SAMPLE === 0 ? undefined : octets[octets.length - 1];
    return samples;
  }

  #attempt(callback: (error?: Error | null) => void, run: () => void): void {
    try {
      run();
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
