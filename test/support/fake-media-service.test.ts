import t from "tap";
import type { MediaEvent, RemoteMedia } from "../../ts/rtp/media-service.js";
import { FakeMediaService } from "./fake-media-service.js";
import { ManualClock } from "./manual-clock.js";

const settle = (): Promise<void> => new ManualClock().settle();

const remote: RemoteMedia = {
  address: "192.0.2.1",
  port: 4000,
  formats: [{ payloadType: 0, format: "PCMU" }],
};

function listening(options: { readonly capacity?: number } = {}): {
  readonly media: FakeMediaService;
  readonly events: MediaEvent[];
} {
  const media = new FakeMediaService(options);
  const events: MediaEvent[] = [];
  media.attach((event) => {
    events.push(event);
    return Promise.resolve();
  });
  return { media, events };
}

t.test("channels have even ports until there are none", async (t) => {
  const { media } = listening({ capacity: 2 });
  const ports = [await media.execute({ type: "open" }), await media.execute({ type: "open" })];
  t.ok(ports.every(({ port }) => port % 2 === 0));
  t.not(ports[0]?.port, ports[1]?.port);
  t.match(ports[1]?.channels, { active: 2, available: 0 });
  await t.rejects(media.execute({ type: "open" }), { code: "MEDIA_OUT_OF_PORTS" });
});

t.test("close is told once and may be repeated", async (t) => {
  const { media, events } = listening();
  const { uuid } = await media.execute({ type: "open", control: "http://c" });
  await media.execute({ type: "close", uuid });
  t.match(await media.execute({ type: "close", uuid }), { channels: { active: 0 } });
  t.match(events, [{ type: "closed", uuid, reason: "requested", control: "http://c" }]);
});

t.test("what is not there is refused", async (t) => {
  const { media } = listening();
  const { uuid } = await media.execute({ type: "open" });
  const gone = { code: "MEDIA_CHANNEL_UNKNOWN" };
  await t.rejects(media.execute({ type: "target", uuid: "x", remote }), gone);
  await t.rejects(media.execute({ type: "mix", uuid, other: "x" }), gone);
  await t.rejects(media.execute({ type: "unmix", uuid: "x" }), gone);
  await t.rejects(media.execute({ type: "statistics", uuid: "x" }), gone);
  t.same(await media.execute({ type: "mix", uuid, other: uuid }), {}, "with itself: nothing happens");
  await t.rejects(media.execute({ type: "target", uuid, remote: { ...remote, port: 0 } }), {
    code: "ARGUMENT_INVALID",
    field: "remote.port",
  });
});

t.test("groups grow and shrink; two of them never become one", async (t) => {
  const { media, events } = listening();
  const uuids: string[] = [];
  for (let count = 0; count < 5; count++) uuids.push((await media.execute({ type: "open" })).uuid);
  const [a = "", b = "", c = "", d = "", e = ""] = uuids;
  const groups = (): (readonly string[])[] =>
    uuids.map((uuid) => [...(media.channels.get(uuid)?.group ?? [])].map((member) => member.uuid));
  await media.execute({ type: "mix", uuid: a, other: b });
  await media.execute({ type: "mix", uuid: c, other: b });
  await media.execute({ type: "mix", uuid: d, other: e });
  t.same(groups(), [
    [a, b, c],
    [a, b, c],
    [a, b, c],
    [d, e],
    [d, e],
  ]);
  await t.rejects(media.execute({ type: "mix", uuid: a, other: d }), { code: "MEDIA_MIXED_ELSEWHERE" });
  events.length = 0;
  await media.execute({ type: "unmix", uuid: a });
  t.same(groups(), [[], [b, c], [b, c], [d, e], [d, e]]);
  await media.execute({ type: "close", uuid: b });
  t.same(groups()[2], []);
  await settle();
  t.match(events, [
    { type: "mix", event: "finished", uuid: a },
    { type: "mix", event: "finished", uuid: b },
    { type: "mix", event: "finished", uuid: c },
    { type: "closed", uuid: b },
  ]);
});

t.test("what a channel plays and records, in the events of a real one", async (t) => {
  const { media, events } = listening();
  const { uuid } = await media.execute({ type: "open" });
  const soup = { files: [{ wav: "a.wav" }] };
  const told = (): string[] =>
    events.splice(0).map((event) => {
      const { type, event: what, reason } = event as { type: string; event?: string; reason?: string };
      return [type, what, reason].filter((word) => word !== undefined).join(" ");
    });
  await media.execute({ type: "play", uuid, soup });
  await media.execute({ type: "play", uuid, soup });
  await media.execute({ type: "record", uuid, options: { file: "r.wav" } });
  await media.execute({ type: "record", uuid, options: { file: "r.wav", pause: true } });
  await media.execute({ type: "record", uuid, options: { file: "r.wav" } });
  await media.execute({ type: "record", uuid, options: { file: "r.wav" } });
  await settle();
  t.same(told(), [
    "play start new",
    "play end replaced",
    "play start new",
    "record recording",
    "record paused",
    "record resumed",
    "record finished replaced",
    "record recording",
  ]);
  await media.execute({ type: "playrecord", uuid, options: { soup, record: { file: "p.wav" } } });
  media.channels.get(uuid)?.endPlay("completed");
  await media.closes(uuid, "shutdown");
  t.same(told(), [
    "play end replaced",
    "play start new",
    "play end completed",
    "record recording",
    "record finished channelclosed",
    "record finished channelclosed",
    "closed shutdown",
  ]);
});

t.test("leases: whose channels, and what becomes of them", async (t) => {
  const { media, events } = listening();
  const lease = { holder: "one", seconds: 10 };
  const { uuid } = await media.execute({ type: "open", lease });
  await media.execute({ type: "open", lease: { ...lease, holder: "two" } });
  t.same(await media.execute({ type: "renew", holder: "one" }), { channels: 1 });
  await media.expires("one");
  t.match(events, [{ type: "closed", uuid, reason: "lease-expired" }]);
  t.same(await media.execute({ type: "renew", holder: "one" }), { channels: 0 });
  t.equal(media.channels.size, 1);
});

t.test("a failure is for one command of its type", async (t) => {
  const { media } = listening();
  media.failNext("open", "MEDIA_UNAVAILABLE");
  await t.rejects(media.execute({ type: "open" }), { code: "MEDIA_UNAVAILABLE" });
  await t.resolves(media.execute({ type: "open" }));
});
