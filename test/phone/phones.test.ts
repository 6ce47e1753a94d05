/** Phones on sockets against a whole switch: what their verbs do, and what they throw. */
import t from "tap";
import { converse, type Speaker } from "../../ts/phone/demo/conversation.js";
import { answerCalls } from "../../ts/phone/answer-calls.js";
import type { PhoneLeg } from "../../ts/phone/phone-leg.js";
import type { Phone } from "../../ts/phone/phone.js";
import { openPhoneBench, PATIENT } from "./support/phone-bench.js";

const bench = await openPhoneBench(t);

async function connect(
  from: Phone,
  to: Phone,
): Promise<{ readonly caller: PhoneLeg; readonly callee: PhoneLeg }> {
  const caller = await from.call(to.account.user);
  const callee = await to.rings(PATIENT);
  await caller.ringing(PATIENT);
  await callee.answer();
  await caller.answered(PATIENT);
  await caller.hearsText("connected", PATIENT);
  return { caller, callee };
}

t.test("registers by UDP and TCP with digest, and takes it back", async (t) => {
  const before = (await bench.health()).sip.bindings;
  const udp = await bench.phone(t, "1000");
  const tcp = await bench.phone(t, "1001", { transport: "tcp" });
  t.equal(await udp.register({ ...PATIENT, expires: 120 }), 120, "what was asked for is granted");
  t.ok((await tcp.register(PATIENT)) >= 60);
  t.ok(udp.isRegistered && tcp.isRegistered);
  t.equal((await bench.health()).sip.bindings, before + 2);
  await udp.unregister(PATIENT);
  await tcp.unregister(PATIENT);
  t.notOk(udp.isRegistered || tcp.isRegistered);
  t.equal((await bench.health()).sip.bindings, before);
});

t.test("a wrong password is refused, in words", async (t) => {
  const thief = await bench.phone(t, "1000", { password: "guessed" });
  await t.rejects(thief.register(PATIENT), {
    code: "REGISTRATION_REFUSED",
    message: /^1000@phones\.invalid could not register: 401 Unauthorized, user name or password/,
  });
  await t.rejects((await thief.call("1001")).answered(PATIENT), {
    code: "CALL_REFUSED",
    message: /401 Unauthorized/,
  });
});

t.test("two codecs, two transports: each records what the other says; keys; hanging up", async (t) => {
  const anna = await bench.phone(t, "1000", { codecs: ["722", "2833"] });
  const ben = await bench.phone(t, "1001", { codecs: ["pcmu", "2833"], transport: "tcp" });
  await ben.register(PATIENT);
  const { caller, callee } = await connect(anna, ben);
  t.same([caller.codec, callee.codec], ["722", "pcmu"]);
  t.same([caller.direction, callee.direction], ["outgoing", "incoming"]);

  const speakers: Speaker[] = [
    { name: "Anna", voice: 450, leg: caller },
    { name: "Ben", voice: 600, leg: callee },
  ];
  const [annas, bens] = await converse(speakers, { name: "test", folder: bench.folder });
  t.same([annas?.hears, bens?.hears], [["Ben"], ["Anna"]]);
  const delay = annas?.delayMillis ?? -1;
  t.ok(delay > 0 && delay < 2000, `the way through the switch takes time: ${String(delay)} ms`);
  t.equal(annas?.statistics.received.lost, 0);
  t.ok((annas?.statistics.received.mos ?? 0) > 4, "G.722 without loss");

  await caller.press("4*2");
  await callee.hearsKeys("4*2", PATIENT);
  t.same(await callee.hangup(PATIENT), { status: 0, by: "phone" });
  t.same(await caller.ended(PATIENT), { status: 0, by: "switch" });
  t.ok((await caller.statistics()).received.packets > 0, "the books are there after the call");
  await t.rejects(caller.press("1"), { code: "CALL_STATE", message: /the call is ended, not talking/ });
});

t.test("who says nothing is not heard; who echoes is", async (t) => {
  const anna = await bench.phone(t, "1000");
  const ben = await bench.phone(t, "1001");
  await ben.register(PATIENT);
  const { caller, callee } = await connect(anna, ben);
  const talk = async (name: string): Promise<readonly string[]> => {
    const speakers = [{ name: "Anna", voice: 450, leg: caller }];
    const [heard] = await converse(speakers, { name, folder: bench.folder });
    return heard?.hears ?? ["nobody has listened"];
  };
  t.same(await talk("silent"), []);
  await callee.echo({ enabled: true });
  t.same(await talk("echo"), ["Anna"]);
  await caller.hangup(PATIENT);
});

t.test("refused, not there, busy, taken back: each is told apart", async (t) => {
  const anna = await bench.phone(t, "1000");
  const ben = await bench.phone(t, "1001");
  await ben.register(PATIENT);

  const refused = await anna.call("1001");
  (await ben.rings(PATIENT)).refuse(603);
  await t.rejects(refused.answered(PATIENT), { code: "CALL_REFUSED", message: /603 .*declined/ });
  t.equal(refused.final?.status, 603);

  await t.rejects((await anna.call("1999")).answered(PATIENT), { message: /404 Not Found/ });
  await t.rejects((await anna.call("700")).answered(PATIENT), { message: /486 .*the line is busy/ });

  const givenUp = await anna.call("1001");
  const ringing = await ben.rings(PATIENT);
  await givenUp.ringing(PATIENT);
  await t.rejects(givenUp.answered({ within: 1 }), { code: "NO_ANSWER" });
  t.same(await givenUp.hangup(PATIENT), { status: 487, by: "phone" });
  t.same(await ringing.ended(PATIENT), { status: 487, by: "switch" });
  await t.rejects(ringing.answer(), { code: "CALL_STATE" });
});

t.test("waiting is stopped by its signal, and at once when that is aborted already", async (t) => {
  const anna = await bench.phone(t, "1000");
  const leg = await anna.call("701");
  const stop = new AbortController();
  const answered = leg.answered({ signal: stop.signal });
  stop.abort();
  await t.rejects(answered, { code: "ABORTED" });
  await t.rejects(anna.rings({ signal: stop.signal }), { code: "ABORTED" });
  await leg.hangup(PATIENT);
});

t.test(
  "a blind transfer: the two who are left talk, and the third is let go; a refused one changes nothing",
  async (t) => {
    const [anna, ben, carla] = await Promise.all(
      ["1000", "1001", "1002"].map((user) => bench.phone(t, user)),
    );
    if (anna === undefined || ben === undefined || carla === undefined) throw new Error("there are three");
    await ben.register(PATIENT);
    await carla.register(PATIENT);
    const { caller, callee } = await connect(anna, ben);
    await t.rejects(callee.transfer("1009", PATIENT), { code: "CALL_REFUSED", message: /transfer to 1009/ });
    t.equal(callee.state, "talking");

    const transfer = callee.transfer("1002", PATIENT);
    const third = await carla.rings(PATIENT);
    await third.answer();
    await transfer;
    await callee.ended(PATIENT);
    await third.press("7");
    await caller.hearsKeys("7", PATIENT);
    await caller.hangup(PATIENT);
    await third.ended(PATIENT);
  },
);

t.test("more calls than it has lines are refused as busy", async (t) => {
  const ben = await bench.phone(t, "1001", { lines: 1 });
  await ben.register(PATIENT);
  const first = await (await bench.phone(t, "1000")).call("1001");
  const ringing = await ben.rings(PATIENT);
  const second = await (await bench.phone(t, "1002")).call("1001");
  await t.rejects(second.answered(PATIENT), { message: /486/ });
  await first.hangup(PATIENT);
  await ringing.ended(PATIENT);
  const third = await (await bench.phone(t, "1002")).call("1001");
  (await ben.rings(PATIENT)).refuse();
  await t.rejects(third.answered(PATIENT), { message: /486/ }, "it rings again");
});

t.test("answers by itself, plays and hangs up, until it is told to stop", async (t) => {
  const ben = await bench.phone(t, "1001");
  await ben.register(PATIENT);
  const stop = new AbortController();
  const answered: string[] = [];
  const answering = answerCalls(ben, {
    signal: stop.signal,
    sound: { files: [{ tone: "600*0.2:200" }] },
    answered: async (leg) => {
      answered.push(leg.from?.uri ?? "");
      await leg.ended(PATIENT);
    },
  });
  const leg = await (await bench.phone(t, "1000")).call("1001");
  await leg.answered(PATIENT);
  t.same(await leg.ended(PATIENT), { status: 0, by: "switch" });
  t.equal(answered.length, 1);
  stop.abort();
  await answering;
});

t.test("nothing is left over in the switch and in the phones", async (t) => {
  const anna = await bench.phone(t, "1003");
  await anna.register(PATIENT);
  await anna.unregister(PATIENT);
  t.equal((await bench.health()).sip.calls, 0);
  t.equal(await bench.channels(), 0);
});
