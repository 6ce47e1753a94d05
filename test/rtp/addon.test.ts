import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import t from "tap";
import { loadAddon, type NativeEngine, type NativeEvent } from "../../ts/rtp/addon.js";
import { parseTone } from "../../ts/rtp/tone-grammar.js";
import { writeWav } from "../interop/support/wav.js";
import { amplitudeOf } from "./support/tones.js";
import { testPort } from "./support/test-ports.js";

const run = promisify(execFile);
const options = {
  bind: "127.0.0.1",
  ports: { low: testPort(0), high: testPort(99) },
  shards: 2,
  seed: new Uint8Array(32).fill(7),
};

/** Takes events until one is the reply with that ticket. */
class Reader {
  readonly #replies = new Map<number, () => void>();
  readonly take = (events: readonly NativeEvent[]): void => {
    for (const event of events) if (event.type === "reply") this.#replies.get(event.ticket)?.();
  };
  replyTo(ticket: number): Promise<void> {
    return new Promise((resolve) => {
      this.#replies.set(ticket, resolve);
    });
  }
}

await t.test("least loaded placement, and a bridge moves a channel", async (t) => {
  const reader = new Reader();
  const engine: NativeEngine = new (loadAddon().MediaEngine)(options, reader.take);
  t.teardown(() => engine.stop());
  const [one, other] = [engine.open(undefined), engine.open(undefined)];
  t.equal(engine.health().moves, 0);
  engine.mix(one.channel, other.channel, 1);
  await reader.replyTo(1);
  t.equal(engine.health().moves, 1);
  engine.mix(other.channel, one.channel, 2);
  await reader.replyTo(2);
  t.equal(engine.health().moves, 1, "they are together now");
});

await t.test("an addon that can't be loaded: the error says what to do", (t) => {
  // Where node-gyp-build looks instead of in the package's folder.
  process.env["MEDIASWITCH_PREBUILD"] = t.testdir({});
  t.teardown(() => delete process.env["MEDIASWITCH_PREBUILD"]);
  t.throws(() => loadAddon(), {
    code: "MEDIA_UNAVAILABLE",
    message: /No native build was found.*npm run build:native.*libboost-dev/s,
  });
  t.end();
});

await t.test("arguments of the wrong type are refused, not crashed on", (t) => {
  const { MediaEngine } = loadAddon();
  const make = MediaEngine as unknown as new (...args: unknown[]) => NativeEngine;
  const ignore = (): void => undefined;
  for (const args of [[], [options], [options, 7], [null, ignore], ["x", ignore], [{}, ignore]]) {
    t.throws(() => new make(...args), { code: "ARGUMENT_INVALID" });
  }
  t.throws(() => new make({ ...options, seed: new Uint8Array(31) }, ignore), {
    code: "ARGUMENT_INVALID",
    field: "seed",
  });
  t.throws(() => new make({ ...options, seed: new Uint16Array(16) }, ignore), {
    code: "ARGUMENT_INVALID",
    field: "seed",
  });
  t.throws(() => new make({ ...options, ports: 7 }, ignore), { code: "ARGUMENT_INVALID", field: "ports" });
  const engine = new make(options, ignore);
  const loose = engine as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of [
    ...["target", "mix", "unmix", "direction", "whisper", "dtmf", "detect", "echo", "close", "ask"],
    ...["play", "stopPlay", "pausePlay", "resumePlay"],
    ...["record", "pauseRecord", "finishRecord", "playRecord"],
    ...["openReader", "read", "closeReader", "openWriter", "write", "endWriter", "closeWriter"],
  ]) {
    for (const args of [
      [],
      [-1, 1, 1],
      [Number.NaN, {}, 1],
      ["1", "2", "3"],
      [1.5, 2.5, 3.5],
      [{}, [], null],
    ]) {
      t.throws(() => loose[name]?.(...args), { code: "ARGUMENT_INVALID" }, name);
    }
  }
  t.strictSame(engine.stop(), []);
  t.throws(() => engine.open(undefined), { code: "MEDIA_UNAVAILABLE" });
  t.end();
});

await t.test("tones are rendered, each cadence for its time", (t) => {
  const { renderTone } = loadAddon();
  for (const rate of [8000, 16_000]) {
    const samples = renderTone(parseTone("350+440*0.25/0:1000/500"), rate);
    t.equal(samples.length, 1.5 * rate);
    const [sound, silence] = [samples.subarray(0, rate), samples.subarray(rate)];
    for (const hertz of [350, 440]) {
      const amplitude = amplitudeOf(hertz, sound, rate);
      t.ok(Math.abs(amplitude - 8192) < 100, `${hertz} Hz at ${rate}: ${amplitude}`);
    }
    t.ok(amplitudeOf(400, sound, rate) < 100);
    t.ok(silence.every((sample) => sample === 0));
  }
  t.throws(() => renderTone([], 8000), { code: "ARGUMENT_INVALID", field: "tones" });
  t.throws(() => renderTone(parseTone("440:10"), 44_100), {
    code: "ARGUMENT_INVALID",
    field: "samplingRate",
  });
  t.end();
});

await t.test("R007: what a sound file's header says", (t) => {
  const { soundInfo } = loadAddon();
  const folder = t.testdir({ "text.wav": "this is no sound at all, but longer than a header has to be" });
  writeWav(join(folder, "a.wav"), { samplingRate: 16_000, samples: new Int16Array(100) });
  t.strictSame(soundInfo(join(folder, "a.wav")), {
    audioformat: 1,
    channelcount: 1,
    samplerate: 16_000,
    samplealignment: 2,
    byterate: 32_000,
    bitdepth: 16,
    chunksize: 36 + 200,
    fmtchunksize: 16,
    subchunksize: 200,
  });
  for (const name of ["text.wav", "missing.wav"]) {
    t.throws(() => soundInfo(join(folder, name)), { code: "ARGUMENT_INVALID", field: "file" }, name);
  }
  t.end();
});

/** Starts an engine with channels, by CommonJS, so that it also runs from a worker's text. */
const script = `
  const { MediaEngine } = require("node-gyp-build")(${JSON.stringify(process.cwd())});
  const engine = new MediaEngine(
    { bind: "127.0.0.1", ports: { low: ${String(testPort(200))}, high: ${String(testPort(299))} }, shards: 3, seed: new Uint8Array(32) }, () => {});
  for (let i = 0; i < 6; ++i) engine.openPaired(undefined);
  for (let i = 1; i < 6; ++i) engine.mix(i, i + 1, i);
`;

await t.test("the process ends by itself after stop, and at once when told to without it", async (t) => {
  const ended = await run(process.execPath, [
    "-e",
    `${script} engine.stopWith(() => {}); console.log("stopped");`,
  ]);
  t.equal(ended.stdout, "stopped\n");
  const told = await run(process.execPath, ["-e", `${script} console.log("exiting"); process.exit(0);`]);
  t.equal(told.stdout, "exiting\n");
});

await t.test(
  "worker threads: several engines side by side, and termination in the middle of it",
  async (t) => {
    for (let round = 0; round < 10; ++round) {
      const worker = new Worker(
        `${script} require("node:worker_threads").parentPort.postMessage(engine.health().channels);`,
        { eval: true },
      );
      const channels = await new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
      t.equal(channels, 6);
      t.equal(await worker.terminate(), 1);
    }
    const reader = new Reader();
    const engine = new (loadAddon().MediaEngine)(options, reader.take);
    t.teardown(() => engine.stop());
    engine.open(undefined);
    engine.ask(1, 5);
    await reader.replyTo(5);
    t.pass("the engine of the main thread goes on");
  },
);
