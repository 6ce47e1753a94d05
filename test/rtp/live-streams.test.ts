import { pipeline } from "node:stream/promises";
import t from "tap";
import type { Readable, Writable } from "node:stream";
import { readerShape, writerShape, type ReadOptions } from "../../ts/rtp/live-format.js";
import { LiveReader } from "../../ts/rtp/live-reader.js";
import { LiveWriter } from "../../ts/rtp/live-writer.js";
import { ManualClock } from "../support/manual-clock.js";

const settle = (): Promise<void> => new ManualClock().settle();

t.test("R130: what may be asked of a reader, and what comes", (t) => {
  const rows: readonly [options: ReadOptions, native: string, frameOctets: number][] = [
    [{}, "in L16/8000", 320],
    [{ direction: "out", samplerate: 16_000 }, "out L16/16000", 640],
    [{ direction: "both", numchannels: 2 }, "both L16/8000", 640],
    [{ direction: "both", samplerate: 16_000 }, "both L16/16000", 1280],
    [{ format: "pcma" }, "in PCMA", 160],
    [{ format: "pcmu", samplerate: 8000, numchannels: 1 }, "in PCMU", 160],
    [{ format: "g722" }, "in G722", 160],
    [{ format: "ilbc" }, "in iLBC/20", 38],
  ];
  for (const [options, native, frameOctets] of rows) {
    const shape = readerShape(options);
    t.equal(`${shape.native.direction} ${shape.native.format}`, native);
    t.equal(shape.frameOctets, frameOctets, native);
  }
  t.strictSame(readerShape({ direction: "both", samplerate: 16_000 }).shape, {
    direction: "both",
    format: "l16",
    samplerate: 16_000,
    numchannels: 2,
  });
  t.equal(readerShape({ format: "g722" }).shape.samplerate, 16_000);
  t.end();
});

t.test("what can't be is refused by its name", (t) => {
  const reads: readonly [field: string, options: object][] = [
    ["direction", { direction: "up" }],
    ["format", { format: "opus" }],
    ["samplerate", { samplerate: 44_100 }],
    ["samplerate", { format: "pcmu", samplerate: 16_000 }],
    ["samplerate", { format: "g722", samplerate: 8000 }],
    ["format", { direction: "both", format: "pcma" }],
    ["numchannels", { direction: "both", numchannels: 1 }],
    ["numchannels", { direction: "in", numchannels: 2 }],
  ];
  for (const [field, options] of reads) {
    t.throws(() => readerShape(options), { code: "ARGUMENT_INVALID", field }, JSON.stringify(options));
  }
  const writes: readonly [field: string, options: object][] = [
    ["format", { format: "pcmu" }],
    ["numchannels", { numchannels: 2 }],
    ["samplerate", { samplerate: 48_000 }],
  ];
  for (const [field, options] of writes) {
    t.throws(() => writerShape(options), { code: "ARGUMENT_INVALID", field }, JSON.stringify(options));
  }
  t.strictSame(writerShape({}), { format: "l16", samplerate: 8000, numchannels: 1, direction: "out" });
  t.end();
});

/** A reader over frames that a test puts there. */
function reading(): { reader: LiveReader; waiting: Uint8Array[]; reads: () => number; closed: () => number } {
  const waiting: Uint8Array[] = [];
  let reads = 0;
  let closed = 0;
  const port = {
    read: () => {
      reads += 1;
      return waiting.shift();
    },
    close: () => {
      closed += 1;
    },
  };
  return {
    reader: new LiveReader(port, readerShape({ format: "pcmu" })),
    waiting,
    reads: () => reads,
    closed: () => closed,
  };
}

/** So many frames in one piece, each octet the frame's number. */
const frames = (first: number, count: number): Uint8Array =>
  Uint8Array.from({ length: 160 * count }, (_, index) => first + Math.floor(index / 160));

t.test("R131: one frame per chunk, whatever came together", async (t) => {
  const { reader, waiting, closed } = reading();
  t.match(reader, { format: "pcmu", samplerate: 8000, numchannels: 1, direction: "in" });
  const chunks: Buffer[] = [];
  reader.on("data", (chunk: Buffer) => chunks.push(chunk));
  await settle();
  waiting.push(frames(0, 3), frames(3, 1));
  reader.onReadable();
  await settle();
  t.strictSame(
    chunks.map((chunk) => [chunk.length, chunk[0], chunk[159]]),
    [0, 1, 2, 3].map((number) => [160, number, number]),
  );
  waiting.push(frames(4, 1));
  reader.onEnded();
  await new Promise((resolve) => reader.once("close", resolve));
  t.equal(chunks.length, 5, "what had come before the end");
  t.equal(closed(), 1);
});

t.test("R132: who does not read does not make us read", async (t) => {
  const { reader, waiting, reads } = reading();
  for (let number = 0; number < 40; number++) waiting.push(frames(number, 1));
  reader.read(0);
  await settle();
  reader.onReadable();
  await settle();
  t.equal(reader.readableLength, 10 * 160, "a fifth of a second waits here");
  t.equal(reads(), 10);
  const heard: number[] = [];
  reader.on("data", (chunk: Buffer) => heard.push(chunk[0] ?? -1));
  await settle();
  reader.onReadable();
  await settle();
  t.strictSame(
    heard,
    Array.from({ length: 40 }, (_, number) => number),
    "all of it, in order",
  );
});

t.test("a reader that ends while nobody reads ends for the reader later", async (t) => {
  const { reader, waiting } = reading();
  waiting.push(frames(1, 1));
  reader.onEnded();
  const heard: Buffer[] = [];
  for await (const chunk of reader as AsyncIterable<Buffer>) heard.push(chunk);
  t.equal(heard.length, 1);
});

t.test("a reader that is destroyed lets go of the engine's", async (t) => {
  const { reader, closed } = reading();
  (reader as Readable).destroy();
  await settle();
  t.equal(closed(), 1);
  reader.onReadable();
  reader.onEnded();
});

/** A writer into an engine that has room for so many samples. */
function writing(room: number): {
  writer: LiveWriter;
  taken: number[];
  told: string[];
  makeRoom: (samples: number) => void;
} {
  const taken: number[] = [];
  const told: string[] = [];
  let left = room;
  const port = {
    write: (samples: Int16Array) => {
      const count = Math.min(left, samples.length);
      left -= count;
      taken.push(...samples.subarray(0, count));
      return count;
    },
    end: () => told.push("end"),
    close: () => told.push("close"),
  };
  const writer = new LiveWriter(port, writerShape({}));
  const makeRoom = (samples: number): void => {
    left += samples;
    writer.onWritable();
  };
  return { writer, taken, told, makeRoom };
}

const octetsOf = (samples: readonly number[]): Buffer => Buffer.from(Int16Array.from(samples).buffer);
const ramp = (count: number): number[] => Array.from({ length: count }, (_, index) => index - 100);

t.test("R134: chunks of any size, also ones that cut samples in two", async (t) => {
  const { writer, taken, told } = writing(Number.POSITIVE_INFINITY);
  t.match(writer, { format: "l16", samplerate: 8000, numchannels: 1 });
  const octets = octetsOf(ramp(300));
  const cuts = [0, 1, 2, 5, 8, 9, 100, 101, 600];
  cuts.slice(1).forEach((end, index) => writer.write(octets.subarray(cuts[index], end)));
  await settle();
  t.strictSame(taken, ramp(300));
  let isFinished = false;
  writer.end(() => (isFinished = true));
  await settle();
  t.strictSame(told, ["end"]);
  t.equal(isFinished, false, "not played out yet");
  writer.onEnded();
  await settle();
  t.equal(isFinished, true);
  t.strictSame(told, ["end", "close"]);
});

t.test("a full engine holds the writer up, and loses nothing", async (t) => {
  const { writer, taken, makeRoom } = writing(100);
  let isWritten = false;
  t.equal(
    writer.write(octetsOf(ramp(4000)), () => (isWritten = true)),
    false,
    "more than may wait here",
  );
  await settle();
  t.equal(taken.length, 100);
  makeRoom(1900);
  await settle();
  t.equal(taken.length, 2000);
  t.equal(isWritten, false);
  makeRoom(3000);
  await settle();
  t.equal(isWritten, true);
  writer.onWritable();
  t.strictSame(taken, ramp(4000));
});

t.test("a pipeline through both ends keeps every sample", async (t) => {
  const { reader, waiting } = reading();
  const { writer, taken, makeRoom } = writing(0);
  const finished = pipeline(reader, writer as Writable);
  for (let number = 0; number < 100; number++) {
    waiting.push(frames(number, 1));
    reader.onReadable();
    makeRoom(60);
    await settle();
  }
  reader.onEnded();
  while (taken.length < 8000) {
    makeRoom(60);
    await settle();
  }
  writer.onEnded();
  await finished;
  t.strictSame(
    taken,
    Array.from({ length: 8000 }, (_, index) => 0x0101 * Math.floor(index / 80)),
  );
});

t.test("something else takes its place: the writer is destroyed, what waits is given up", async (t) => {
  const { writer, told } = writing(10);
  const errors: unknown[] = [];
  writer.on("error", (error) => errors.push(error));
  writer.write(octetsOf(ramp(20)));
  await settle();
  writer.onEnded();
  await settle();
  t.equal(writer.destroyed, true);
  t.equal(writer.writableFinished, false);
  t.strictSame(told, ["close"]);
  t.strictSame(errors, []);
  writer.onWritable();
});
