/** What becomes of calls whose SIP server was restarted: it knows them no more, and nothing else would end them. */
import t from "tap";
import { epochMillis, seconds } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import type { Call } from "../../ts/control/call.js";
import { Controller } from "../../ts/control/controller.js";
import { endLostCalls, type SipRestart } from "../../ts/control/sip-restart.js";
import { SipWatch } from "../../ts/control/sip-watch.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";
import { offerOf } from "./exchange.js";

async function watched() {
  const [sip, media, clock] = [new FakeSipService(), new FakeMediaService(), new ManualClock()];
  const controller = new Controller({ sip, media, clock, random: new SeededRandom(1), log: silentLog });
  const restarts: SipRestart[] = [];
  let failures = 0;
  const watch = new SipWatch({
    sip,
    clock,
    log: silentLog,
    every: seconds(5),
    forgotten: (restart) => {
      restarts.push(restart);
      return endLostCalls(controller, controller.calls.values(), restart);
    },
  });
  await watch.start(async () => {
    if (failures-- > 0) throw new Error("not yet");
  });
  const seen: Call[] = [];
  controller.script.newcall.add((call) => {
    seen.push(call);
    return call.answer();
  });
  const talks = async (from: string): Promise<Call> => {
    const callid = await sip.invited({ from, to: "1001", sdp: offerOf() });
    await clock.settle();
    await sip.acks(callid);
    await clock.settle();
    const call = seen.at(-1);
    if (call === undefined) throw new Error("no call came");
    return call;
  };
  const failsNext = (count: number): void => void (failures = count);
  return { sip, media, clock, controller, watch, talks, restarts, failsNext };
}

t.test("calls of before the restart are lost, and leave nothing; one of after it stays", async (t) => {
  const { sip, media, clock, controller, watch, talks } = await watched();
  const old = await talks("1000");
  const ended: Call[] = [];
  old.onhangup = (call) => ended.push(call);
  await clock.advance(seconds(60));
  t.notOk(old.hungup);
  sip.instance = "second";
  await clock.advance(seconds(1));
  const young = await talks("1002");
  await clock.advance(seconds(5));
  t.ok(old.hungup);
  t.match(old.error, { message: "lost: the SIP server was restarted" });
  t.match(old.info.error, { code: 503, status: /lost/ });
  t.same(ended, [old], "its callbacks have run");
  t.notOk(young.hungup);
  t.same([...controller.calls.keys()], [young.callid]);
  t.equal(media.channels.size, 1);
  t.equal(sip.commandsOf("dialog.hangup").length, 0, "nobody is told of a call that he does not know");
  watch.stop();
  await sip.ends(young.callid);
  await clock.settle();
  t.same([controller.health(), clock.pendingTimers], [{ calls: 0, channels: 0 }, 0]);
});

t.test("a call that the restarted server knows goes on", async (t) => {
  const { sip, clock, controller, watch, talks } = await watched();
  const call = await talks("1000");
  await clock.advance(seconds(60));
  sip.instance = "second";
  sip.dialog(call.callid).of = "second";
  await clock.advance(seconds(10));
  t.notOk(call.hungup);
  t.equal(sip.commandsOf("dialog.get").length, 1);
  await sip.ends(call.callid);
  await clock.settle();
  t.ok(call.hungup, "and ends as others do");
  t.equal(controller.calls.size, 0);
  watch.stop();
});

t.test("silence says nothing of a call: it is asked for again", async (t) => {
  const { sip, clock, restarts, controller, watch, talks } = await watched();
  const [kept, lost] = [await talks("1000"), await talks("1002")];
  await clock.advance(seconds(10));
  sip.instance = "second";
  sip.dialog(kept.callid).of = "second";
  sip.failNext("dialog.get", "SIP_UNAVAILABLE");
  await clock.advance(seconds(6));
  t.equal(restarts.length, 1);
  t.notOk(kept.hungup);
  await clock.advance(seconds(5));
  t.equal(restarts.length, 2, "told again");
  t.same([kept.hungup, lost.hungup], [false, true]);
  t.same([...controller.calls.keys()], [kept.callid]);
  await clock.advance(seconds(60));
  t.equal(restarts.length, 2, "and then no more");
  watch.stop();
  await sip.ends(kept.callid);
});

t.test("an outbound call is lost as well, with the parent that waits for it", async (t) => {
  const { sip, clock, controller, talks } = await watched();
  const parent = await talks("1000");
  const child = parent.newcall({ to: { user: "1003" } });
  await clock.advance(seconds(10));
  sip.instance = "second";
  await clock.advance(seconds(5));
  t.ok(parent.hungup && child.hungup);
  t.equal(controller.calls.size, 0);
});

t.test("a restart is told once, however often the directory has to be sent again", async (t) => {
  const { sip, clock, restarts, talks, failsNext } = await watched();
  await clock.advance(seconds(20));
  failsNext(2);
  sip.instance = "second";
  await clock.advance(seconds(6));
  t.match(restarts, [{ lastSeen: epochMillis(1_704_067_200_000 + 20_000) }]);
  const young = await talks("1000");
  await clock.advance(seconds(60));
  t.equal(restarts.length, 1);
  t.notOk(young.hungup, "what came while the directory was missing is not lost");
});

t.test("what began before the new one was started is lost, though it came after the last look", async (t) => {
  const { sip, controller, clock, talks } = await watched();
  const call = await talks("1000");
  const restart = { lastSeen: epochMillis(0), started: call.info.epochs.start };
  await endLostCalls(controller, controller.calls.values(), restart);
  await clock.settle();
  t.notOk(call.hungup, "it may be of the new one");
  sip.instance = "second";
  await endLostCalls(controller, controller.calls.values(), {
    ...restart,
    started: call.info.epochs.start + 1,
  });
  await clock.settle();
  t.ok(call.hungup);
});
