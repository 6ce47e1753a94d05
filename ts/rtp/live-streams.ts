import type { NativeEngine, NativeStreamEvent } from "./addon.js";
import { blaming } from "./engine-error.js";
import { readerShape, writerShape, type ReadOptions, type WriteOptions } from "./live-format.js";
import { LiveReader } from "./live-reader.js";
import { LiveWriter } from "./live-writer.js";

/** The streams that scripts hold open, by the engine's numbers for them. */
export class LiveStreams {
  readonly #engine: NativeEngine;
  readonly #readers = new Map<number, LiveReader>();
  readonly #writers = new Map<number, LiveWriter>();

  #isStopped = false;

  constructor(engine: NativeEngine) {
    this.#engine = engine;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID, with the option's name. */
  openReader(channel: number, options: ReadOptions): LiveReader {
    const shape = readerShape(options);
    const number = blaming(() => this.#engine.openReader(channel, shape.native));
    const reader = new LiveReader(
      {
        read: () => (this.#isStopped ? undefined : this.#engine.read(number)),
        close: () => {
          this.#readers.delete(number);
          if (!this.#isStopped) this.#engine.closeReader(number);
        },
      },
      shape,
    );
    this.#readers.set(number, reader);
    return reader;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID, with the option's name. */
  openWriter(channel: number, options: WriteOptions): LiveWriter {
    const shape = writerShape(options);
    const number = blaming(() => this.#engine.openWriter(channel, shape.samplerate));
    const writer = new LiveWriter(
      {
        write: (samples) => (this.#isStopped ? 0 : this.#engine.write(number, samples)),
        end: () => {
          if (!this.#isStopped) this.#engine.endWriter(number);
        },
        close: () => {
          this.#writers.delete(number);
          if (!this.#isStopped) this.#engine.closeWriter(number);
        },
      },
      shape,
    );
    this.#writers.set(number, writer);
    return writer;
  }

  /** The engine is stopped, and must not be asked any more: every stream ends. */
  stop(): void {
    this.#isStopped = true;
    for (const reader of [...this.#readers.values()]) reader.onEnded();
    for (const writer of [...this.#writers.values()]) writer.onEnded();
  }

  take(event: NativeStreamEvent): void {
    switch (event.type) {
      case "readable":
        this.#readers.get(event.reader)?.onReadable();
        return;
      case "reader-ended":
        this.#readers.get(event.reader)?.onEnded();
        return;
      case "writable":
        this.#writers.get(event.writer)?.onWritable();
        return;
      case "writer-ended":
        this.#writers.get(event.writer)?.onEnded();
        return;
    }
  }
}
