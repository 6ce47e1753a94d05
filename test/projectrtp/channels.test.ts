/** A program of the original's, over real sockets. The rows are those of its surface. */
import assert from "node:assert/strict";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import {
  NotSupportedYet,
  projectrtp,
  type ChannelEvent,
  type OpenOptions,
  type ProjectRtpChannel,
} from "../../ts/projectrtp.js";
import { testPort } from "../rtp/support/test-ports.js";

const LOOPBACK = "127.0.0.1";
const PACKET_MILLIS = 20;
const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis));

class Phone {
  readonly socket: Socket;
  readonly heard: Buffer[] = [];
  #sequence = 100;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("message", (octets) => this.heard.push(octets));
  }

  static async open(t: Test): Promise<Phone> {
    const socket = createSocket("udp4");
    socket.bind(0, LOOPBACK);
    await once(socket, "listening");
    t.teardown(() => socket.close());
    return new Phone(socket);
  }

  get remote(): { address: string; port: number; codec: number } {
    return { address: LOOPBACK, port: this.socket.address().port, codec: 0 };
  }

  /** Packets of µ-law, paced as a phone's. */
  async speaks(to: ProjectRtpChannel, packets: number, octet = 0x20): Promise<void> {
    for (let count = 0; count < packets; count += 1) {
      this.send(to, 0, Buffer.alloc(160, octet), this.#sequence * 160);
      await pause(PACKET_MILLIS);
    }
  }

  send(to: ProjectRtpChannel, payloadType: number, payload: Buffer, timestamp: number): void {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = payloadType;
    header.writeUInt16BE(this.#sequence & 0xffff, 2);
    header.writeUInt32BE(timestamp >>> 0, 4);
    header.writeUInt32BE(25, 8);
    this.#sequence += 1;
    this.socket.send(Buffer.concat([header, payload]), to.local.port, LOOPBACK);
  }
}

class Events {
  readonly all: ChannelEvent[] = [];
  #look: () => void = () => undefined;
  readonly take = (event: ChannelEvent): void => {
    this.all.push(event);
    this.#look();
  };

  /** Waits for an event of which `action event reason` begins with this. */
  async until(text: string): Promise<ChannelEvent> {
    for (;;) {
      const found = this.all.find((event) => told(event).startsWith(text));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#look = resolve));
    }
  }
  get told(): string[] {
    return this.all.map(told);
  }
}

const told = (event: ChannelEvent): string =>
  [event.action, "event" in event ? event.event : "", "reason" in event ? event.reason : ""]
    .join(" ")
    .replace(/ +/g, " ")
    .trim();

async function opened(options: OpenOptions): Promise<{ channel: ProjectRtpChannel; events: Events }> {
  const events = new Events();
  const channel = await projectrtp.openchannel(options, events.take);
  return { channel, events };
}

async function closes({ channel, events }: { channel: ProjectRtpChannel; events: Events }): Promise<void> {
  channel.close();
  await events.until("close");
}

t.before(() => {
  projectrtp.run({ ports: { start: testPort(0), end: testPort(100) } });
  projectrtp.run();
});
t.teardown(() => projectrtp.shutdown());

// R044: what the close event follows.
t.afterEach(() => {
  assert.equal(projectrtp.stats().channel.current, 0);
});

t.test("R004, R020, R028, R029: what a channel has", async (t) => {
  projectrtp.setaddress("192.0.2.5");
  projectrtp.setprivateaddress("10.0.0.5");
  const phone = await Phone.open(t);
  const one = await opened({ id: "4", remote: phone.remote });
  const { channel } = one;
  t.equal(channel.id, "4");
  t.match(channel.uuid, /^[\da-f-]{36}$/);
  t.match(channel.local, {
    port: Number,
    address: "192.0.2.5",
    privateaddress: "10.0.0.5",
    icepwd: /^.{24}$/,
    dtls: { enabled: false },
  });
  t.match(projectrtp.stats(), { channel: { current: 1, totalcreated: 1, totalclosed: 0 } });
  const another = await channel.openchannel();
  t.not(another.id, "");
  another.close();
  await once(another.em, "close");
  await closes(one);
  t.match(projectrtp.stats(), { channel: { current: 0, available: 50, totalcreated: 2, totalclosed: 2 } });
  t.equal(channel.close(), false, "once closed");
  t.equal(channel.echo(), false);
});

t.test("R034, R160, R161: echo, and the figures at the end", async (t) => {
  const phone = await Phone.open(t);
  const one = await opened({ remote: phone.remote });
  t.equal(one.channel.echo(), true);
  await phone.speaks(one.channel, 10);
  while (phone.heard.length < 10) await pause(5);
  one.channel.close("the program's own words");
  const close = await one.events.until("close");
  t.match(close, {
    action: "close",
    reason: "the program's own words",
    stats: { in: { count: 10, skip: 0, mos: 4.5 }, out: { count: 10 }, tick: {} },
  });
});

t.test("R032, R061, R064, R065: two are mixed, hear each other, and part", async (t) => {
  const [alice, bob] = [await Phone.open(t), await Phone.open(t)];
  const [a, b] = [await opened({ remote: alice.remote }), await opened({ remote: bob.remote })];
  t.equal(a.channel.mix(a.channel), true, "with itself: nothing");
  t.equal(a.channel.mix(b.channel), true);
  await Promise.all([a.events.until("mix start"), b.events.until("mix start")]);
  await alice.speaks(a.channel, 10, 0x31);
  while (bob.heard.length < 5) await pause(5);
  t.equal(bob.heard[0]?.[20], 0x31, "R061: as it was sent");
  t.equal(a.channel.mix(b.channel), true);
  t.equal(a.events.told.filter((text) => text === "mix start").length, 2, "R063");
  const [c, d] = [await opened({}), await opened({})];
  t.equal(c.channel.mix(d.channel), true);
  t.equal(c.channel.mix(a.channel), false, "two groups are not joined");
  t.equal(a.channel.play({ files: [{ tone: "440:100" }] }), false, "R091");
  t.equal(a.channel.unmix(), true);
  await Promise.all([a.events.until("mix finished"), b.events.until("mix finished")]);
  t.equal(a.channel.unmix(), true, "R032: also when it is not mixed");
  for (const one of [a, b, c, d]) await closes(one);
});

t.test("R074, R075: keys are told, and reach the others of a mix", async (t) => {
  const [alice, bob] = [await Phone.open(t), await Phone.open(t)];
  const a = await opened({ remote: { ...alice.remote, rfc2833pt: 96 } });
  const b = await opened({ remote: bob.remote });
  a.channel.mix(b.channel);
  await a.events.until("mix start");
  for (const duration of [160, 320, 480])
    alice.send(a.channel, 96, Buffer.of(5, 10, duration >> 8, duration & 255), 16_000);
  for (let end = 0; end < 3; end += 1) alice.send(a.channel, 96, Buffer.of(5, 0x8a, 2, 128), 16_000);
  await a.events.until("telephone-event 5");
  while (!bob.heard.some((packet) => ((packet[1] ?? 0) & 0x7f) === 101)) await pause(5);
  t.notOk(
    b.events.told.some((text) => text.startsWith("telephone-event")),
    "the others get no event",
  );
  for (const one of [a, b]) await closes(one);
});

t.test("R033, R071: dtmf sends keys as telephone-events of the agreed type", async (t) => {
  const phone = await Phone.open(t);
  const one = await opened({ remote: { ...phone.remote, rfc2833pt: 99 } });
  t.equal(one.channel.dtmf("abc"), false);
  t.equal(one.channel.dtmf("4"), true);
  const keys = (): Buffer[] => phone.heard.filter((packet) => ((packet[1] ?? 0) & 0x7f) === 99);
  while (!keys().some((packet) => ((packet[13] ?? 0) & 0x80) !== 0)) await pause(5);
  t.equal(keys()[0]?.[12], 4);
  await closes(one);
});

t.test("R080 to R089: play, pause, go on, replace, stop", async (t) => {
  const file = join(t.testdir(), "ring.wav");
  projectrtp.tone.generate("400+450*0.5:2000", file);
  const phone = await Phone.open(t);
  const one = await opened({ remote: phone.remote });
  const { channel, events } = one;
  t.equal(channel.play({ files: [] }), false, "R085");
  t.equal(channel.play({ files: [{ wav: join(t.testdirName, "none.wav") }] }), false);
  t.equal(channel.play({ loop: true, files: [{ wav: file }, { wav: "none.wav" }] }), true);
  await events.until("play start new");
  while (phone.heard.length < 5) await pause(5);
  t.equal(channel.pauseplay(), true);
  await events.until("play paused");
  t.equal(channel.resumeplay(), true);
  await events.until("play resumed");
  t.equal(channel.play({ soup: { files: [{ wav: file, start: 0, stop: 60 }] } }), true, "R081");
  await events.until("play end replaced");
  await events.until("play end completed");
  channel.play({ loop: true, files: [{ wav: file }] });
  t.equal(channel.stopplay(), true);
  await events.until("play end stopped");
  await closes(one);
});

t.test("R100 to R112: record, finish, and what is told", async (t) => {
  const file = join(t.testdir(), "call.wav");
  const phone = await Phone.open(t);
  const one = await opened({ remote: phone.remote });
  t.equal(one.channel.record({} as { file: string }), false);
  t.equal(one.channel.record({ file, numchannels: 1 }), true);
  await one.events.until("record recording");
  await phone.speaks(one.channel, 10);
  t.equal(one.channel.record({ file, finish: true }), true);
  const finished = await one.events.until("record finished.requested");
  t.match(finished, { file, filesize: statSync(file).size });
  t.equal(readFileSync(file).toString("latin1", 0, 4), "RIFF");
  const second = join(t.testdirName, "second.wav");
  one.channel.record({ file: second });
  one.channel.close();
  await one.events.until("close");
  t.match(one.events.told.slice(-2), [/^record finished\.channelclosed/, "close requested"], "R045");
});

t.test("R023, R031: remote: codec 8, later; an address that is none", async (t) => {
  const phone = await Phone.open(t);
  const one = await opened({});
  t.equal(one.channel.remote({ address: "not an address", port: 1 }), false);
  t.equal(one.channel.remote({ address: LOOPBACK }), false);
  t.equal(one.channel.remote({ ...phone.remote, codec: 77 }), false);
  t.equal(one.channel.remote({ ...phone.remote, codec: 8 }), true);
  one.channel.play({ files: [{ tone: "440:200" }] });
  while (phone.heard.length === 0) await pause(5);
  t.equal((phone.heard[0]?.[1] ?? 0) & 0x7f, 8);
  t.equal(one.channel.direction({ send: false }), true);
  await closes(one);
});

t.test("R130 to R134: live audio, both ways", async (t) => {
  const phone = await Phone.open(t);
  const one = await opened({ remote: phone.remote });
  const reader = one.channel.createReadStream();
  t.match(reader, { format: "l16", samplerate: 8000, numchannels: 1, direction: "in" });
  const [frame] = (await once(reader, "data")) as [Buffer];
  t.equal(frame.length, 320);
  const writer = one.channel.createWriteStream();
  writer.write(Buffer.alloc(3200));
  writer.end();
  await one.events.until("play end completed");
  t.ok(phone.heard.length > 0);
  await closes(one);
  const late = one.channel.createReadStream();
  const [error] = (await once(late, "error")) as [Error];
  t.match(error, { code: "MEDIA_CHANNEL_UNKNOWN" });
});

t.test("R024 to R026: DTLS and ICE are not supported yet, and say so", async (t) => {
  const remote = { address: LOOPBACK, port: 4000 };
  const dtls = { fingerprint: { hash: "00:11" }, mode: "passive" };
  await t.rejects(projectrtp.openchannel({ remote: { ...remote, dtls } }), {
    name: "NotSupportedYet",
    code: "ARGUMENT_INVALID",
    field: "remote.dtls",
  });
  await t.rejects(
    projectrtp.openchannel({ local: { icepwd: "x" } }),
    new NotSupportedYet("ICE is", "local.icepwd"),
  );
  const one = await opened({ remote });
  t.throws(
    () => one.channel.remote({ ...remote, icepwd: "y" }),
    new NotSupportedYet("ICE is", "remote.icepwd"),
  );
  await closes(one);
});

t.test("R002: shutdown closes what is open, and it can be run again", async (t) => {
  const one = await opened({});
  await projectrtp.shutdown();
  t.match(one.events.all.at(-1), { action: "close", reason: "shutdown" });
  await t.rejects(projectrtp.openchannel(), { code: "NOT_CONNECTED" });
  projectrtp.run({ ports: { start: testPort(1), end: testPort(21) } });
  const again = await opened({});
  t.equal(again.channel.local.port % 2, 0, "R040: from the next even port");
  await closes(again);
});
