/** Transfers with real audio: who hears whom, told by the tone that each telephone says. */
import t, { type Test } from "tap";
import type { Call } from "../../ts/control/call.js";
import type { ProjectControl } from "../../ts/control/projectcontrol.js";
import { CallQueues } from "../../ts/control/queue-of-calls.js";
import { directory, Exchange } from "./support/exchange.js";
import type { PhoneCall } from "./support/phone-call.js";
import type { Telephone } from "./support/telephone.js";

/** Music on hold and an announcement: tones that no telephone says. */
const MUSIC = 300;
const ANNOUNCEMENT = 900;
const tone = (hertz: number): { files: { tone: string }[]; loop: true } => ({
  files: [{ tone: `${String(hertz)}*0.3:1000` }],
  loop: true,
});

/** Whoever is dialled is called; 500 is an announcement, 600 is what a test makes of it. */
function dialling(projectcontrol: ProjectControl, queue?: (call: Call) => void): void {
  directory(projectcontrol);
  projectcontrol.moh = tone(MUSIC);
  projectcontrol.onnewcall = (call) => {
    if (call.destination === "600") {
      queue?.(call);
    } else if (call.destination === "500") {
      call.onanswer = () => call.play(tone(ANNOUNCEMENT));
      void call.answer();
    } else {
      call.newcall({ to: { user: call.destination } });
    }
  };
}

interface Talk {
  readonly exchange: Exchange;
  /** 1000 has called 1001. */
  readonly caller: Telephone;
  readonly callee: Telephone;
  readonly third: Telephone;
  readonly atCaller: PhoneCall;
  readonly atCallee: PhoneCall;
}

async function connected(from: Telephone, to: Telephone): Promise<readonly [PhoneCall, PhoneCall]> {
  const call = await from.call(to.user);
  const rung = await to.rung();
  rung.answer();
  await call.answered();
  await call.talksWith(rung);
  return [call, rung];
}

async function talking(t: Test): Promise<Talk> {
  const exchange = await Exchange.open(t, dialling);
  const [caller, callee, third] = await Promise.all([
    exchange.phone("1000"),
    exchange.phone("1001"),
    exchange.phone("1003"),
  ]);
  const [atCaller, atCallee] = await connected(caller, callee);
  return { exchange, caller, callee, third, atCaller, atCallee };
}

t.test("blind: the transferee hears music, then the target; the transferor is released", async (t) => {
  const { exchange, third, atCaller, atCallee } = await talking(t);
  t.equal(await atCallee.refer("1003"), 202);
  const rung = await third.rung();
  t.equal(rung.invite?.headers.from.uri, "sip:1000@bling.babblevoice.com", "the transferee calls");
  await atCallee.notified("100 Trying");
  await atCaller.voice.hears(MUSIC);
  rung.ring();
  await atCallee.notified("180 Ringing");
  rung.answer();
  await atCallee.notified("200 OK");
  await atCallee.ended();
  await atCaller.talksWith(rung);
  await atCaller.hangup();
  await rung.ended();
  await exchange.endsClean(t);
});

t.test("blind, and the target is busy: transferee and transferor hear each other again", async (t) => {
  const { exchange, third, atCaller, atCallee } = await talking(t);
  t.equal(await atCallee.refer("1003"), 202);
  const rung = await third.rung();
  await atCaller.voice.hears(MUSIC);
  await atCallee.voice.hearsNo(400);
  rung.refuse(486);
  await atCallee.notified("486 Answered");
  await atCaller.talksWith(atCallee);
  await atCallee.hangup();
  await atCaller.ended();
  await exchange.endsClean(t);
});

t.test("attended, four legs: held with music, then joined with the one that was asked", async (t) => {
  const { exchange, callee, third, atCaller, atCallee } = await talking(t);
  await atCallee.hold();
  await atCaller.voice.hears(MUSIC);
  const [consultation, atThird] = await connected(callee, third);
  t.equal(await atCallee.refer("1003", consultation), 202);
  await atCallee.notified("200 OK");
  await Promise.all([atCallee.ended(), consultation.ended(), atCaller.talksWith(atThird)]);
  await atThird.hangup();
  await atCaller.ended();
  await exchange.endsClean(t);
});

t.test("attended, three legs: the far leg hears the announcement that the transferor heard", async (t) => {
  const { exchange, callee, atCaller, atCallee } = await talking(t);
  await atCallee.hold();
  const consultation = await callee.call("500");
  await consultation.answered();
  await consultation.voice.hears(ANNOUNCEMENT);
  t.equal(await atCallee.refer("500", consultation), 202);
  await atCallee.notified("200 OK");
  await Promise.all([atCallee.ended(), consultation.ended(), atCaller.voice.hears(ANNOUNCEMENT)]);
  t.equal(atCaller.reinvited, 1, "it was told the other port");
  await atCaller.hangup();
  await exchange.endsClean(t);
});

t.test("attended, and the target still rings", async (t) => {
  const { exchange, callee, third, atCaller, atCallee } = await talking(t);
  const consultation = await callee.call("1003");
  const rung = await third.rung();
  rung.ring();
  await consultation.gets(180);
  t.equal(await atCallee.refer("1003", consultation), 202);
  await atCaller.voice.hears(MUSIC);
  rung.answer();
  await atCallee.notified("200 OK");
  await atCaller.talksWith(rung);
  await Promise.all([atCallee.ended(), consultation.ended()]);
  await atCaller.hangup();
  await rung.ended();
  await exchange.endsClean(t);
});

t.test("INVITE with Replaces: another telephone takes the call over", async (t) => {
  const { exchange, third, atCaller, atCallee } = await talking(t);
  const taken = await third.call("1000", [`Replaces: ${atCallee.replaces}`, "Require: replaces"]);
  await taken.answered();
  await Promise.all([atCallee.ended(), atCaller.talksWith(taken)]);
  await taken.hangup();
  await atCaller.ended();
  await exchange.endsClean(t);
});

t.test("attended into a queue: the far leg waits on in the transferor's place", async (t) => {
  const queues = new CallQueues();
  const waiting = queues.find("blah");
  const exchange = await Exchange.open(t, (projectcontrol) => {
    dialling(projectcontrol, (call) => {
      call.onanswer = () => waiting.queue(call);
      void call.answer();
    });
    queues.onpositionchange = (call) => call.play(tone(call.metadata.queue?.position === 1 ? 1000 : 1100));
  });
  const [caller, callee, third] = await Promise.all([
    exchange.phone("1000"),
    exchange.phone("1001"),
    exchange.phone("1003"),
  ]);
  const first = await third.call("600");
  await first.voice.hears(1000);
  const [atCaller, atCallee] = await connected(caller, callee);
  const consultation = await callee.call("600");
  await consultation.voice.hears(1100);
  t.equal(await atCallee.refer("600", consultation), 202);
  await Promise.all([atCallee.ended(), consultation.ended(), atCaller.voice.hears(1100)]);
  t.strictSame(
    waiting.calls.map(({ info }) => info.from),
    ["1003", "1000"],
  );
  await first.hangup();
  await atCaller.voice.hears(1000);
  await atCaller.hangup();
  await exchange.endsClean(t);
  t.strictSame(waiting.calls, []);
});
