/** Each example does what it says, on the testing kit. */
import t, { type Test } from "tap";
import { testPbx, type TestPbx, type TestPbxOptions } from "../../ts/testing/index.js";

async function running(t: Test, name: string, options: TestPbxOptions = {}): Promise<TestPbx> {
  const { log } = console;
  // Examples tell their users' passwords.
  console.log = () => undefined;
  try {
    const url = new URL(`../../examples/${name}.ts`, import.meta.url);
    const pbx = await testPbx(url, { environment: { MEDIASWITCH_DOMAIN: "example.org" }, ...options });
    t.teardown(() => pbx.abandon());
    return pbx;
  } finally {
    console.log = log;
  }
}

/** Everything ends, and nothing went wrong. */
async function endsWell(t: Test, pbx: TestPbx): Promise<void> {
  await pbx.close();
  t.same(pbx.log.errors, [], "no error was logged");
}

t.test("answer.ts: answers, and hangs up after ten seconds", async (t) => {
  const pbx = await running(t, "answer");
  const alice = await pbx.phone("1000");
  alice.call("anything");
  await alice.talks();
  const began = pbx.now;
  await alice.ends();
  t.equal(pbx.now - began, 10);
  await endsWell(t, pbx);
});

t.test("two-phones.ts: one calls the other; other numbers are not there", async (t) => {
  const pbx = await running(t, "two-phones");
  const alice = await pbx.phone("1000");
  const bob = await pbx.phone("1001");
  alice.call("1001");
  await bob.rings();
  bob.answer();
  alice.speaks(440);
  await bob.hears(440);
  bob.hangup();
  await alice.ends();
  alice.call("4711");
  t.equal((await alice.ends()).status, 404);
  await endsWell(t, pbx);
});

t.test("01: plays its tones, and hangs up", async (t) => {
  const pbx = await running(t, "01-answer-and-play");
  const alice = await pbx.phone("1000");
  alice.call("100");
  await alice.hears(440);
  const { endedBy, status } = await alice.ends();
  t.same([endedBy, status], ["switch", 0]);
  await endsWell(t, pbx);
});

t.test("02: says back what it heard; # ends it", async (t) => {
  const pbx = await running(t, "02-echo");
  const alice = await pbx.phone("1000");
  alice.call("100");
  await alice.hears(660);
  await alice.hearsNothing();
  await pbx.advance(2);
  alice.speaks("hello");
  await pbx.advance(3);
  alice.speaks();
  await pbx.until(() => alice.hearing.some((sound) => String(sound).endsWith("-1.wav")), "heard no echo");
  const [first] = pbx.recordings;
  t.same([first?.sounds, first?.isFinished], [["hello"], true]);
  t.ok((first?.millis ?? 0) > 3000 && (first?.millis ?? 0) < 4000, `${first?.millis} ms`);
  await alice.hearsNothing();
  alice.press("#");
  t.equal((await alice.ends()).endedBy, "switch");
  await endsWell(t, pbx);
});

t.test("03: one calls another; the caller hears of what goes wrong", async (t) => {
  const pbx = await running(t, "03-two-phones");
  const alice = await pbx.phone("1000");
  const bob = await pbx.phone("1001");
  alice.call("1001");
  await bob.rings();
  await alice.ringsBack();
  bob.answer();
  await alice.talks();
  bob.speaks("good morning");
  await alice.hears("good morning");
  alice.hangup();
  await bob.ends();
  bob.refuses = 486;
  alice.call("1001");
  t.equal((await alice.ends()).status, 486, "busy");
  alice.call("1003");
  t.equal((await alice.ends()).status, 480, "not registered");
  await endsWell(t, pbx);
});

const MONDAY = "2026-03-02T10:00:00Z";
const SOUNDS = {
  "menu.wav": 8,
  "not-understood.wav": 2,
  "closed.wav": 3,
  "nobody-there.wav": 2,
  "music.wav": 60,
};

t.test("04: a key pressed during the prompt gets the department", async (t) => {
  const pbx = await running(t, "04-menu", { startsAt: MONDAY, sounds: SOUNDS });
  const alice = await pbx.phone("1000");
  const sales = await pbx.phone("1001");
  alice.call("100");
  await alice.hears("menu.wav");
  alice.press("1");
  await alice.hears("music.wav");
  await sales.rings();
  sales.answer();
  alice.speaks(440);
  await sales.hears(440);
  sales.hangup();
  await alice.ends();
  await endsWell(t, pbx);
});

t.test("04: three wrong tries are enough, and outside of office hours nobody is there", async (t) => {
  const pbx = await running(t, "04-menu", { startsAt: MONDAY, sounds: SOUNDS });
  const alice = await pbx.phone("1000");
  alice.call("100");
  for (let attempt = 0; attempt < 3; attempt++) {
    await alice.hears("menu.wav");
    alice.press("9#");
    await alice.hears("not-understood.wav");
  }
  t.equal((await alice.ends()).endedBy, "switch");
  await endsWell(t, pbx);

  const sunday = await running(t, "04-menu", { startsAt: "2026-03-01T10:00:00Z", sounds: SOUNDS });
  const bob = await sunday.phone("1000");
  bob.call("100");
  await bob.hears("closed.wav");
  const began = sunday.now;
  await bob.ends();
  t.equal(sunday.now - began, 3, "as long as the file");
  await endsWell(t, sunday);
});

t.test("05: who does not answer gets a message, and hears it in the mailbox", async (t) => {
  const pbx = await running(t, "05-voicemail");
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("1001");
  await bob.rings();
  await alice.hears("greeting.wav", { within: 20 });
  await bob.ends();
  await alice.stopsHearing("greeting.wav");
  await pbx.advance(1);
  alice.speaks("call me back");
  await pbx.advance(4);
  alice.hangup();
  await alice.ends();
  await pbx.advance(5);
  const [message] = pbx.recordings;
  t.same([message?.sounds.includes("call me back"), message?.isFinished], [true, true]);
  bob.call("800");
  await bob.hears("count/1.wav");
  await bob.hears(String(message?.file));
  await bob.hears("mailbox-menu.wav");
  bob.press("3"); // delete
  await bob.ends();
  bob.call("800");
  await bob.hears("no-messages.wav");
  await bob.ends();
  await endsWell(t, pbx);
});

t.test("05: who answers talks", async (t) => {
  const pbx = await running(t, "05-voicemail");
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("1001");
  await bob.rings();
  bob.answer();
  alice.speaks(440);
  await bob.hears(440);
  bob.hangup();
  await alice.ends();
  await endsWell(t, pbx);
});

t.test("06: callers wait for the agent, who gets one after the other", async (t) => {
  const pbx = await running(t, "06-queue");
  const [alice, bob, agent] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  agent.call("801");
  await agent.hears("logged-in.wav");
  await agent.ends();
  alice.call("800");
  await agent.rings();
  bob.call("800");
  await bob.hears("position/2.wav");
  agent.answer();
  alice.speaks(440);
  await agent.hears(440);
  await bob.hears("music.wav");
  await bob.hears("position/1.wav");
  alice.hangup();
  const before = pbx.now;
  await agent.rings();
  t.ok(pbx.now - before >= 5, "after the wrap-up");
  agent.answer();
  bob.speaks(350);
  await agent.hears(350);
  agent.hangup();
  await bob.ends();
  agent.call("802");
  await agent.hears("logged-out.wav");
  await endsWell(t, pbx);
});

t.test("07: with the PIN they hear each other, but who is muted; a wrong PIN is sent away", async (t) => {
  const pbx = await running(t, "07-conference");
  const phones = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  for (const phone of phones) {
    phone.call("901");
    await phone.hears("enter-pin.wav");
    phone.press("1234#");
    await pbx.advance(3);
  }
  const [alice, bob, carol] = phones as [(typeof phones)[0], (typeof phones)[0], (typeof phones)[0]];
  alice.speaks("alice");
  bob.speaks("bob");
  await carol.hears("alice");
  await carol.hears("bob");
  await alice.hears("bob");
  t.notOk(alice.hearing.includes("alice"), "nobody hears herself");
  bob.press("*");
  await carol.stopsHearing("bob");
  t.ok(carol.hearing.includes("alice"));
  bob.press("*");
  await carol.hears("bob");
  bob.hangup();
  await alice.hears(440);
  const dave = await pbx.phone("1003");
  dave.call("901");
  for (let attempt = 0; attempt < 3; attempt++) {
    await dave.hears("enter-pin.wav");
    dave.press("9999#");
    await dave.hears("wrong-pin.wav");
  }
  await dave.hears("goodbye.wav");
  await dave.ends();
  await endsWell(t, pbx);
});

t.test("08: the desk transfers by pressing keys", async (t) => {
  const pbx = await running(t, "08-transfer");
  const [alice, desk, bob] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.call("1001");
  await desk.rings();
  desk.answer();
  await alice.talks();
  desk.press("*1002");
  await bob.rings();
  bob.answer();
  await bob.talks();
  alice.speaks(440);
  await bob.hears(440);
  bob.hangup();
  await alice.ends();
  await endsWell(t, pbx);
});

t.test("08: phones transfer by themselves, blind and attended; not to strangers", async (t) => {
  const pbx = await running(t, "08-transfer");
  const [alice, desk, bob] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.call("1001");
  await desk.rings();
  desk.answer();
  await alice.talks();
  desk.transfer("004915112345");
  t.ok((await desk.transfers()) >= 400, "declined");
  desk.transfer("1002");
  await bob.rings();
  bob.answer();
  t.equal(await desk.transfers(), 200);
  alice.speaks(440);
  await bob.hears(440);
  alice.hangup();
  await bob.ends();
  await endsWell(t, pbx);
});

t.test("09: the recording leaves out what is said while it is paused", async (t) => {
  const pbx = await running(t, "09-recording");
  const [alice, agent] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("1001");
  await agent.rings();
  agent.answer();
  await alice.talks();
  alice.speaks("my order");
  await agent.hears("my order");
  await pbx.advance(10);
  agent.press("*1");
  await pbx.advance(1);
  alice.speaks("card number");
  await pbx.advance(20);
  alice.speaks("thank you");
  agent.press("*1");
  await pbx.advance(5);
  alice.hangup();
  await agent.ends();
  await pbx.advance(1);
  const [recording] = pbx.recordings;
  t.same([recording?.sounds, recording?.isFinished], [["my order", "thank you"], true]);
  t.ok((recording?.millis ?? 0) > 14_000 && (recording?.millis ?? 0) < 16_500, `${recording?.millis} ms`);
  await endsWell(t, pbx);
});

t.test(
  "10: the agent waits for silence, answers with what it heard, and lets itself be interrupted",
  async (t) => {
    const pbx = await running(t, "10-voice-agent");
    const alice = await pbx.phone("1000");
    alice.call("100");
    await alice.talks();
    await pbx.advance(1);
    alice.speaks(440);
    await pbx.advance(2);
    t.same(alice.hearing, [], "it listens");
    alice.speaks();
    await alice.hears(440);
    await pbx.advance(0.5);
    t.same(alice.hearing, [440], "it speaks");
    alice.speaks(300);
    await alice.hearsNothing({ within: 0.2 });
    await pbx.advance(1);
    alice.speaks();
    await alice.hears(300);
    alice.hangup();
    await endsWell(t, pbx);
  },
);
