import t from "tap";
import type { MediaEvent, RemoteMedia } from "../../ts/rtp/media-service.js";
import { FakeMediaService } from "./fake-media-service.js";

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

t.test("a channel that joins another bridge leaves its own", async (t) => {
  const { media } = listening();
  const uuids = [];
  for (let count = 0; count < 3; count++) uuids.push((await media.execute({ type: "open" })).uuid);
  const [a = "", b = "", c = ""] = uuids;
  await media.execute({ type: "mix", uuid: a, other: b });
  await media.execute({ type: "mix", uuid: b, other: c });
  t.same(
    uuids.map((uuid) => media.channels.get(uuid)?.mixedWith),
    [undefined, c, b],
  );
});

t.test("a failure is for one command of its type", async (t) => {
  const { media } = listening();
  media.failNext("open", "MEDIA_UNAVAILABLE");
  await t.rejects(media.execute({ type: "open" }), { code: "MEDIA_UNAVAILABLE" });
  await t.resolves(media.execute({ type: "open" }));
});
