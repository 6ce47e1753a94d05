import { Readable, Writable } from "node:stream";
import { fromErrorRecord } from "../core/errors.js";
import type { FromEngine, LiveOptions, ToEngine } from "./live-audio-message.js";
import type { Port } from "./port.js";
import type { LiveSource } from "./serve-live-audio.js";

/** Chunks of 20 ms that wait here at most. */
const WAITING = 10;

/** Streams of the other end of `port`. */
export function connectLiveAudio(port: Port): LiveSource {
  const streams = new Map<number, RemoteReader | RemoteWriter>();
  let last = 0;
  const send = (message: ToEngine): void => port.postMessage(message);
  port.on("message", (message) => {
    const news = message as FromEngine;
    streams.get(news.stream)?.told(news);
    if (news.type === "closed") streams.delete(news.stream);
  });
  port.on("close", () => {
    for (const stream of streams.values()) stream.destroy();
    streams.clear();
  });
  const open = <Stream extends RemoteReader | RemoteWriter>(
    type: "read" | "write",
    [uuid, options]: readonly [string, LiveOptions],
    make: (stream: number) => Stream,
  ): Stream => {
    last += 1;
    const opened = make(last);
    streams.set(last, opened);
    send({ type, stream: last, uuid, options });
    return opened;
  };
  return {
    createReadStream: (uuid, options) =>
      open("read", [uuid, options], (stream) => new RemoteReader(stream, send)),
    createWriteStream: (uuid, options) =>
      open("write", [uuid, options], (stream) => new RemoteWriter(stream, send)),
  };
}

type Send = (message: ToEngine) => void;

class RemoteReader extends Readable {
  readonly #stream: number;
  readonly #send: Send;
  #isWaiting = false;
  /** The first chunk comes without being asked for. */
  #isFirst = true;

  constructor(stream: number, send: Send) {
    super({ objectMode: true, highWaterMark: WAITING });
    this.#stream = stream;
    this.#send = send;
  }

  told(news: FromEngine): void {
    switch (news.type) {
      case "chunk":
        this.#isWaiting = false;
        this.push(news.data);
        return;
      case "ended":
        this.push(null);
        return;
      case "closed":
        // What came before it is still read.
        if (news.error !== undefined) this.destroy(fromErrorRecord(news.error));
        else this.push(null);
        return;
      case "taken":
        return;
    }
  }

  override _read(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (this.#isFirst) this.#isFirst = false;
    else this.#send({ type: "more", stream: this.#stream });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#send({ type: "destroy", stream: this.#stream });
    callback(error);
  }
}

class RemoteWriter extends Writable {
  readonly #stream: number;
  readonly #send: Send;
  #taken: (() => void) | undefined;
  #played: (() => void) | undefined;

  constructor(stream: number, send: Send) {
    super();
    this.#stream = stream;
    this.#send = send;
  }

  told(news: FromEngine): void {
    switch (news.type) {
      case "taken": {
        const taken = this.#taken;
        this.#taken = undefined;
        taken?.();
        return;
      }
      case "ended":
        this.#played?.();
        return;
      case "closed":
        this.destroy(news.error === undefined ? undefined : fromErrorRecord(news.error));
        return;
      case "chunk":
        return;
    }
  }

  override _write(
    chunk: Uint8Array,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#taken = callback;
    this.#send({ type: "chunk", stream: this.#stream, data: Uint8Array.from(chunk) });
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#played = callback;
    this.#send({ type: "end", stream: this.#stream });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#send({ type: "destroy", stream: this.#stream });
    callback(error);
  }
}
