/** Live audio between two threads: streams of the engine at the other end of a door. */
import { Readable, Writable } from "node:stream";
import { once } from "node:events";
import { MessageChannel } from "node:worker_threads";
import t, { type Test } from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import { connectLiveAudio } from "../../ts/door/connect-live-audio.js";
import { serveLiveAudio, type LiveSource } from "../../ts/door/serve-live-audio.js";

/** An engine that says the numbers up to `most`, one octet each, and hears what it is told. */
class Engine implements LiveSource {
  readonly heard: number[] = [];
  readonly opened: unknown[] = [];
  readonly streams: (Readable | Writable)[] = [];
  said = 0;
  most = Number.POSITIVE_INFINITY;

  createReadStream(uuid: string, options: object): Readable {
    if (uuid === "unknown") throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", "no such channel", "uuid");
    this.opened.push(["read", uuid, options]);
    const next = (): Uint8Array | null => {
      this.said += 1;
      return this.said > this.most ? null : Uint8Array.of(this.said % 256);
    };
    const stream = new Readable({
      highWaterMark: 1,
      read() {
        this.push(next());
      },
    });
    this.streams.push(stream);
    return stream;
  }

  createWriteStream(uuid: string, options: object): Writable {
    this.opened.push(["write", uuid, options]);
    const stream = new Writable({
      write: (chunk: Uint8Array, _encoding, callback) => {
        this.heard.push(...chunk);
        callback();
      },
    });
    this.streams.push(stream);
    return stream;
  }
}

function opened(t: Test): {
  readonly engine: Engine;
  readonly audio: LiveSource;
  readonly close: () => void;
} {
  const engine = new Engine();
  const { port1, port2 } = new MessageChannel();
  serveLiveAudio(port1, engine);
  const close = (): void => {
    port1.close();
  };
  t.teardown(close);
  return { engine, audio: connectLiveAudio(port2), close };
}

t.test("what is said is read, to the end", async (t) => {
  const { engine, audio } = opened(t);
  engine.most = 40;
  const read: number[] = [];
  for await (const chunk of audio.createReadStream("a", { samplerate: 16_000, direction: "both" })) {
    read.push(...(chunk as Uint8Array));
  }
  t.same(
    read,
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  t.same(engine.opened, [["read", "a", { samplerate: 16_000, direction: "both" }]]);
});

t.test("nothing is read ahead of a slow reader but what fits", async (t) => {
  const { engine, audio } = opened(t);
  const stream = audio.createReadStream("a", {});
  const [first] = (await once(stream, "readable").then(() => [stream.read()])) as [Uint8Array];
  t.same([...first], [1]);
  let before = -1;
  while (engine.said !== before) {
    before = engine.said;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  t.ok(engine.said < 30, `${String(engine.said)} chunks were made`);
  stream.destroy();
  const [theirs] = engine.streams;
  if (theirs !== undefined && !theirs.destroyed) await once(theirs, "close");
  t.equal(theirs?.destroyed, true);
});

t.test("what is written is heard; finish tells that all of it was", async (t) => {
  const { engine, audio } = opened(t);
  const stream = audio.createWriteStream("a", { samplerate: 8000 });
  for (let number = 1; number <= 20; number += 1) stream.write(Uint8Array.of(number));
  stream.end();
  await once(stream, "finish");
  t.same(
    engine.heard,
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

t.test("the engine ends a stream: something else took its place", async (t) => {
  const { engine, audio } = opened(t);
  const stream = audio.createWriteStream("a", {});
  stream.write(Uint8Array.of(1));
  while (engine.heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
  engine.streams[0]?.destroy();
  await once(stream, "close");
  t.equal(stream.destroyed, true);
});

t.test("a refusal is told as an error of the stream", async (t) => {
  const { audio } = opened(t);
  const [error] = (await once(audio.createReadStream("unknown", {}), "error")) as [unknown];
  t.match(error, { code: "MEDIA_CHANNEL_UNKNOWN", field: "uuid" });
});

t.test("the door closes: streams end on both sides", async (t) => {
  const { engine, audio, close } = opened(t);
  const stream = audio.createReadStream("a", {});
  await once(stream, "readable");
  close();
  if (!stream.destroyed) await once(stream, "close");
  while (engine.streams[0]?.destroyed !== true) await new Promise((resolve) => setImmediate(resolve));
  t.pass("both are closed");
});
