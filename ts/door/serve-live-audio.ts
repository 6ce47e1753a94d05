import type { Readable, Writable } from "node:stream";
import { MediaswitchError, toErrorRecord } from "../core/errors.js";
import type { FromEngine, LiveOptions, ToEngine } from "./live-audio-message.js";
import type { Port } from "./port.js";

/** Who has the streams. */
export interface LiveSource {
  createReadStream(uuid: string, options: LiveOptions): Readable;
  createWriteStream(uuid: string, options: Pick<LiveOptions, "samplerate">): Writable;
}

/** Streams open at once through one door. */
const MOST_STREAMS = 10_000;

/** Gives the other end of `port` streams of `source`: read only as fast as it reads, written as fast as they are played. */
export function serveLiveAudio(port: Port, source: LiveSource): void {
  const served = new ServedStreams(port, source);
  port.on("message", (message) => served.take(message as ToEngine));
  port.on("close", () => served.close());
}

class ServedStreams {
  readonly #port: Port;
  readonly #source: LiveSource;
  readonly #streams = new Map<number, Readable | Writable>();

  constructor(port: Port, source: LiveSource) {
    this.#port = port;
    this.#source = source;
  }

  take(message: ToEngine): void {
    const { stream } = message;
    const open = this.#streams.get(stream);
    switch (message.type) {
      case "read":
        this.#keep(stream, () => this.#read(stream, message.uuid, message.options));
        return;
      case "write":
        this.#keep(stream, () => this.#write(stream, message.uuid, message.options));
        return;
      case "more":
        if (open !== undefined && "resume" in open) open.resume();
        return;
      case "chunk":
        if (open === undefined || !("write" in open)) return;
        open.write(message.data, () => this.#send({ type: "taken", stream }));
        return;
      case "end":
        if (open !== undefined && "end" in open) open.end();
        return;
      case "destroy":
        open?.destroy();
        return;
    }
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.destroy();
  }

  #send(message: FromEngine): void {
    this.#port.postMessage(message);
  }

  #keep(stream: number, open: () => Readable | Writable): void {
    try {
      if (this.#streams.size >= MOST_STREAMS) {
        throw new MediaswitchError("MEDIA_UNAVAILABLE", "too many live streams are open");
      }
      const opened = open();
      this.#streams.set(stream, opened);
      let error: unknown;
      opened.once("error", (cause) => {
        error = cause;
      });
      opened.once("close", () => {
        this.#streams.delete(stream);
        this.#send({ type: "closed", stream, ...(error !== undefined && { error: toErrorRecord(error) }) });
      });
    } catch (error) {
      this.#send({ type: "closed", stream, error: toErrorRecord(error) });
    }
  }

  #read(stream: number, uuid: string, options: LiveOptions): Readable {
    const readable = this.#source.createReadStream(uuid, options);
    readable.on("data", (data: Uint8Array) => {
      readable.pause();
      // A copy of its own: chunks may share the memory of others.
      this.#send({ type: "chunk", stream, data: Uint8Array.from(data) });
    });
    readable.once("end", () => this.#send({ type: "ended", stream }));
    return readable;
  }

  #write(stream: number, uuid: string, { samplerate }: LiveOptions): Writable {
    const writable = this.#source.createWriteStream(uuid, samplerate === undefined ? {} : { samplerate });
    writable.once("finish", () => this.#send({ type: "ended", stream }));
    return writable;
  }
}
