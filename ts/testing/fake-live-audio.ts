/** A call's audio as streams, without audio: what phones say comes in as tones of that frequency, and what is written is heard as one. */
import { Readable, Writable } from "node:stream";
import { ms } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import type { Sound } from "./phone-audio.js";

const CHUNK_MILLIS = 20;
const LOUD = 8000;
/** As much as is looked at to tell a tone; in seconds. */
const WINDOW = 0.2;
/** Chunks that wait for a reader; then they are lost. */
const MOST_WAITING = 50;
/** A real engine keeps so much of what is written, in milliseconds. */
const MOST_AHEAD = 400;
/** Words sound like this. */
const SPEECH = 200;

/** 20 ms chunks of what is heard: a sine for each tone, 200 Hz for words and files. */
export function readLive({
  clock,
  samplerate,
  sounds,
}: {
  readonly clock: Clock;
  readonly samplerate: number;
  readonly sounds: () => readonly Sound[];
}): Readable {
  const samples = (samplerate * CHUNK_MILLIS) / 1000;
  let sent = 0;
  const stream = new Readable({ read: () => undefined, highWaterMark: MOST_WAITING * samples * 2 });
  let timer = clock.after(ms(CHUNK_MILLIS), tick);
  function tick(): void {
    const frequencies = sounds().map((sound) => (typeof sound === "number" ? sound : SPEECH));
    const chunk = new Int16Array(samples);
    for (let index = 0; index < samples; index++) {
      const seconds = (sent + index) / samplerate;
      for (const hertz of frequencies) {
        chunk[index] = (chunk[index] ?? 0) + LOUD * Math.sin(2 * Math.PI * hertz * seconds);
      }
    }
    sent += samples;
    if (stream.readableLength < stream.readableHighWaterMark) stream.push(Buffer.from(chunk.buffer));
    timer = clock.after(ms(CHUNK_MILLIS), tick);
  }
  stream.once("close", () => {
    timer.cancel();
  });
  return stream;
}

/** What is written, played at its own speed. */
export class LiveOutput {
  readonly stream: Writable;
  readonly #samplerate: number;
  readonly #clock: Clock;
  /** The last of what was written, to tell its tone. */
  #window: number[] = [];
  /** Until when there is something to be played. */
  #until = 0;

  constructor({ clock, samplerate, ended }: { clock: Clock; samplerate: number; ended: () => void }) {
    this.#clock = clock;
    this.#samplerate = samplerate;
    this.stream = new Writable({
      highWaterMark: (samplerate * 2 * MOST_AHEAD) / 1000,
      write: (chunk: Uint8Array, _encoding, done) => {
        this.#take(chunk);
        clock.after(ms(Math.max(0, this.#until - clock.now() - MOST_AHEAD)), done);
      },
      final: (done) => {
        clock.after(ms(Math.max(0, this.#until - clock.now())), done);
      },
    });
    this.stream.once("close", ended);
  }

  /** The tone that is heard of it at this moment, to the nearest 10 Hz; undefined: silence. */
  get sound(): number | undefined {
    if (this.#clock.now() >= this.#until) return undefined;
    let crossings = 0;
    for (let index = 1; index < this.#window.length; index++) {
      if (Number(this.#window[index - 1]) < 0 !== Number(this.#window[index]) < 0) crossings += 1;
    }
    const hertz = (crossings * this.#samplerate) / (2 * Math.max(1, this.#window.length));
    return crossings === 0 ? undefined : Math.round(hertz / 10) * 10;
  }

  #take(chunk: Uint8Array): void {
    const samples = new Int16Array(chunk.slice().buffer);
    this.#window = [...this.#window, ...samples].slice(-WINDOW * this.#samplerate);
    const begin = Math.max(this.#until, this.#clock.now());
    this.#until = begin + (samples.length * 1000) / this.#samplerate;
  }
}
