/** What commands come to at the addon, and what its events come to: against an engine that a test plays. */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { ms } from "../../ts/core/brand.js";
import type { Command } from "../../ts/core/service.js";
import type {
  ChannelStatistics,
  MediaCommands,
  MediaEvent,
  RemoteMedia,
} from "../../ts/rtp/media-service.js";
import { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { FakeEngine, type Told } from "./support/fake-engine.js";

const remote: RemoteMedia = {
  address: "192.0.2.1",
  port: 4000,
  formats: [{ payloadType: 9, format: "G722" }],
};

const statistics = { datagrams: 7 } as ChannelStatistics;

interface Bench {
  readonly engine: FakeEngine;
  readonly service: NativeMediaService;
  readonly clock: ManualClock;
  readonly events: MediaEvent[];
  readonly folder: string;
  open(more?: MediaCommands["open"]["input"]): Promise<string>;
  run(command: Command<MediaCommands>): Promise<object>;
}

async function start(t: Test): Promise<Bench> {
  const engine = new FakeEngine();
  const clock = new ManualClock();
  const folder = realpathSync(t.testdir({ "a.wav": "", "b.wav": "", "b.g722": "" }));
  const service = await NativeMediaService.start({
    bind: "127.0.0.1",
    ports: { low: 10_000, high: 10_099 },
    clock,
    addon: engine.addon,
    soundsRoot: folder,
    recordingsRoot: folder,
  });
  const events: MediaEvent[] = [];
  service.attach(async (event) => {
    events.push(event);
  });
  return {
    engine,
    service,
    clock,
    events,
    folder,
    open: async (more = {}) => (await service.execute({ type: "open", ...more })).uuid,
    run: (command) => service.execute(command),
  };
}

t.test("each command is one call into the engine, with all defaults filled in", async (t) => {
  const { engine, open, run, folder } = await start(t);
  const [uuid, other] = [await open({ remote }), await open()];
  const recording = {
    channels: 2,
    direction: "both",
    startAbovePower: 0,
    finishBelowPower: 0,
    averagePackets: 250,
    minMillis: 0,
    maxMillis: 0,
  };
  const entry = { startMillis: 0, plays: 1 };
  const wav = { entries: [{ file: join(folder, "a.wav"), coding: "wav", ...entry }], plays: 1 };
  const soup = { files: [{ wav: "a.wav" }] };
  const r = join(folder, "r.wav");
  const rows: readonly [Command<MediaCommands>, Told][] = [
    [{ type: "target", uuid, remote }, ["target", 1, remote]],
    [{ type: "mix", uuid, other }, ["mix", 1, 2]],
    [{ type: "unmix", uuid }, ["unmix", 1]],
    [{ type: "direction", uuid, recv: false }, ["direction", 1, true, false]],
    [{ type: "whisper", uuid, to: other }, ["whisper", 1, 2]],
    [{ type: "whisper", uuid }, ["whisper", 1, undefined]],
    [
      { type: "dtmf", uuid, digits: "1a" },
      ["dtmf", 1, { digits: "1A", durationMillis: 220, pauseMillis: 200, volume: 13 }],
    ],
    [{ type: "detect", uuid, inband: true }, ["detect", 1, true]],
    [{ type: "echo", uuid, enabled: true }, ["echo", 1, true]],
    [{ type: "play", uuid, soup }, ["play", 1, { ...wav, interruptible: false }]],
    [{ type: "pauseplay", uuid }, ["pausePlay", 1]],
    [{ type: "resumeplay", uuid }, ["resumePlay", 1]],
    [{ type: "stopplay", uuid }, ["stopPlay", 1]],
    [{ type: "record", uuid, options: { file: "r.wav" } }, ["record", 1, { file: r, ...recording }]],
    [{ type: "record", uuid, options: { file: "r.wav", pause: true } }, ["pauseRecord", 1, r]],
    [{ type: "record", uuid, options: { file: "r.wav", finish: true } }, ["finishRecord", 1, r]],
    [
      { type: "playrecord", uuid, options: { soup, record: { file: "r.wav" } } },
      [
        "playRecord",
        1,
        {
          playlist: { ...wav, interruptible: false },
          recording: { file: r, ...recording },
          interrupt: false,
          bargeInPower: 0,
          bargeInAveragePackets: 5,
          concurrent: false,
        },
      ],
    ],
    [{ type: "close", uuid }, ["close", 1, "requested"]],
  ];
  engine.told.length = 0;
  for (const [command, told] of rows) {
    await run(command);
    t.strictSame(engine.told.splice(0), [told], command.type);
  }
  t.match(engine.options, [{ bind: "127.0.0.1", shards: 1, seed: { length: 32 } }]);
});

t.test("the engine's answers: done, and whose fault else", async (t) => {
  const { engine, open, run } = await start(t);
  const [uuid, other] = [await open({ remote }), await open()];
  const soup = { files: [{ wav: "a.wav" }] };
  const rows: readonly [Command<MediaCommands>, method: string, conflict: string, refused: string][] = [
    [{ type: "mix", uuid, other }, "mix", "MEDIA_MIXED_ELSEWHERE", "done"],
    [{ type: "unmix", uuid }, "unmix", "MEDIA_MIXED", "done"],
    [{ type: "dtmf", uuid, digits: "1" }, "dtmf", "MEDIA_MIXED", "MEDIA_STATE"],
    [{ type: "play", uuid, soup }, "play", "MEDIA_MIXED", "done"],
    [{ type: "stopplay", uuid }, "stopPlay", "MEDIA_MIXED", "done"],
    [{ type: "pauseplay", uuid }, "pausePlay", "MEDIA_MIXED", "MEDIA_STATE"],
    [{ type: "resumeplay", uuid }, "resumePlay", "MEDIA_MIXED", "MEDIA_STATE"],
    [
      { type: "record", uuid, options: { file: "r.wav", pause: true } },
      "pauseRecord",
      "MEDIA_MIXED",
      "MEDIA_STATE",
    ],
    [
      { type: "record", uuid, options: { file: "r.wav", finish: true } },
      "finishRecord",
      "MEDIA_MIXED",
      "done",
    ],
    [
      { type: "playrecord", uuid, options: { soup, record: { file: "r.wav" } } },
      "playRecord",
      "MEDIA_MIXED",
      "done",
    ],
  ];
  for (const [command, method, conflict, refused] of rows) {
    engine.outcomes.set(method, "unknown");
    await t.rejects(run(command), { code: "MEDIA_CHANNEL_UNKNOWN" }, `${command.type} unknown`);
    engine.outcomes.set(method, "conflict");
    await t.rejects(run(command), { code: conflict }, `${command.type} conflict`);
    engine.outcomes.set(method, "refused");
    if (refused === "done") t.strictSame(await run(command), {}, `${command.type} refused`);
    else await t.rejects(run(command), { code: refused }, `${command.type} refused`);
  }
});

t.test(
  "commands of one channel come to the engine in their order, also where files are looked for",
  async (t) => {
    const { engine, open, run } = await start(t);
    const [uuid, other] = [await open({ remote }), await open()];
    engine.told.length = 0;
    const soup = { files: [{ wav: "a.wav" }] };
    await Promise.all([
      run({ type: "play", uuid, soup }),
      run({ type: "stopplay", uuid }),
      run({ type: "record", uuid, options: { file: "r.wav" } }),
      run({ type: "mix", uuid: other, other: uuid }),
      run({ type: "unmix", uuid: other }),
      run({ type: "unmix", uuid }),
      run({ type: "mix", uuid, other }),
      run({ type: "mix", uuid: other, other: uuid }),
    ]);
    t.strictSame(
      engine.told.map(([method, channel]) => `${method} ${String(channel)}`),
      ["play 1", "stopPlay 1", "record 1", "mix 2", "unmix 2", "unmix 1", "mix 1", "mix 2"],
    );
  },
);

t.test("a command that fails is no hindrance to the next; closing waits for none", async (t) => {
  const { engine, open, run } = await start(t);
  const uuid = await open({ remote });
  const missing = { files: [{ wav: "missing.wav" }] };
  engine.told.length = 0;
  const outcomes = await Promise.allSettled([
    run({ type: "play", uuid, soup: missing }),
    run({ type: "echo", uuid, enabled: true }),
    run({ type: "close", uuid }),
  ]);
  t.match(outcomes, [
    { reason: { code: "MEDIA_FILE_UNKNOWN" } },
    { status: "fulfilled" },
    { status: "fulfilled" },
  ]);
  t.strictSame(
    engine.told.map(([method]) => method),
    ["close", "echo"],
  );
});

t.test("files are chosen by what the far end takes now", async (t) => {
  const { engine, open, run } = await start(t);
  const uuid = await open({ remote });
  const soup = { files: [{ wav: "b.wav", g722: "b.g722", pcmu: "missing.pcmu" }] };
  await run({ type: "play", uuid, soup });
  await run({ type: "target", uuid, remote: { ...remote, formats: [{ payloadType: 0, format: "PCMU" }] } });
  await run({ type: "play", uuid, soup });
  const coded = engine
    .toldOf("play")
    .map(([, , playlist]) => (playlist as { entries: { coding: string }[] }).entries);
  t.match(
    coded,
    [[{ coding: "G722" }], [{ coding: "G722" }]],
    "g722 costs less than wav, which may be anything",
  );
});

t.test("recordings go by the names they were given", async (t) => {
  const { engine, events, open, run, folder } = await start(t);
  const uuid = await open({ remote, control: "http://control.example" });
  const path = join(folder, "r.wav");
  await run({ type: "record", uuid, options: { file: "./r.wav" } });
  engine.emit({ type: "record", channel: 1, file: path, event: "recording" });
  const finished = { event: "finished", reason: "timeout", filesize: 1044, durationMillis: 62 } as const;
  engine.emit({ type: "record", channel: 1, file: path, ...finished });
  engine.emit({ type: "record", channel: 1, file: "/elsewhere.wav", event: "paused" });
  await new ManualClock().settle();
  const whose = { type: "record", uuid, control: "http://control.example" };
  t.strictSame(events, [
    { ...whose, file: "./r.wav", event: "recording" },
    { ...whose, file: "./r.wav", ...finished },
    { ...whose, file: "/elsewhere.wav", event: "paused" },
  ]);
});

t.test("every event of a channel is told under its uuid, in order; of no channel, none", async (t) => {
  const { engine, events, open, service } = await start(t);
  const uuid = await open();
  engine.emit(
    { type: "telephone-event", channel: 1, event: "5", inband: true },
    { type: "telephone-event-end", channel: 1, event: "5", durationMillis: 100 },
    { type: "play", channel: 1, event: "end", reason: "error" },
    { type: "mix", channel: 1, event: "finished" },
    { type: "mix", channel: 99, event: "finished" },
    { type: "closed", channel: 1, reason: "idle-timeout", statistics },
    { type: "mix", channel: 1, event: "start" },
  );
  await new ManualClock().settle();
  t.strictSame(events, [
    { type: "telephone-event", uuid, event: "5", inband: true },
    { type: "telephone-event-end", uuid, event: "5", durationMillis: 100 },
    { type: "play", uuid, event: "end", reason: "error" },
    { type: "mix", uuid, event: "finished" },
    { type: "closed", uuid, reason: "idle-timeout", statistics },
  ]);
  await t.rejects(service.execute({ type: "unmix", uuid }), { code: "MEDIA_CHANNEL_UNKNOWN" });
});

t.test("a lease that is not renewed closes its channels, and says why", async (t) => {
  const { engine, clock, events, open, run } = await start(t);
  const lease = { holder: "control", seconds: 10 };
  const [uuid] = [await open({ lease }), await open({ lease }), await open()];
  await clock.advance(ms(9_000));
  t.strictSame(await run({ type: "renew", holder: "control" }), { channels: 2 });
  await clock.advance(ms(9_999));
  t.strictSame(engine.toldOf("close"), []);
  await clock.advance(ms(1));
  t.strictSame(engine.toldOf("close"), [
    ["close", 1, "lease-expired"],
    ["close", 2, "lease-expired"],
  ]);
  engine.emit({ type: "closed", channel: 1, reason: "lease-expired", statistics });
  await clock.settle();
  t.match(events, [{ type: "closed", uuid, reason: "lease-expired" }]);
  t.strictSame(await run({ type: "renew", holder: "control" }), { channels: 0 });
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "a channel that closes is no longer waited for by its lease; nor is anything once we stop",
  async (t) => {
    const { engine, clock, open, service } = await start(t);
    const lease = { holder: "control", seconds: 10 };
    await open({ lease });
    engine.emit({ type: "closed", channel: 1, reason: "idle-timeout", statistics });
    t.equal(clock.pendingTimers, 0);
    await open({ lease });
    t.equal(clock.pendingTimers, 1);
    await service.close();
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("the load by which control chooses", async (t) => {
  const { engine, clock, run, service } = await start(t);
  engine.health = { ...engine.health, channels: 3, available: 97, cpuMicros: 1000 };
  const opened = await service.execute({ type: "open" });
  t.strictSame(opened.channels, { active: 3, available: 97, draining: false });
  await clock.advance(ms(2_000));
  engine.health = { ...engine.health, cpuMicros: 501_000 };
  t.strictSame(await run({ type: "drain", enabled: true }), {
    channels: { active: 3, available: 0, draining: true, load: 0.25 },
  });
  await t.rejects(service.execute({ type: "open" }), { code: "MEDIA_DRAINING" });
  const { instance, ...health } = await service.execute({ type: "health" });
  t.match(instance, /^[\da-f-]{36}$/);
  t.strictSame(health, {
    channels: 3,
    sockets: 0,
    available: 0,
    eventsLost: 0,
    draining: true,
    load: 0.25,
  });
});

t.test("statistics are the engine's", async (t) => {
  const { engine, open, service } = await start(t);
  const uuid = await open();
  const asked = service.execute({ type: "statistics", uuid });
  engine.emit({ type: "reply", ticket: 1, outcome: "done", statistics });
  t.equal(await asked, statistics);
  await t.rejects(service.execute({ type: "statistics", uuid }), { code: "INTERNAL" }, "a reply without any");
});

t.test("live audio: streams open by uuid, hear of their own events, and end with the engine", async (t) => {
  const { engine, open, service, clock } = await start(t);
  const uuid = await open();
  t.throws(() => service.createReadStream("nobody"), { code: "MEDIA_CHANNEL_UNKNOWN" });
  t.throws(() => service.createWriteStream("nobody"), { code: "MEDIA_CHANNEL_UNKNOWN" });
  const reader = service.createReadStream(uuid, { direction: "both", samplerate: 16_000 });
  const writer = service.createWriteStream(uuid, { samplerate: 16_000 });
  const second = service.createReadStream(uuid);
  t.match(engine.told.slice(-3), [
    ["openReader", 1, { direction: "both", format: "L16/16000" }],
    ["openWriter", 1, 16_000],
    ["openReader", 1, { direction: "in", format: "L16/8000" }],
  ]);
  const heard: Buffer[] = [];
  reader.on("data", (chunk: Buffer) => heard.push(chunk));
  second.resume();
  await clock.settle();
  engine.frames.push(new Uint8Array(1280));
  engine.emit({ type: "readable", reader: 1 }, { type: "readable", reader: 99 });
  engine.room = 1;
  writer.write(Buffer.of(1, 0, 2, 0));
  await clock.settle();
  t.equal(heard.length, 1);
  t.strictSame(engine.written, [1]);
  engine.room = 1;
  engine.emit({ type: "writable", writer: 2 }, { type: "writable", writer: 99 });
  t.strictSame(engine.written, [1, 2]);
  const ends = [reader, second].map((stream) => new Promise((resolve) => stream.once("end", resolve)));
  engine.emit({ type: "reader-ended", reader: 1 });
  await ends[0];
  t.strictSame(engine.toldOf("closeReader"), [["closeReader", 1]]);
  await service.close();
  await ends[1];
  await clock.settle();
  t.equal(writer.destroyed, true);
  t.equal(engine.told.at(-1)?.[0], "stop", "a stopped engine is not spoken to");
});
