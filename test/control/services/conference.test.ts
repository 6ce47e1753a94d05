import t from "tap";
import type {
  ConferenceEvent,
  ConferenceMember,
  ConferenceOptions,
} from "../../../ts/control/services/conference/conference-options.js";
import { openHouse, type House } from "./house.js";

/** Everybody who calls a name that begins with a letter comes into the room of that name. */
const intoRoom = (options: (from: string) => ConferenceOptions = () => ({})): Promise<House> =>
  openHouse((call) => call.conference(call.to, options(call.from)));

/** Reads the events of a room. */
function eventsOf(house: House, room: string): ConferenceEvent[] {
  const seen: ConferenceEvent[] = [];
  void (async () => {
    for await (const event of house.app.conference(room).events())
      if (event.type !== "lost") seen.push(event);
  })();
  return seen;
}

t.test(
  "three hear each other; one leaves and two go on; the last one hears music; then the room is empty",
  async (t) => {
    const house = await intoRoom();
    const { pbx, app } = house;
    app.conference("blue").set({ sounds: { music: "music.wav" } });
    const events = eventsOf(house, "blue");
    const [alice, bob, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
    alice.call("blue");
    await alice.hears("music.wav");
    bob.call("blue");
    await bob.talks();
    alice.speaks("a");
    bob.speaks("b");
    carol.speaks("c");
    await alice.hears("b");
    await bob.hears("a");
    t.same(alice.hearing, ["b"]);
    carol.call("blue");
    await carol.hears("a");
    t.same(
      [alice.hearing, bob.hearing, carol.hearing].map((heard) => [...heard].sort()),
      [
        ["b", "c"],
        ["a", "c"],
        ["a", "b"],
      ],
    );
    t.same(
      app.conference("blue").members.map(({ name }) => name),
      ["1000", "1001", "1002"],
    );
    carol.hangup();
    await alice.stopsHearing("c");
    t.same(alice.hearing, ["b"]);
    bob.hangup();
    await alice.hears("music.wav");
    await pbx.advance(1);
    alice.hangup();
    await house.closes(t);
    t.same([...house.outcomes.values()], ["CallEnded", "CallEnded", "CallEnded"]);
    t.same(
      events.map((event) => ("name" in event ? `${event.type} ${event.name}` : event.type)),
      ["joined 1000", "opened", "joined 1001", "joined 1002", "left 1002", "left 1001", "left 1000", "ended"],
    );
  },
);

t.test("muted, deaf and on hold: who is heard by whom, also after a re-INVITE", async (t) => {
  const members = new Map<string, ConferenceMember>();
  const house = await intoRoom((from) => ({
    muted: from === "1001",
    joined: (member) => void members.set(from, member),
  }));
  const { pbx } = house;
  const [alice, bob, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  for (const [phone, words] of [
    [alice, "a"],
    [bob, "b"],
    [carol, "c"],
  ] as const) {
    phone.speaks(words);
    phone.call("r");
    await phone.talks();
  }
  await alice.hears("c");
  t.same(alice.hearing, ["c"], "bob is muted from the start");
  t.same([...bob.hearing].sort(), ["a", "c"]);
  await members.get("1001")?.unmute();
  await alice.hears("b");
  await members.get("1000")?.deafen();
  await alice.hearsNothing();
  await members.get("1000")?.mute();
  await bob.stopsHearing("a");
  // Hold and back: a re-INVITE each. Neither music of the phone nor what was forbidden is heard.
  carol.hold();
  await bob.stopsHearing("c");
  carol.unhold();
  await bob.hears("c");
  alice.hold();
  await pbx.advance(1);
  alice.unhold();
  await pbx.advance(1);
  t.same([alice.hearing, bob.hearing, carol.hearing], [[], ["c"], ["b"]]);
  await members.get("1000")?.unmute();
  await members.get("1000")?.undeafen();
  await alice.hears("c");
  await bob.hears("a");
  const { muted, deaf, held } = members.get("1000") ?? {};
  t.same({ muted, deaf, held }, { muted: false, deaf: false, held: false });
  await house.closes(t);
});

t.test("keys of a muted member are told to its script and to nobody in the room", async (t) => {
  const keys: string[] = [];
  const house = await openHouse(async (call) => {
    void (async () => {
      for await (const { key } of call.keys()) keys.push(key);
    })();
    return call.conference("r", { muted: call.from === "1000" });
  });
  const { pbx } = house;
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("r");
  await alice.talks();
  bob.call("r");
  await bob.talks();
  await pbx.advance(1);
  alice.press("5");
  await pbx.advance(1);
  t.same(keys, ["5"]);
  t.equal(bob.keys, "");
  await house.closes(t);
});

t.test("kicked, left by the script's signal, ended for all: the verbs tell which", async (t) => {
  const leave = new AbortController();
  const house = await openHouse((call) =>
    call.conference("r", call.from === "1001" ? { signal: leave.signal } : {}),
  );
  const { pbx, app } = house;
  const phones = [];
  for (const user of ["1000", "1001", "1002", "1003"]) {
    const phone = await pbx.phone(user);
    phone.call("r");
    await phone.talks();
    phones.push(phone);
  }
  await pbx.advance(2);
  const [first] = app.conference("r").members;
  await first?.kick();
  await phones[0]?.ends();
  leave.abort();
  await phones[1]?.ends();
  t.equal(app.conference("r").members.length, 2);
  await app.conference("r").end();
  await phones[2]?.ends();
  await phones[3]?.ends();
  t.match(house.outcomes.get("1000"), { outcome: "kicked", duration: Number });
  t.equal(house.outcomes.get("1001"), "ABORTED");
  t.match(house.outcomes.get("1002"), { outcome: "ended" });
  await pbx.close();
});

t.test("a PIN is asked for: right, wrong three times, and the moderator's", async (t) => {
  const house = await intoRoom(() => ({ pin: { prompt: "pin.wav", wrong: "wrong.wav" } }));
  const { pbx, app } = house;
  app.conference("safe").set({ pin: "1234", moderatorPin: "9876" });
  const [alice, bob, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.call("safe");
  await alice.hears("pin.wav");
  alice.press("1234#");
  await pbx.until(() => app.conference("safe").members.length === 1, "alice is in");
  bob.call("safe");
  for (let count = 0; count < 3; count += 1) {
    await bob.hears("pin.wav");
    bob.press("1111#");
    await bob.hears("wrong.wav");
  }
  await bob.ends();
  t.same(house.outcomes.get("1001"), { outcome: "refused", reason: "pin" });
  carol.call("safe");
  await carol.hears("pin.wav");
  carol.press("9876#");
  await pbx.until(() => app.conference("safe").members.length === 2, "carol is in");
  t.same(
    app.conference("safe").members.map(({ moderator }) => moderator),
    [false, true],
  );
  await house.closes(t);
});

t.test("full and locked; a moderator gets into a locked room; an empty room is unlocked", async (t) => {
  const house = await intoRoom((from) => ({ moderator: from === "1003" }));
  const { pbx, app } = house;
  app.conference("r").set({ maxMembers: 2 });
  const call = async (user: string): Promise<Awaited<ReturnType<typeof pbx.phone>>> => {
    const phone = await pbx.phone(user);
    phone.call("r");
    await phone.talks();
    await pbx.advance(1);
    return phone;
  };
  const alice = await call("1000");
  app.conference("r").lock();
  await call("1001");
  t.same(house.outcomes.get("1001"), { outcome: "refused", reason: "locked" });
  const dave = await call("1003");
  t.equal(app.conference("r").members.length, 2);
  app.conference("r").unlock();
  await call("1002");
  t.same(house.outcomes.get("1002"), { outcome: "refused", reason: "full" });
  app.conference("r").lock();
  alice.hangup();
  dave.hangup();
  await pbx.advance(1);
  t.equal(app.conference("r").locked, false);
  await house.closes(t);
});

t.test("the room waits for its moderator, and ends with the last one", async (t) => {
  const house = await intoRoom((from) => ({ moderator: from === "1002" }));
  const { pbx, app } = house;
  app.conference("r").set({ waitForModerator: true, endWithModerator: true, sounds: { music: "music.wav" } });
  const events = eventsOf(house, "r");
  const [alice, bob, boss] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.speaks("a");
  alice.call("r");
  bob.call("r");
  await alice.hears("music.wav");
  await bob.hears("music.wav");
  t.same(bob.hearing, ["music.wav"], "they do not hear each other yet");
  t.equal(app.conference("r").open, false);
  boss.call("r");
  await boss.hears("a");
  await bob.hears("a");
  t.same(bob.hearing, ["a"]);
  boss.hangup();
  await alice.ends();
  await bob.ends();
  t.match(house.outcomes.get("1000"), { outcome: "ended" });
  t.match(house.outcomes.get("1001"), { outcome: "ended" });
  await house.closes(t);
  t.same(
    events.map(({ type }) => type).filter((type) => type !== "joined"),
    ["opened", "left", "left", "left", "ended"],
  );
});

t.test(
  "an announcement is heard by all and by nobody after it, one after the other; joining and leaving sound",
  async (t) => {
    const house = await intoRoom();
    const { pbx, app } = house;
    app.conference("r").set({ sounds: { join: "join.wav", leave: "leave.wav" } });
    const [alice, bob, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
    alice.call("r");
    await alice.talks();
    bob.speaks("b");
    bob.call("r");
    await alice.hears("join.wav");
    await bob.hears("join.wav");
    await alice.stopsHearing("join.wav");
    t.same(alice.hearing, ["b"], "and hears bob also while it is announced");
    const announced = Promise.all([
      app.conference("r").announce("one.wav"),
      app.conference("r").announce("two.wav"),
    ]);
    await bob.hears("one.wav");
    t.notOk(bob.hearing.includes("two.wav"));
    await alice.hears("two.wav");
    t.notOk(alice.hearing.includes("one.wav"));
    await alice.stopsHearing("two.wav");
    await announced;
    t.equal(pbx.left.channels, 2, "the room's own channels are closed again");
    carol.call("r");
    await carol.hears("join.wav");
    carol.hangup();
    await alice.hears("leave.wav");
    await house.closes(t);
  },
);

t.test("an announcement to one alone, and while all wait", async (t) => {
  const house = await intoRoom();
  const { pbx, app } = house;
  app.conference("r").set({ sounds: { music: "music.wav" } });
  const alice = await pbx.phone("1000");
  alice.call("r");
  await alice.hears("music.wav");
  void app.conference("r").announce("one.wav");
  await alice.hears("one.wav");
  await alice.hears("music.wav");
  await house.closes(t);
});

t.test("the room is recorded: all voices and announcements in one file, until it is stopped", async (t) => {
  const house = await intoRoom();
  const { pbx, app } = house;
  const events = eventsOf(house, "r");
  const room = app.conference("r");
  await t.rejects(room.record({ file: "r.wav" }), { code: "CALL_STATE" }, "nobody is there");
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.speaks("a");
  bob.speaks("b");
  alice.call("r");
  await alice.talks();
  bob.call("r");
  await alice.hears("b");
  const recording = await room.record({ file: "r.wav" });
  await t.rejects(room.record({ file: "again.wav" }), { code: "CALL_STATE" });
  await pbx.advance(30);
  t.same(alice.hearing, ["b"]);
  void room.announce("one.wav");
  await bob.hears("one.wav");
  await pbx.advance(60);
  const stopped = recording.stop();
  await pbx.advance(1);
  t.match(await stopped, { file: "r.wav", ended: "stopped" });
  const [file] = pbx.recordings;
  t.same(
    [file?.file, file?.isFinished, [...(file?.sounds ?? [])].sort()],
    ["r.wav", true, ["a", "b", "one.wav"]],
  );
  t.equal(pbx.left.channels, 2);
  const second = await room.record({ file: "second.wav" });
  alice.hangup();
  bob.hangup();
  await pbx.advance(1);
  t.match(await second.finished, { file: "second.wav" });
  t.same(
    events.filter(({ type }) => type.startsWith("record")).map(({ type }) => type),
    ["recording", "recorded", "recording", "recorded"],
  );
  await house.closes(t);
});

t.test("a member who is bridged with somebody leaves the room", async (t) => {
  const house = await openHouse(async (call) => {
    const left = call.conference("r");
    if (call.from !== "1000") return left;
    await call.sleep(2000);
    const dialled = await call.dial("1005", { early: "none" });
    if (dialled.outcome === "answered") void call.bridge(dialled.call);
    const result = await left;
    await call.ended;
    return result;
  });
  const { pbx } = house;
  const [alice, bob, eve] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1005")];
  alice.speaks("a");
  alice.call("r");
  await alice.talks();
  bob.call("r");
  await bob.hears("a");
  await eve.rings();
  eve.answer();
  await eve.hears("a");
  await bob.hearsNothing();
  alice.hangup();
  await eve.ends();
  t.match(house.outcomes.get("1000"), { outcome: "left" });
  await house.closes(t);
});

t.test("options that make no sense are told with the field's name; an empty room's name, too", async (t) => {
  const house = await openHouse((call) =>
    call.conference(call.to === "empty" ? "" : "r", { pin: { prompt: "p.wav", tries: 0 } }),
  );
  const { pbx, app } = house;
  app.conference("r").set({ pin: "1" });
  const alice = await pbx.phone("1000");
  alice.call("r");
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "ARGUMENT_INVALID");
  alice.call("empty");
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "ARGUMENT_INVALID");
  t.throws(() => app.conference(""), { code: "ARGUMENT_INVALID" } as object as Error);
  await pbx.close();
});
