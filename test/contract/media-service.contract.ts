import t, { type Test } from "tap";
import type { Command } from "../../ts/core/service.js";
import type {
  AudioFormat,
  MediaCommands,
  MediaService,
  RemoteMedia,
  SoundSoup,
} from "../../ts/rtp/media-service.js";
import { EventLog } from "./event-log.js";

/** A place where a MediaService lives. */
export interface MediaHome {
  readonly service: MediaService;
  /** Control to name when opening, where events find their way by it. */
  readonly control?: string;
  close(): Promise<void>;
}

/** Each home has room for so many channels and no more … */
export const ROOM = 4;
/** … and one sound: a WAV file that plays for as long as any of these tests. */
export const SOUND = "long.wav";

const FAR: RemoteMedia = {
  address: "127.0.0.1",
  port: 40_000,
  formats: [
    { payloadType: 8, format: "PCMA" },
    { payloadType: 0, format: "PCMU" },
  ],
  telephoneEvent: 101,
  ptime: 20,
  direction: { send: true, recv: false },
};

const NEVER = "00000000-0000-4000-8000-0000000000ff";

const soup: SoundSoup = { files: [{ wav: SOUND }], loop: true };

/** An open home, as the tests use it. */
interface Bench {
  readonly service: MediaService;
  readonly log: EventLog;
  /** Opens a channel whose events come to the log. */
  open(more?: MediaCommands["open"]["input"]): Promise<string>;
}

async function openBench(t: Test, { service, control, close }: MediaHome): Promise<Bench> {
  t.teardown(close);
  const log = new EventLog();
  service.attach(log.take);
  return {
    service,
    log,
    open: async (more = {}) => {
      const whose = control === undefined ? {} : { control };
      const { uuid } = await service.execute({ type: "open", ...whose, ...more });
      return uuid;
    },
  };
}

/** What every implementation of MediaService owes. */
export function mediaServiceContract(name: string, openHome: () => Promise<MediaHome>): void {
  const test = (what: string, run: (t: Test, bench: Bench) => Promise<void>): void => {
    void t.test(`${name}: ${what}`, async (t) => {
      await run(t, await openBench(t, await openHome()));
    });
  };

  test("channels open on even ports, until there are none", async (t, { service }) => {
    const first = await service.execute({ type: "open" });
    const second = await service.execute({ type: "open", remote: FAR });
    t.equal(first.port % 2, 0);
    t.equal(second.port % 2, 0);
    t.not(first.port, second.port);
    t.not(first.uuid, second.uuid);
    t.match(first, {
      uuid: /^[0-9a-f-]{36}$/,
      ip: /^[0-9.]+$/,
      channels: { active: 1, available: ROOM - 1, draining: false },
    });
    t.strictSame(Object.keys(first).sort(), ["channels", "ip", "port", "uuid"]);
    for (let left = ROOM - 2; left > 0; left--) await service.execute({ type: "open" });
    await t.rejects(service.execute({ type: "open" }), { code: "MEDIA_OUT_OF_PORTS" });
    t.match(await service.execute({ type: "health" }), { channels: ROOM, available: 0, draining: false });
  });

  test("a far end is set, and has to make sense", async (t, { service, open }) => {
    const uuid = await open();
    t.strictSame(await service.execute({ type: "target", uuid, remote: FAR }), {});
    for (const wrong of [
      { ...FAR, port: 0 },
      { ...FAR, address: "phone.example" },
      { ...FAR, formats: [] },
      { ...FAR, ptime: 61 },
    ]) {
      await t.rejects(service.execute({ type: "target", uuid, remote: wrong }), { code: "ARGUMENT_INVALID" });
    }
  });

  test("every format, with payload types each way", async (t, { service, open }) => {
    const uuid = await open();
    const formats: AudioFormat[] = ["PCMU", "PCMA", "G722", "iLBC/20", "iLBC/30", "L16/8000", "L16/16000"];
    for (const format of formats) {
      const remote: RemoteMedia = {
        ...FAR,
        formats: [{ payloadType: 96, format, receive: 98 }],
        telephoneEventReceive: 102,
        telephoneEventClock: 8000,
        comfortNoise: 13,
        rtcpMux: true,
        ptime: format === "iLBC/30" ? 30 : 20,
      };
      t.strictSame(await service.execute({ type: "target", uuid, remote }), {}, format);
    }
    const unknown = [{ payloadType: 96, format: "opus" as AudioFormat }];
    await t.rejects(service.execute({ type: "target", uuid, remote: { ...FAR, formats: unknown } }), {
      code: "ARGUMENT_INVALID",
    });
  });

  test("channels are bridged and parted", async (t, { service, open, log }) => {
    const [uuid, other] = [await open(), await open()];
    t.strictSame(await service.execute({ type: "mix", uuid, other }), {});
    t.strictSame(
      await service.execute({ type: "mix", uuid, other: uuid }),
      {},
      "with itself: nothing happens",
    );
    await log.until({ type: "mix", event: "start", uuid: other });
    t.strictSame(await service.execute({ type: "unmix", uuid }), {});
    await log.until({ type: "mix", event: "finished", uuid: other });
    t.strictSame(log.told(), ["mix start", "mix start", "mix finished", "mix finished"]);
    t.strictSame(await service.execute({ type: "unmix", uuid: other }), {}, "parted already");
    t.strictSame(log.told(), []);
  });

  test("whoever is mixed with one of a group joins it; two groups stay two", async (t, bench) => {
    const { service, open } = bench;
    const [a, b, c, d] = [await open(), await open(), await open(), await open()];
    await service.execute({ type: "mix", uuid: a, other: b });
    await service.execute({ type: "mix", uuid: c, other: b });
    await service.execute({ type: "unmix", uuid: a });
    await service.execute({ type: "mix", uuid: a, other: d });
    await t.rejects(service.execute({ type: "mix", uuid: a, other: b }), { code: "MEDIA_MIXED_ELSEWHERE" });
    await t.rejects(service.execute({ type: "mix", uuid: c, other: d }), { code: "MEDIA_MIXED_ELSEWHERE" });
    t.strictSame(await service.execute({ type: "mix", uuid: b, other: c }), {}, "they are together already");
    await service.execute({ type: "close", uuid: d });
    t.strictSame(await service.execute({ type: "mix", uuid: a, other: b }), {}, "alone again");
  });

  test("playing: start, pause, resume, another instead, stop", async (t, { service, open, log }) => {
    const uuid = await open({ remote: FAR });
    await service.execute({ type: "play", uuid, soup });
    await service.execute({ type: "pauseplay", uuid });
    await service.execute({ type: "resumeplay", uuid });
    await service.execute({
      type: "play",
      uuid,
      soup: { files: [{ tone: "350+440*0.5:1000", loop: true }] },
    });
    await service.execute({ type: "stopplay", uuid });
    await log.until({ type: "play", event: "end", reason: "stopped" });
    t.strictSame(log.told(), [
      "play start new",
      "play paused",
      "play resumed",
      "play end replaced",
      "play start new",
      "play end stopped",
    ]);
    t.strictSame(await service.execute({ type: "stopplay", uuid }), {}, "stopped already");
    await t.rejects(service.execute({ type: "pauseplay", uuid }), { code: "MEDIA_STATE" });
    await t.rejects(service.execute({ type: "resumeplay", uuid }), { code: "MEDIA_STATE" });
  });

  test("what can't be played: bad soups, files that are not there", async (t, { service, open, log }) => {
    const uuid = await open({ remote: FAR });
    const bad: unknown[] = [
      {},
      { files: [] },
      { files: [{}] },
      { files: [{ wav: 7 }] },
      { files: [{ wav: "http://sounds.example/a.wav" }] },
      { files: [{ wav: "../a.wav" }] },
      { files: [{ wav: SOUND, start: -1 }] },
      { files: [{ wav: SOUND, start: 500, stop: 500 }] },
      { files: [{ wav: SOUND, loop: "often" }] },
      { files: [{ wav: SOUND }], loop: -1 },
      { files: [{ tone: "" }] },
    ];
    for (const one of bad) {
      const command = { type: "play", uuid, soup: one as SoundSoup } as const;
      await t.rejects(service.execute(command), { code: "ARGUMENT_INVALID" }, JSON.stringify(one));
    }
    const missing = { files: [{ wav: "missing.wav", pcmu: "missing.pcmu" }, { g722: "missing.g722" }] };
    await t.rejects(service.execute({ type: "play", uuid, soup: missing }), { code: "MEDIA_FILE_UNKNOWN" });
    t.strictSame(log.told(), []);
    const partly = { files: [...missing.files, { wav: SOUND }] };
    t.strictSame(await service.execute({ type: "play", uuid, soup: partly }), {}, "the rest is played");
    await log.until({ type: "play", event: "start" });
  });

  test("a group hears its members, and nothing played", async (t, { service, open, log }) => {
    const [uuid, other] = [await open({ remote: FAR }), await open()];
    await service.execute({ type: "play", uuid, soup });
    await service.execute({ type: "mix", uuid, other });
    await log.until({ type: "play", event: "end", reason: "mix" });
    await t.rejects(service.execute({ type: "play", uuid, soup }), { code: "MEDIA_MIXED" });
    await t.rejects(
      service.execute({ type: "playrecord", uuid, options: { soup, record: { file: "p.wav" } } }),
      { code: "MEDIA_MIXED" },
    );
  });

  test("recording: several, pause and resume, anew, finish", async (t, { service, open, log }) => {
    const uuid = await open({ remote: FAR });
    const record = (options: MediaCommands["record"]["input"]["options"]): Promise<object> =>
      service.execute({ type: "record", uuid, options });
    await record({ file: "a.wav", numchannels: 1 });
    await record({ file: "a.wav", pause: true });
    await record({ file: "a.wav" });
    await record({ file: "a.wav" });
    await record({ file: "b.wav", direction: "in", maxduration: 60_000 });
    await record({ file: "a.wav", finish: true });
    await log.until({ type: "record", event: "finished", reason: "requested" });
    t.match(
      log.events.filter((event) => event.type === "record" && event.file === "a.wav"),
      [
        { event: "recording" },
        { event: "paused" },
        { event: "resumed" },
        { event: "finished", reason: "replaced" },
        { event: "recording" },
        { event: "finished", reason: "requested", uuid, filesize: Number, durationMillis: Number },
      ],
    );
    t.strictSame(await record({ file: "a.wav", finish: true }), {}, "finished already");
    await t.rejects(record({ file: "a.wav", pause: true }), { code: "MEDIA_STATE" });
    const bad: object[] = [
      {},
      { file: "a.wav", numchannels: 3 },
      { file: "a.wav", direction: "up" },
      { file: "a.wav", poweraveragepackets: 251 },
      { file: "a.wav", startabovepower: -1 },
      { file: "a.wav", minduration: 2000, maxduration: 1000 },
    ];
    for (const options of bad) {
      await t.rejects(
        record(options as { file: string }),
        { code: "ARGUMENT_INVALID" },
        JSON.stringify(options),
      );
    }
  });

  test("a prompt, then the recording", async (t, { service, open, log }) => {
    const uuid = await open({ remote: FAR });
    const options = { soup, record: { file: "said.wav" } };
    await service.execute({ type: "playrecord", uuid, options });
    await log.until({ type: "play", event: "start" });
    t.strictSame(log.told(), ["play start new"], "nothing is recorded yet");
    await service.execute({ type: "stopplay", uuid });
    await log.until({ type: "record", event: "recording" });
    t.strictSame(log.told(), ["play end stopped", "record recording"]);
    for (const wrong of [{ interrupt: true }, { bargeinpoweraveragepackets: 0 }, { record: { file: "" } }]) {
      const command = { type: "playrecord", uuid, options: { ...options, ...wrong } } as const;
      await t.rejects(service.execute(command), { code: "ARGUMENT_INVALID" }, JSON.stringify(wrong));
    }
  });

  test("key presses", async (t, { service, open }) => {
    const uuid = await open();
    const dtmf = (input: Omit<MediaCommands["dtmf"]["input"], "uuid">): Promise<object> =>
      service.execute({ type: "dtmf", uuid, ...input });
    await t.rejects(dtmf({ digits: "1" }), { code: "MEDIA_STATE" }, "nobody is there to press them for");
    await service.execute({ type: "target", uuid, remote: FAR });
    t.strictSame(await dtmf({ digits: "0189*#AbcdF" }), {});
    t.strictSame(await dtmf({ digits: "1", duration: 100, pause: 50, volume: 20 }), {});
    for (const wrong of [
      { digits: "" },
      { digits: "1 2" },
      { digits: "E" },
      { digits: "1", duration: 10 },
      { digits: "1", duration: 60_000 },
      { digits: "1", volume: 64 },
    ]) {
      await t.rejects(dtmf(wrong), { code: "ARGUMENT_INVALID" }, JSON.stringify(wrong));
    }
  });

  test("direction, in-band detection, echo", async (t, { service, open }) => {
    const uuid = await open({ remote: FAR });
    for (const command of [
      { type: "direction", uuid, send: false },
      { type: "direction", uuid },
      { type: "detect", uuid, inband: true },
      { type: "echo", uuid, enabled: true },
      { type: "echo", uuid, enabled: false },
    ] as const) {
      t.strictSame(await service.execute(command), {}, JSON.stringify(command));
    }
  });

  test("a whisper: its one listener has to be there", async (t, { service, open }) => {
    const [uuid, to] = [await open({ remote: FAR }), await open({ remote: FAR })];
    t.strictSame(await service.execute({ type: "whisper", uuid, to }), {});
    t.strictSame(await service.execute({ type: "whisper", uuid }), {});
    await t.rejects(service.execute({ type: "whisper", uuid, to: NEVER }), { code: "MEDIA_CHANNEL_UNKNOWN" });
  });

  test("leases: a heartbeat tells how much it keeps open", async (t, { service, open }) => {
    const lease = { holder: "control/1", seconds: 60 };
    const uuid = await open({ lease });
    await open({ lease });
    await open({ lease: { ...lease, holder: "other" } });
    t.strictSame(await service.execute({ type: "renew", holder: "control/1" }), { channels: 2 });
    await service.execute({ type: "close", uuid });
    t.strictSame(await service.execute({ type: "renew", holder: "control/1" }), { channels: 1 });
    t.strictSame(await service.execute({ type: "renew", holder: "nobody" }), { channels: 0 });
    for (const wrong of [
      { ...lease, seconds: 0 },
      { ...lease, holder: "" },
    ]) {
      await t.rejects(open({ lease: wrong }), { code: "ARGUMENT_INVALID" }, JSON.stringify(wrong));
    }
    t.match(await service.execute({ type: "health" }), { channels: 2 });
  });

  test("draining: what is open goes on, nothing is opened", async (t, { service, open }) => {
    const uuid = await open();
    const drained = await service.execute({ type: "drain", enabled: true });
    t.match(drained, { channels: { active: 1, available: 0, draining: true } });
    await t.rejects(service.execute({ type: "open" }), { code: "MEDIA_DRAINING" });
    t.strictSame(await service.execute({ type: "unmix", uuid }), {});
    t.match(await service.execute({ type: "health" }), { channels: 1, available: 0, draining: true });
    const again = await service.execute({ type: "drain", enabled: false });
    t.match(again, { channels: { active: 1, available: ROOM - 1, draining: false } });
    await service.execute({ type: "open" });
  });

  test("closing frees, tells why, and may be repeated", async (t, { service, open, log }) => {
    const uuid = await open();
    t.match(await service.execute({ type: "statistics", uuid }), {
      datagrams: 0,
      forwarded: 0,
      consumed: 0,
      received: { packets: 0, octets: 0, lost: 0, rFactor: null, mos: null },
      sent: { packets: 0, octets: 0, lost: null },
      roundTripMillis: null,
      dropped: {},
      tick: { count: 0 },
    });
    t.match(await service.execute({ type: "close", uuid }), { channels: { active: 0, available: ROOM } });
    t.match(await service.execute({ type: "close", uuid }), { channels: { active: 0, available: ROOM } });
    await log.until({ type: "closed" });
    t.match(log.events, [
      { type: "closed", uuid, reason: "requested", statistics: { sent: { packets: 0 } } },
    ]);
    t.equal(log.events.length, 1);
  });

  test("closing ends what a channel does, and is told last", async (t, { service, open, log }) => {
    const uuid = await open({ remote: FAR });
    await service.execute({ type: "play", uuid, soup });
    await service.execute({ type: "record", uuid, options: { file: "r.wav" } });
    await log.until({ type: "record", event: "recording" });
    log.told();
    t.match(await service.execute({ type: "close", uuid }), { channels: { active: 0, available: ROOM } });
    await log.until({ type: "closed" });
    t.strictSame(log.told(), ["play end channelclosed", "record finished channelclosed", "closed requested"]);
  });

  test("commands for a channel that never was", async (t, { service, open }) => {
    const uuid = await open();
    const commands: Command<MediaCommands>[] = [
      { type: "target", uuid: NEVER, remote: FAR },
      { type: "mix", uuid, other: NEVER },
      { type: "mix", uuid: NEVER, other: uuid },
      { type: "unmix", uuid: NEVER },
      { type: "direction", uuid: NEVER },
      { type: "whisper", uuid: NEVER },
      { type: "dtmf", uuid: NEVER, digits: "1" },
      { type: "detect", uuid: NEVER, inband: true },
      { type: "echo", uuid: NEVER, enabled: true },
      { type: "play", uuid: NEVER, soup },
      { type: "stopplay", uuid: NEVER },
      { type: "pauseplay", uuid: NEVER },
      { type: "resumeplay", uuid: NEVER },
      { type: "record", uuid: NEVER, options: { file: "a.wav" } },
      { type: "playrecord", uuid: NEVER, options: { soup, record: { file: "a.wav" } } },
      { type: "statistics", uuid: NEVER },
    ];
    for (const command of commands) {
      await t.rejects(service.execute(command), { code: "MEDIA_CHANNEL_UNKNOWN" }, command.type);
    }
  });

  test("a command under a signal that was aborted does nothing", async (t, { service }) => {
    await t.rejects(service.execute({ type: "open" }, AbortSignal.abort()), { code: "ABORTED" });
    t.match(await service.execute({ type: "health" }), { channels: 0 });
  });
}
