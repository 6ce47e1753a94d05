import t from "tap";
import type { ErrorCode, MediaswitchError } from "../../ts/core/errors.js";
import { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import { isAInMu, isMuInA } from "./support/g711-reference.js";
import { MediaBench, ports, remoteOf } from "./support/media-bench.js";
import type { Packet } from "./support/phone.js";
import { testPort } from "./support/test-ports.js";

const everyOctet = Uint8Array.from({ length: 256 }, (_, index) => index);

const refusal = (code: ErrorCode, field?: string): { code: ErrorCode; field?: string } =>
  field === undefined ? { code } : { code, field };

const addressOnly = ({
  address,
  port,
}: {
  address: string;
  port: number;
}): { address: string; port: number } => ({
  address,
  port,
});

await t.test("a bridged call: PCMU on one side, PCMA on the other, both ways", async (t) => {
  const bench = await MediaBench.start(t);
  const [alice, bob] = [await bench.phone(), await bench.phone()];
  const one = await bench.open(remoteOf(alice, "PCMU"));
  const other = await bench.open(remoteOf(bob, "PCMA"));
  await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });

  const heard: Packet[] = [];
  for (const sequence of [10, 11, 14, 13, 15]) {
    await alice.send({ sequence, payload: everyOctet, marker: sequence === 10 }, one.port);
    heard.push(await bob.hear());
  }
  const [first] = heard;
  if (first === undefined) throw new Error("unreachable");
  t.equal(first.from.port, other.port);
  t.ok(first.marker);
  t.strictSame(
    heard.map((packet) => (packet.sequence - first.sequence) & 0xffff),
    [0, 1, 4, 3, 5],
    "order as it came",
  );
  t.strictSame(
    heard.map((packet) => (packet.timestamp - first.timestamp) >>> 0),
    [0, 160, 640, 480, 800],
  );
  t.ok(heard.every((packet) => packet.ssrc === first.ssrc && packet.payloadType === 8));
  t.ok(
    heard.every(({ payload }) => payload.every((a, mu) => isMuInA(mu, a))),
    "µ-law became A-law",
  );
  t.notOk(isMuInA(0, first.payload.readUInt8(1)), "the comparison can fail");

  await bob.send({ payloadType: 8, sequence: 1, payload: everyOctet }, other.port);
  const back = await alice.hear();
  t.equal(back.payloadType, 0);
  t.equal(back.from.port, one.port);
  t.ok(
    back.payload.every((mu, a) => isAInMu(a, mu)),
    "A-law became µ-law",
  );

  const statistics = await bench.service.execute({ type: "statistics", uuid: one.uuid });
  t.match(statistics, {
    received: { packets: 5, octets: 5 * 256, lost: 1 },
    sent: { packets: 1, octets: 256 },
    dropped: { UnknownSource: 0, NotBridged: 0 },
  });
});

await t.test("packets of strangers are not heard, and told of once each", async (t) => {
  const bench = await MediaBench.start(t);
  const [alice, bob, stranger] = [await bench.phone(), await bench.phone(), await bench.phone()];
  const one = await bench.open(remoteOf(alice, "PCMU"));
  const other = await bench.open(remoteOf(bob, "PCMU"));
  await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
  await alice.send({ sequence: 1, payload: Buffer.from("alice") }, one.port);
  t.equal(String((await bob.hear()).payload), "alice");
  for (let sequence = 1; sequence <= 20; ++sequence) {
    await stranger.send({ sequence, ssrc: 666, payload: Buffer.from("thief") }, one.port);
  }
  await alice.send({ sequence: 2, payload: Buffer.from("alice") }, one.port);
  t.equal(String((await bob.hear()).payload), "alice", "nothing of the stranger's in between");
  await bob.send({ sequence: 1, payload: Buffer.from("bob") }, other.port);
  t.equal(String((await alice.hear()).payload), "bob");
  t.equal(stranger.waiting, 0);

  await bench.service.execute({ type: "close", uuid: one.uuid });
  const closed = await bench.event("closed");
  t.equal(closed.statistics.dropped["UnknownSource"], 20);
  t.strictSame(
    bench.events.filter(({ type }) => type === "source-rejected"),
    [{ type: "source-rejected", uuid: one.uuid, ...addressOnly(stranger.address) }],
  );
});

await t.test("when somebody was heard, and what could not be sent on", async (t) => {
  const bench = await MediaBench.start(t);
  const alice = await bench.phone();
  const one = await bench.open(remoteOf(alice, "PCMU"));
  // Nothing goes there from a socket of the loopback.
  const other = await bench.open({ ...remoteOf(alice, "PCMU"), address: "192.0.2.1" });
  await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
  const before = await bench.service.execute({ type: "statistics", uuid: one.uuid });
  t.equal(before.heard, undefined);
  t.strictSame(before.refused, {});
  for (const sequence of [1, 2, 3]) await alice.send({ sequence, payload: everyOctet }, one.port);
  await bench.dropped(one.uuid, 3);
  const { heard, dropped } = await bench.service.execute({ type: "statistics", uuid: one.uuid });
  t.equal(dropped["SendFailed"], 3);
  t.equal(heard?.from, `127.0.0.1:${String(alice.address.port)}`);
  const {
    firstAgoMillis = -1,
    lastAgoMillis = -1,
    longestGapMillis = -1,
    longestGapAgoMillis = -1,
  } = heard ?? {};
  t.ok(0 <= lastAgoMillis && lastAgoMillis <= longestGapAgoMillis && longestGapAgoMillis <= firstAgoMillis);
  t.ok(0 <= longestGapMillis && longestGapMillis <= firstAgoMillis - lastAgoMillis);
  await bench.service.execute({ type: "close", uuid: other.uuid });
  const { statistics } = await bench.event("closed");
  t.strictSame(statistics.refused, { SendFailed: 3 });
  t.match(statistics, { sent: { packets: 0 } });
});

await t.test("a key press is one event and reaches the other side", async (t) => {
  const bench = await MediaBench.start(t);
  const [alice, bob] = [await bench.phone(), await bench.phone()];
  const { uuid, port } = await bench.service.execute({
    type: "open",
    control: "http://control.example",
    remote: remoteOf(alice, "PCMU"),
  });
  const other = await bench.open(remoteOf(bob, "PCMU", { telephoneEvent: 96 }));
  await bench.service.execute({ type: "mix", uuid, other: other.uuid });
  for (let sequence = 1; sequence <= 14; ++sequence) {
    const end = sequence > 11 ? 0x80 : 0;
    const duration = Math.min(sequence, 12) * 160;
    const payload = Uint8Array.of(5, end | 10, duration >> 8, duration & 0xff);
    await alice.send({ payloadType: 101, sequence, timestamp: 8000, marker: sequence === 1, payload }, port);
    const heard = await bob.hear();
    t.equal(heard.payloadType, 96);
    t.strictSame(Uint8Array.from(heard.payload), payload);
  }
  await bench.service.execute({ type: "close", uuid });
  await bench.event("closed");
  const whose = { uuid, control: "http://control.example" };
  const told = bench.eventsOf("telephone-event", "telephone-event-end", "closed");
  t.match(told, [
    { type: "telephone-event", ...whose, event: "5" },
    { type: "telephone-event-end", ...whose, event: "5", durationMillis: (12 * 160) / 8 },
    { type: "closed", ...whose, reason: "requested" },
  ]);
  t.equal(told.length, 3);
});

await t.test("four media threads: channels move to each other, and the audio goes on", async (t) => {
  const bench = await MediaBench.start(t, { shards: 4 });
  const phones = [];
  const channels = [];
  for (let i = 0; i < 4; ++i) {
    const phone = await bench.phone();
    phones.push(phone);
    channels.push(await bench.open(remoteOf(phone, "PCMU")));
  }
  let sequence = 0;
  for (const [a, b] of [
    [0, 1],
    [2, 3],
    [1, 2],
    [3, 0],
    [0, 2],
    [1, 3],
  ] as const) {
    const [one, other] = [channels[a], channels[b]];
    const [from, to] = [phones[a], phones[b]];
    if (one === undefined || other === undefined || from === undefined || to === undefined)
      throw new Error("index");
    for (const { uuid } of channels) await bench.service.execute({ type: "unmix", uuid });
    await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
    for (let i = 0; i < 5; ++i) {
      sequence += 1;
      await from.send(
        { sequence, ssrc: a + 1, payload: Buffer.from(`${String(a)} to ${String(b)}`) },
        one.port,
      );
      t.equal(String((await to.hear()).payload), `${String(a)} to ${String(b)}`);
    }
  }
});

await t.test("ports: even, the oldest freed first, and an error when there is none", async (t) => {
  const bench = await MediaBench.start(t, { ports: { low: testPort(1), high: testPort(7) } });
  const { instance, ...health } = await bench.service.execute({ type: "health" });
  t.match(instance, /^[\da-f-]{36}$/);
  t.strictSame(health, {
    channels: 0,
    sockets: 0,
    available: 3,
    eventsLost: 0,
    draining: false,
  });
  const opened = [await bench.open(), await bench.open(), await bench.open()];
  t.strictSame(
    opened.map(({ port }) => port),
    [testPort(2), testPort(4), testPort(6)],
  );
  await t.rejects(bench.open(), refusal("MEDIA_OUT_OF_PORTS"));
  for (const index of [1, 0, 2]) {
    await bench.service.execute({ type: "close", uuid: opened[index]?.uuid ?? "" });
  }
  const again = [await bench.open(), await bench.open(), await bench.open()];
  t.strictSame(
    again.map(({ port }) => port),
    [testPort(4), testPort(2), testPort(6)],
  );
});

await t.test("closing: the load in the result, the event with its statistics, twice is once", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const opened = await bench.service.execute({ type: "open", remote: remoteOf(phone, "PCMU") });
  t.equal(opened.ip, "127.0.0.1");
  t.strictSame(opened.channels, { active: 1, available: 499, draining: false });
  await phone.send({ sequence: 1, payload: everyOctet }, opened.port);
  await phone.sendOctets(Uint8Array.of(0x80, 200, 0, 6, 0, 0, 0, 0), opened.port + 1);
  await phone.sendOctets(Buffer.from("not RTP"), opened.port);
  await bench.dropped(opened.uuid, 3);
  const [first, second] = await Promise.all([
    bench.service.execute({ type: "close", uuid: opened.uuid }),
    bench.service.execute({ type: "close", uuid: opened.uuid }),
  ]);
  t.match(first, { channels: { active: 0, available: 500, draining: false } });
  t.match(second, { channels: { active: 0, available: 500 } });
  t.match(await bench.service.execute({ type: "close", uuid: opened.uuid }), { channels: { active: 0 } });
  const closed = await bench.event("closed");
  t.equal(closed.reason, "requested");
  t.match(closed.statistics, {
    received: { packets: 1, octets: 256 },
    datagrams: 3,
    dropped: { NotBridged: 1, BadRtcp: 1, NotMedia: 1 },
  });
  t.equal(bench.events.length, 1);
});

await t.test("500 calls opened, bridged and closed leave nothing behind", async (t) => {
  const bench = await MediaBench.start(t, { shards: 2, ports: { low: testPort(0), high: testPort(199) } });
  const phone = await bench.phone();
  const before = await bench.service.execute({ type: "health" });
  for (let i = 0; i < 250; ++i) {
    const one = await bench.open(remoteOf(phone, "PCMU"));
    const other = await bench.open(remoteOf(phone, "PCMA"));
    await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
    await Promise.all([one, other].map(({ uuid }) => bench.service.execute({ type: "close", uuid })));
  }
  const { load: _load, ...after } = await bench.service.execute({ type: "health" });
  t.strictSame(after, before);
  t.equal(before.available, 100);
  t.equal(bench.eventsOf("closed").length, 500);
  t.equal(bench.eventsOf("mix").length, 1000, "both are told of the start and of the end");
});

await t.test("commands to channels that are not there", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const { uuid } = await bench.open();
  const { service } = bench;
  const unknown = refusal("MEDIA_CHANNEL_UNKNOWN");
  const remote = remoteOf(phone, "PCMU");
  await t.rejects(service.execute({ type: "target", uuid: "nobody", remote }), unknown);
  await t.rejects(service.execute({ type: "mix", uuid: "nobody", other: uuid }), unknown);
  await t.rejects(
    service.execute({ type: "mix", uuid, other: "nobody" }),
    refusal("MEDIA_CHANNEL_UNKNOWN", "other"),
  );
  await t.rejects(service.execute({ type: "unmix", uuid: "nobody" }), unknown);
  await t.rejects(service.execute({ type: "statistics", uuid: "nobody" }), unknown);
  const closing = service.execute({ type: "close", uuid });
  await t.rejects(
    service.execute({ type: "target", uuid, remote }),
    unknown,
    "it closed while this was on its way",
  );
  await closing;
  t.strictSame(await service.execute({ type: "unmix", uuid: (await bench.open()).uuid }), {});
});

await t.test("each wrong argument is blamed by its path", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const good = remoteOf(phone, "PCMU");
  const format = { payloadType: 0, format: "PCMU" };
  const rows: readonly [string, object][] = [
    ["remote.address", { ...good, address: "phone.example" }],
    ["remote.address", { ...good, address: "::1" }],
    ["remote.address", { ...good, address: "fe80::1%lo" }],
    ["remote.address", { ...good, address: 7 }],
    ["remote.port", { ...good, port: 0 }],
    ["remote.port", { ...good, port: 65536 }],
    ["remote.port", { ...good, port: 4000.5 }],
    ["remote.port", { ...good, port: Number.NaN }],
    ["remote.port", { ...good, port: "4000" }],
    ["remote.formats", { ...good, formats: [] }],
    ["remote.formats", { ...good, formats: "PCMU" }],
    ["remote.formats[1].format", { ...good, formats: [format, { payloadType: 9, format: "G729" }] }],
    ["remote.formats[0].payloadType", { ...good, formats: [{ payloadType: 128, format: "PCMU" }] }],
    ["remote.formats[1].payloadType", { ...good, formats: [format, { payloadType: 0, format: "PCMA" }] }],
    ["remote.formats[0].receive", { ...good, formats: [{ ...format, receive: 128 }] }],
    ["remote.comfortNoise", { ...good, comfortNoise: 128 }],
    ["remote.telephoneEventReceive", { ...good, telephoneEventReceive: 200 }],
    ["remote.telephoneEventClock", { ...good, telephoneEventClock: 0 }],
    ["remote.rtcpMux", { ...good, rtcpMux: "yes" }],
    ["remote.telephoneEvent", { ...good, telephoneEvent: -1 }],
    ["remote.telephoneEvent", { ...good, telephoneEvent: 0 }],
    ["remote.ptime", { ...good, ptime: 9 }],
    ["remote.ptime", { ...good, ptime: 61 }],
    ["remote.direction.recv", { ...good, direction: { send: true } }],
  ];
  const { uuid } = await bench.open();
  for (const [field, remote] of rows) {
    await t.rejects(bench.open(remote as typeof good), refusal("ARGUMENT_INVALID", field), field);
    await t.rejects(
      bench.service.execute({ type: "target", uuid, remote: remote as typeof good }),
      refusal("ARGUMENT_INVALID", field),
    );
  }
  t.equal((await bench.service.execute({ type: "health" })).channels, 1);
});

await t.test("start refuses options that can't work, by name", async (t) => {
  const rows: readonly [string, Parameters<typeof NativeMediaService.start>[0]][] = [
    ["bind", { bind: "localhost", advertised: "127.0.0.1", ports }],
    ["bind", { bind: "192.0.2.1", ports }],
    ["advertised", { bind: "0.0.0.0", ports }],
    ["advertised", { bind: "127.0.0.1", advertised: "switch.example", ports }],
    ["ports", { bind: "127.0.0.1", ports: { low: 10001, high: 10002 } }],
    ["ports.low", { bind: "127.0.0.1", ports: { low: 0, high: 10002 } }],
    ["shards", { bind: "127.0.0.1", ports, shards: 0 }],
  ];
  for (const [field, options] of rows) {
    await t.rejects(NativeMediaService.start(options), refusal("ARGUMENT_INVALID", field), field);
  }
});

await t.test("close tells of every channel, then commands are refused", async (t) => {
  const bench = await MediaBench.start(t, { shards: 3 });
  for (let i = 0; i < 10; ++i) await bench.open();
  const { uuid } = await bench.open();
  const waiting = bench.service.execute({ type: "statistics", uuid });
  const outcome = waiting.then(
    () => "answered",
    (error: unknown) => (error as MediaswitchError).code,
  );
  await bench.service.close();
  t.ok(["answered", "MEDIA_UNAVAILABLE"].includes(await outcome), "settled either way");
  t.equal(bench.events.length, 11);
  t.ok(bench.events.every((event) => event.type === "closed" && event.reason === "shutdown"));
  await t.rejects(bench.open(), refusal("MEDIA_UNAVAILABLE"));
  t.match(await bench.service.execute({ type: "health" }), { channels: 0, sockets: 0 });
  await bench.service.close();
});

await t.test("an aborted command is no longer waited for", async (t) => {
  const bench = await MediaBench.start(t);
  const { uuid } = await bench.open();
  const abort = new AbortController();
  const asked = bench.service.execute({ type: "statistics", uuid }, abort.signal);
  abort.abort();
  await t.rejects(asked, refusal("ABORTED"));
  await t.rejects(bench.service.execute({ type: "unmix", uuid }, abort.signal), refusal("ABORTED"));
});

await t.test("the same chance gives the same names", async (t) => {
  const random = { bytes: (count: number) => new Uint8Array(count).fill(0x11) };
  const service = await NativeMediaService.start({
    bind: "127.0.0.1",
    ports,
    random,
    advertised: "198.51.100.7",
  });
  t.teardown(() => service.close());
  const opened = await service.execute({ type: "open" });
  t.equal(opened.uuid, "11111111-1111-4111-9111-111111111111");
  t.equal(opened.ip, "198.51.100.7");
});
