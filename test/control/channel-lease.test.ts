/** Channels under a lease, and channels near those that they will be mixed with. */
import t from "tap";
import { ms, seconds } from "../../ts/core/brand.js";
import { silentLog } from "../../ts/core/log.js";
import { ChannelLease } from "../../ts/control/channel-lease.js";
import { Lines } from "../../ts/control/app/lines.js";
import type { Call } from "../../ts/control/call.js";
import { conference } from "../../ts/control/services/conference/conference.js";
import { Services } from "../../ts/control/services/services.js";
import { Controller } from "../../ts/control/controller.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";
import { answerTo, offerOf } from "./exchange.js";

function open(leaseSeconds?: number) {
  const [sip, media, clock] = [new FakeSipService(), new FakeMediaService(), new ManualClock()];
  const controller = new Controller({
    sip,
    media,
    clock,
    random: new SeededRandom(1),
    log: silentLog,
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
  });
  const renewals = (): number => media.commandsOf("renew").length;
  return { sip, media, clock, controller, renewals };
}

t.test("channels are opened under one lease, whose heart beats while there are any", async (t) => {
  const { sip, media, clock, controller, renewals } = open(30);
  t.equal(clock.pendingTimers, 0, "nothing beats without a channel");
  controller.script.newcall.add((call) => call.answer());
  const callid = await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await clock.settle();
  await sip.acks(callid);
  const [opened] = media.commandsOf("open");
  t.match(opened?.lease, { holder: /^[\da-f-]{36}$/, seconds: 30 });
  await clock.advance(ms(9_999));
  t.equal(renewals(), 0);
  await clock.advance(ms(1));
  t.match(media.commandsOf("renew"), [{ holder: opened?.lease?.holder }]);
  media.failNext("renew", "MEDIA_UNAVAILABLE");
  await clock.advance(seconds(110));
  t.equal(renewals(), 12, "every ten seconds, whatever became of the last");
  await sip.ends(callid);
  await clock.settle();
  t.equal(clock.pendingTimers, 0);
  await clock.advance(seconds(60));
  t.equal(renewals(), 12);
});

t.test("without a lease there is no heart", async (t) => {
  const { sip, media, clock, controller } = open();
  controller.script.newcall.add((call) => call.answer());
  await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await clock.advance(seconds(20));
  t.notOk("lease" in (media.commandsOf("open")[0] ?? {}));
  t.equal(media.commandsOf("renew").length, 0);
});

t.test("a controller that is gone: its channels are closed when the lease is over", async (t) => {
  const { sip, media, clock, controller } = open(30);
  controller.script.newcall.add((call) => call.answer());
  await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await clock.settle();
  t.equal(media.channels.size, 1);
  await media.expires(media.commandsOf("open")[0]?.lease?.holder ?? "");
  t.equal(media.channels.size, 0);
  await clock.settle();
  t.equal(controller.channels.size, 0);
  t.equal(media.commandsOf("renew").length, 0);
});

t.test(
  "a beat begins with the first channel and ends with the last, however often that changes",
  async (t) => {
    const clock = new ManualClock();
    const media = new FakeMediaService();
    const lease = new ChannelLease({ media, clock, log: silentLog, holder: "h", seconds: 30 });
    for (const channels of [1, 2, 3, 2, 1]) lease.covers(channels);
    t.equal(clock.pendingTimers, 1);
    lease.covers(0);
    lease.covers(0);
    t.equal(clock.pendingTimers, 0);
    lease.covers(1);
    await clock.advance(seconds(10));
    t.equal(media.commandsOf("renew").length, 1);
  },
);

t.test("a room's own channels are under the lease, too, and near those of the room", async (t) => {
  const { sip, media, clock, controller } = open(30);
  const calls: Call[] = [];
  controller.script.newcall.add((call) => {
    calls.push(call);
    return call.answer();
  });
  const callid = await sip.invited({ from: "1000", to: "900", sdp: offerOf() });
  await clock.settle();
  await sip.acks(callid);
  await clock.settle();
  const lines = new Lines(controller, {
    snippets: () => undefined,
    checkAllowed: () => undefined,
    defaultDomain: () => undefined,
  });
  const { rooms } = new Services(lines);
  const stay = conference(rooms, lines.of(calls[0]!), "blue");
  await clock.settle();
  await rooms.conference("blue").record({ file: "blue.wav" });
  const [member, ...booth] = media.commandsOf("open");
  t.equal(booth.length, 2);
  for (const { lease, near } of booth) {
    t.same(lease, member?.lease);
    t.equal(near, [...media.channels.keys()][0]);
  }
  await sip.ends(callid);
  await t.rejects(stay, { code: "CALL_ENDED" });
  await clock.settle();
  t.same([media.channels.size, clock.pendingTimers], [0, 0], "no channel is left, and no heart beats");
});

t.test("a child's channel is opened near its parent's, and a parent's near its child's", async (t) => {
  for (const isParentFirst of [true, false]) {
    const { sip, media, clock, controller } = open();
    controller.script.newcall.add(async (call) => {
      if (isParentFirst) await call.answer();
      call.newcall({ to: { user: "1002" } });
    });
    const callid = await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
    await clock.settle();
    if (isParentFirst) await sip.acks(callid);
    const [invite] = sip.commandsOf("dialog.invite");
    const child = invite?.request.callid ?? "";
    await sip.answers(child, answerTo(invite?.request.sdp));
    await clock.settle();
    const [first, second, ...more] = media.commandsOf("open");
    t.same(more, []);
    t.notOk("near" in (first ?? {}), "the first is near nobody");
    t.equal(second?.near, [...media.channels.keys()][0], isParentFirst ? "child" : "parent");
  }
});
