/** Who hears what, and how long it lasts, on an engine without packets. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import type { SoundSoup } from "../../ts/rtp/media-service.js";
import { FakeMediaService } from "../../ts/testing/fake-media-service.js";
import { ManualClock } from "../../ts/testing/manual-clock.js";
import { PhoneAudio } from "../../ts/testing/phone-audio.js";
import { SoundField } from "../../ts/testing/sound-field.js";

const CODECS = ["pcma", "2833"] as const;

class Room {
  readonly clock = new ManualClock();
  readonly media = new FakeMediaService();
  readonly field = new SoundField({
    media: this.media,
    clock: this.clock,
    lengthOf: (file) => (file === "long.wav" ? 10_000 : 1000),
  });
  readonly told: string[] = [];
  #phones = 0;

  constructor() {
    this.media.attach(async (event) => {
      const reason = "reason" in event ? ` ${event.reason}` : "";
      this.told.push(
        `${this.clock.now()} ${event.type}${"event" in event ? ` ${event.event}${reason}` : ""}`,
      );
    });
  }

  /** A phone with a channel of its own. */
  async phone(saying?: string) {
    this.#phones += 1;
    const audio = new PhoneAudio({ address: `198.51.100.${this.#phones}`, port: 40_000 }, CODECS);
    const { uuid, ip, port } = await this.media.execute({ type: "open" });
    const far = new PhoneAudio({ address: ip, port }, CODECS);
    audio.take(far.answer(audio.offer()) ?? "");
    const { address, port: from } = audio.local;
    const formats = [{ payloadType: 8, format: "PCMA" }] as const;
    const remote = { address, port: from, formats, telephoneEvent: 101 };
    await this.media.execute({ type: "target", uuid, remote });
    this.field.add(audio);
    audio.saying = saying;
    return { uuid, audio };
  }

  async play(uuid: string, soup: SoundSoup): Promise<void> {
    await this.media.execute({ type: "play", uuid, soup });
    this.field.update();
  }

  async pass(millis: number): Promise<void> {
    const end = this.clock.now() + millis;
    while (this.clock.now() < end) {
      await this.clock.step(ms(end));
      this.field.update();
    }
    await this.clock.settle();
  }
}

t.test("three who are mixed hear the others; a whisper is heard by one", async (t) => {
  const room = new Room();
  const [alice, bob, carol] = [await room.phone("a"), await room.phone("b"), await room.phone("c")];
  t.same(room.field.heardBy(alice.audio), [], "alone");
  await room.media.execute({ type: "mix", uuid: alice.uuid, other: bob.uuid });
  await room.media.execute({ type: "mix", uuid: alice.uuid, other: carol.uuid });
  t.same(
    [alice, bob, carol].map(({ audio }) => room.field.heardBy(audio)),
    [
      ["b", "c"],
      ["a", "c"],
      ["a", "b"],
    ],
  );
  await room.media.execute({ type: "whisper", uuid: carol.uuid, to: alice.uuid });
  t.same([room.field.heardBy(alice.audio), room.field.heardBy(bob.audio)], [["b", "c"], ["a"]]);
  await room.media.execute({ type: "direction", uuid: bob.uuid, recv: false });
  t.same(room.field.heardBy(alice.audio), ["c"], "bob is muted");
  await room.media.execute({ type: "unmix", uuid: alice.uuid });
  t.same([room.field.heardBy(alice.audio), room.field.heardBy(carol.audio)], [[], []]);
});

t.test("echo; and a channel that talks with another one of the engine", async (t) => {
  const room = new Room();
  const alice = await room.phone("a");
  await room.media.execute({ type: "echo", uuid: alice.uuid, enabled: true });
  t.same(room.field.heardBy(alice.audio), ["a"]);
  const [one, other] = [
    await room.media.execute({ type: "open" }),
    await room.media.execute({ type: "open" }),
  ];
  const formats = [{ payloadType: 8, format: "PCMA" }] as const;
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const remote = { address: to.ip, port: to.port, formats };
    await room.media.execute({ type: "target", uuid: from.uuid, remote });
  }
  await room.play(one.uuid, { files: [{ wav: "news.wav" }], loop: true });
  await room.media.execute({ type: "mix", uuid: other.uuid, other: alice.uuid });
  t.same(room.field.heardBy(alice.audio), ["news.wav"], "played into the group by way of the other channel");
});

t.test("a soup lasts as long as its entries, in their order, without its pauses", async (t) => {
  const room = new Room();
  const alice = await room.phone();
  await room.play(alice.uuid, {
    files: [{ wav: "one.wav" }, { tone: "350+440*0.5:500" }, { wav: "long.wav", start: 2000, stop: 5000 }],
    loop: 2,
  });
  const heard = async (millis: number) => {
    await room.pass(millis);
    return room.field.heardBy(alice.audio);
  };
  t.same(await heard(999), ["one.wav"]);
  t.same(await heard(2), [350, 440]);
  t.same(await heard(500), ["long.wav"]);
  await room.media.execute({ type: "pauseplay", uuid: alice.uuid });
  room.field.update();
  t.same(await heard(60_000), [], "it is paused");
  await room.media.execute({ type: "resumeplay", uuid: alice.uuid });
  room.field.update();
  t.same(await heard(2998), ["long.wav"]);
  t.same(await heard(2), ["one.wav"], "the second time");
  await room.pass(10_000);
  t.match(room.told, [
    "0 play start new",
    "1501 play paused",
    "61501 play resumed",
    "69000 play end completed",
  ]);
});

t.test("a key ends what may be interrupted, and is heard by those it is mixed with", async (t) => {
  const room = new Room();
  const [alice, bob] = [await room.phone(), await room.phone()];
  await room.play(alice.uuid, { files: [{ wav: "long.wav" }] });
  room.field.pressed(alice.audio, "1");
  t.same(room.field.heardBy(alice.audio), ["long.wav"]);
  await room.play(alice.uuid, { files: [{ wav: "long.wav" }], interrupt: true });
  room.field.pressed(alice.audio, "2");
  t.same(room.field.heardBy(alice.audio), []);
  await room.media.execute({ type: "mix", uuid: alice.uuid, other: bob.uuid });
  room.field.pressed(alice.audio, "3");
  t.equal(bob.audio.keys, "3");
  await room.media.execute({ type: "dtmf", uuid: alice.uuid, digits: "45" });
  room.field.update();
  t.equal(alice.audio.keys, "45", "keys of the engine are heard by the phone");
  await room.clock.settle();
  const told = room.told.filter((line) => !line.includes("mix"));
  t.same(told, [
    "0 play start new",
    "0 telephone-event 1",
    "0 play end replaced",
    "0 play start new",
    "0 telephone-event 2",
    "0 play end telephone-event",
    "0 telephone-event 3",
  ]);
});

t.test("recordings: how long, what is on them, and what ends them", async (t) => {
  const room = new Room();
  const alice = await room.phone();
  const record = (options: object, file = "a.wav") =>
    room.media.execute({ type: "record", uuid: alice.uuid, options: { file, ...options } });
  await record({ maxduration: 3000 });
  room.field.update();
  await room.pass(1000);
  await record({ pause: true });
  room.field.update();
  await room.pass(5000);
  await record({});
  room.field.update();
  await room.pass(10_000);
  await record({ startabovepower: 100, finishbelowpower: 100, poweraveragepackets: 25 }, "b.wav");
  room.field.update();
  await room.pass(2000);
  alice.audio.saying = "hello";
  room.field.spoken();
  await room.pass(1500);
  alice.audio.saying = undefined;
  room.field.spoken();
  await room.pass(5000);
  t.same(room.field.recordings, [
    { file: "a.wav", millis: 3000, sounds: [], isFinished: true },
    { file: "b.wav", millis: 2000, sounds: ["hello"], isFinished: true },
  ]);
  t.same(
    room.told.filter((line) => line.includes("finished")),
    ["8000 record finished timeout", "20000 record finished belowpower"],
  );
});
