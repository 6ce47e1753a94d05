/** Playing and recording through the addon: what a phone hears, and what stands in the file. */
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import type { MediaCommands, MediaEvent, SoundSoup } from "../../ts/rtp/media-service.js";
import { readWav, writeWav } from "../interop/support/wav.js";
import { MediaBench, remoteOf } from "./support/media-bench.js";
import type { Phone } from "./support/phone.js";
import { listen, say } from "./support/talk.js";
import { amplitudeOf, sine } from "./support/tones.js";

interface Call {
  readonly bench: MediaBench;
  readonly phone: Phone;
  readonly uuid: string;
  readonly port: number;
  readonly folder: string;
  play(soup: SoundSoup): Promise<object>;
  record(options: MediaCommands["record"]["input"]["options"]): Promise<object>;
}

/** A phone that speaks L16, on a channel; `400.wav` has 300 ms of 400 Hz, and so on. */
async function call(t: Test): Promise<Call> {
  const folder = realpathSync(t.testdir());
  for (const hertz of [400, 1000]) {
    writeWav(join(folder, `${hertz}.wav`), { samplingRate: 8000, samples: sine(hertz, 0.3) });
  }
  const bench = await MediaBench.start(t, { soundsRoot: folder, recordingsRoot: folder });
  const phone = await bench.phone();
  const { uuid, port } = await bench.open(remoteOf(phone, "L16/8000"));
  const { service } = bench;
  return {
    bench,
    phone,
    uuid,
    port,
    folder,
    play: (soup) => service.execute({ type: "play", uuid, soup }),
    record: (options) => service.execute({ type: "record", uuid, options }),
  };
}

const ended = (bench: MediaBench): Promise<MediaEvent> => bench.eventLike({ type: "play", event: "end" });

void t.test("a file is heard once, in packets of 20 ms, and its end is told", async (t) => {
  const { bench, phone, play } = await call(t);
  await play({ files: [{ wav: "400.wav" }] });
  const { packets, samples } = await listen(phone, ended(bench));
  t.match(bench.eventsOf("play"), [
    { event: "start", reason: "new" },
    { event: "end", reason: "completed" },
  ]);
  t.equal(packets.length, 15);
  const [first] = packets;
  t.equal(first?.marker, true, "RFC 3551 §4.1: the first after silence");
  t.strictSame(
    packets.map(({ timestamp }) => (timestamp - (first?.timestamp ?? 0)) >>> 0),
    packets.map((_, index) => 160 * index),
  );
  t.ok(Math.abs(amplitudeOf(400, samples) - 8000) < 100, "at its level");
  t.ok(amplitudeOf(1000, samples) < 100);
});

void t.test("loops, parts of files and tones, one after the other", async (t) => {
  const { bench, phone, play } = await call(t);
  await play({
    files: [
      { wav: "400.wav", start: 100, stop: 200, loop: 2 },
      { tone: "1000*0.25:100" },
      { wav: "missing.wav" },
    ],
    loop: 2,
  });
  const { samples } = await listen(phone, ended(bench));
  t.ok(Math.abs(samples.length - 2 * 2400) <= 160, `${samples.length} samples`);
  const part = (millis: number): Int16Array => samples.subarray(millis * 8 + 160, (millis + 100) * 8 - 160);
  for (const start of [0, 100, 300, 400]) t.ok(amplitudeOf(400, part(start)) > 7500, `400 Hz at ${start} ms`);
  for (const start of [200, 500]) t.ok(amplitudeOf(1000, part(start)) > 7500, `1000 Hz at ${start} ms`);
});

void t.test("a file that is none: the end says so", async (t) => {
  const { bench, play, folder } = await call(t);
  writeFileSync(join(folder, "text.wav"), "this is no sound");
  await play({ files: [{ wav: "text.wav" }] });
  t.match(await ended(bench), { reason: "error" });
});

void t.test("R078: a key press ends an interruptible sound, and is told after that", async (t) => {
  const { bench, phone, port, play } = await call(t);
  await play({ files: [{ wav: "400.wav" }], loop: true, interupt: true });
  for (let sequence = 1; sequence <= 3; sequence++) {
    const payload = Uint8Array.of(7, 10, 0, 160 * sequence);
    await phone.send({ payloadType: 101, sequence, timestamp: 800, marker: sequence === 1, payload }, port);
  }
  await bench.event("telephone-event");
  t.match(bench.eventsOf("play", "telephone-event"), [
    { event: "start" },
    { event: "end", reason: "telephone-event" },
    { type: "telephone-event", event: "7" },
  ]);
});

void t.test("what comes in is recorded, and told with its length", async (t) => {
  const { bench, phone, port, record, folder } = await call(t);
  await record({ file: "in.wav", numchannels: 1, direction: "in" });
  await say(phone, port, sine(1000, 1));
  await record({ file: "in.wav", finish: true });
  const finished = await bench.eventLike({ type: "record", event: "finished" });
  t.match(finished, { file: "in.wav", reason: "requested" });
  const path = join(folder, "in.wav");
  t.equal((finished as { filesize?: number }).filesize, readFileSync(path).length);
  const { samplingRate, samples } = readWav(path);
  t.equal(samplingRate, 8000);
  t.ok(Math.abs(samples.length - 8000) <= 5 * 160, `${samples.length} samples`);
  t.ok(amplitudeOf(1000, samples.subarray(1600, 6400)) > 7000);
});

void t.test("a prompt, and at its end the recording", async (t) => {
  const { bench, phone, port, uuid, folder } = await call(t);
  const options = {
    soup: { files: [{ wav: "400.wav" }] },
    record: { file: "said.wav", numchannels: 1, direction: "in", maxduration: 300 },
  } as const;
  await bench.service.execute({ type: "playrecord", uuid, options });
  await say(phone, port, sine(1000, 1));
  t.match(await bench.eventLike({ type: "record", event: "finished" }), { reason: "timeout" });
  t.match(bench.eventsOf("play", "record"), [
    { type: "play", event: "start" },
    { type: "play", event: "end", reason: "completed" },
    { type: "record", event: "recording", file: "said.wav" },
    { type: "record", event: "finished" },
  ]);
  const { samples } = readWav(join(folder, "said.wav"));
  const before = samples.length / 8 - 300;
  // The prompt lasts 300 ms, or longer where this machine is busy; a second was said.
  t.ok(before > 200 && before <= 700, `${before} ms that were said during the prompt come first`);
  t.ok(amplitudeOf(1000, samples.subarray(800, -160)) > 7500, "and go on without a gap");
});
