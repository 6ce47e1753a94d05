/** Keys, echo, groups and live streams through the addon, with phones that speak L16. */
import t from "tap";
import { MediaBench, remoteOf } from "./support/media-bench.js";
import type { Phone } from "./support/phone.js";
import { listen, say } from "./support/talk.js";
import { amplitudeOf, sine } from "./support/tones.js";

void t.test("R071: keys are sent one after the other, each with its three ends", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const { uuid } = await bench.open(remoteOf(phone, "L16/8000"));
  await bench.service.execute({ type: "dtmf", uuid, digits: "5#", duration: 100, pause: 60 });
  const heard = [];
  while (heard.filter(({ isEnd }) => isEnd).length < 6) {
    const { payload, payloadType, marker, timestamp } = await phone.hear();
    if (payloadType !== 101) continue;
    const [event, second = 0] = payload;
    heard.push({
      event,
      marker,
      timestamp,
      isEnd: (second & 0x80) !== 0,
      volume: second & 0x3f,
      duration: payload.readUInt16BE(2),
    });
  }
  const [five, hash] = [heard.filter(({ event }) => event === 5), heard.filter(({ event }) => event === 11)];
  for (const key of [five, hash]) {
    t.strictSame(
      key.map(({ marker }) => marker),
      key.map((_, index) => index === 0),
    );
    t.equal(new Set(key.map(({ timestamp }) => timestamp)).size, 1, "one timestamp per key");
    t.strictSame(
      key.slice(-3).map(({ isEnd, duration }) => [isEnd, duration]),
      [
        [true, 800],
        [true, 800],
        [true, 800],
      ],
    );
    t.ok(key.every(({ volume }) => volume === 13));
  }
  const apart = ((hash[0]?.timestamp ?? 0) - (five[0]?.timestamp ?? 0)) >>> 0;
  t.ok(apart >= 8 * 160, `${apart / 8} ms from key to key`);
  t.strictSame(bench.eventsOf("telephone-event"), [], "R074: who sends them is not told of them");
});

void t.test("R034: echo, while it is on", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const { uuid, port } = await bench.open(remoteOf(phone, "L16/8000"));
  await bench.service.execute({ type: "echo", uuid, enabled: true });
  const { samples } = await listen(phone, say(phone, port, sine(700, 0.4)));
  t.ok(samples.length >= 0.3 * 8000, `${samples.length} samples`);
  t.ok(amplitudeOf(700, samples.subarray(0, 2400)) > 7000);
  await bench.service.execute({ type: "echo", uuid, enabled: false });
  t.equal((await listen(phone, say(phone, port, sine(700, 0.1)))).samples.length, 0);
});

void t.test("three in a group: each hears the others and not itself; a muted one is not heard", async (t) => {
  const bench = await MediaBench.start(t);
  const pitches = [400, 700, 1000];
  const members: { hertz: number; phone: Phone; uuid: string; port: number }[] = [];
  for (const hertz of pitches) {
    const phone = await bench.phone();
    members.push({ hertz, phone, ...(await bench.open(remoteOf(phone, "L16/8000"))) });
  }
  const [first, ...others] = members;
  if (first === undefined) throw new Error("nobody");
  for (const { uuid } of others) await bench.service.execute({ type: "mix", uuid: first.uuid, other: uuid });
  /** Each round is a new stream, of an SSRC of its own. */
  const talk = (round: number): Promise<unknown> =>
    Promise.all(
      members.map(({ phone, port, hertz }) => say(phone, port, sine(hertz, 1, 4000), 10_000 * round + hertz)),
    );
  const loudness = async (round: number): Promise<number[][]> => {
    const over = talk(round);
    return Promise.all(
      members.map(async ({ phone }) => {
        const { samples } = await listen(phone, over);
        return pitches.map((hertz) => amplitudeOf(hertz, samples.subarray(4000, 7200)));
      }),
    );
  };
  const isHeard = (amplitude: number): boolean => amplitude > 3000;
  t.strictSame(
    (await loudness(1)).map((row) => row.map(isHeard)),
    pitches.map((own) => pitches.map((hertz) => hertz !== own)),
  );
  await bench.service.execute({ type: "direction", uuid: first.uuid, recv: false });
  t.strictSame(
    (await loudness(2)).map((row) => row.map(isHeard)),
    [
      [false, true, true],
      [false, false, true],
      [false, true, false],
    ],
  );
});

void t.test("a script hears what comes in, 20 ms at a time, until the channel closes", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const { uuid, port } = await bench.open(remoteOf(phone, "L16/8000"));
  const reader = bench.service.createReadStream(uuid);
  const chunks: Buffer[] = [];
  reader.on("data", (chunk: Buffer) => chunks.push(chunk));
  const over = new Promise((resolve) => reader.once("end", resolve));
  await say(phone, port, sine(600, 1));
  await bench.service.execute({ type: "close", uuid });
  await over;
  t.ok(chunks.every(({ length }) => length === 320));
  t.ok(chunks.length >= 40, `${chunks.length} frames in a second`);
  const octets = Buffer.concat(chunks);
  const samples = new Int16Array(octets.length / 2).map((_, index) => octets.readInt16LE(2 * index));
  t.ok(amplitudeOf(600, samples.subarray(-4000)) > 6000);
});

void t.test("a script is heard, all of it, and knows when", async (t) => {
  const bench = await MediaBench.start(t);
  const phone = await bench.phone();
  const { uuid } = await bench.open(remoteOf(phone, "L16/8000"));
  const writer = bench.service.createWriteStream(uuid);
  const spoken = sine(500, 2);
  const finished = new Promise<void>((resolve) => {
    writer.end(Buffer.from(spoken.buffer), resolve);
  });
  const { samples } = await listen(phone, finished);
  t.match(bench.eventsOf("play"), [{ event: "end", reason: "completed" }]);
  t.ok(Math.abs(samples.length - spoken.length) <= 160, `${samples.length} samples`);
  t.strictSame(samples.subarray(0, spoken.length - 160), spoken.subarray(0, spoken.length - 160));
});

void t.test("G.722 on one side, PCMU on the other: each hears its own format and clock", async (t) => {
  const bench = await MediaBench.start(t);
  const [wide, narrow] = [await bench.phone(), await bench.phone()];
  const one = await bench.open(remoteOf(wide, "G722"));
  const other = await bench.open(remoteOf(narrow, "PCMU"));
  await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
  for (let sequence = 1; sequence <= 3; sequence++) {
    await wide.send({ payloadType: 9, sequence, payload: new Uint8Array(160).fill(0xfa) }, one.port);
    await narrow.send({ payloadType: 0, sequence, payload: new Uint8Array(160).fill(0xff) }, other.port);
  }
  for (const [phone, payloadType] of [
    [narrow, 0],
    [wide, 9],
  ] as const) {
    const heard = [await phone.hear(), await phone.hear(), await phone.hear()];
    t.ok(heard.every((packet) => packet.payloadType === payloadType && packet.payload.length === 160));
    t.strictSame(
      heard.map(({ timestamp }) => (timestamp - (heard[0]?.timestamp ?? 0)) >>> 0),
      [0, 160, 320],
      "RFC 3551 §4.5.2: both clocks are 8000 Hz",
    );
  }
});
