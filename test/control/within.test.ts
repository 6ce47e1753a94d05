/** What a script starts belongs to the call whose callback started it, also where another call's event led to it. */
import { AsyncLocalStorage } from "node:async_hooks";
import t from "tap";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { CallQueues } from "../../ts/control/queue-of-calls.js";
import { silentLog } from "../../ts/core/log.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { SeededRandom } from "../support/seeded-random.js";
import { answerTo, offerOf } from "./exchange.js";

t.test("each callback, and what it awaits, is run as its own call's", async (t) => {
  const [sip, media, clock] = [new FakeSipService(), new FakeMediaService(), new ManualClock()];
  const whose = new AsyncLocalStorage<string>();
  const controller = new Controller({
    sip,
    media,
    clock,
    random: new SeededRandom(1),
    log: silentLog,
    within: (callid, run) => whose.run(callid, run),
  });
  const control = new ProjectControl({
    log: silentLog,
    connect: () => Promise.resolve({ controller, close: () => Promise.resolve() }),
  });
  await control.run();

  const wrong: string[] = [];
  const seen: string[] = [];
  const listen =
    (name: string) =>
    async (call: { callid: string }): Promise<void> => {
      await Promise.resolve();
      seen.push(name);
      if (whose.getStore() !== call.callid) wrong.push(name);
    };
  const queues = new CallQueues();
  queues.onpositionchange = listen("position");
  for (const event of ["onringing", "onanswer", "onhold", "onoffhold", "onhangup", "onreporting"] as const) {
    control[event] = listen(`all ${event}`);
  }
  control.onnewcall = (call) => {
    void listen("new")(call);
    const child = call.newcall({ to: { user: "1001" } });
    for (const [name, one] of [
      ["parent", call],
      ["child", child],
    ] as const) {
      for (const event of ["onnewcall", "onringing", "onanswer", "onhold", "onhangup", "onkey"] as const) {
        one[event] = listen(`${name} ${event}`);
      }
    }
  };
  const callid = await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await clock.settle();
  const parent = controller.calls.get(callid);
  const child = parent?.other;
  if (parent === undefined || child === undefined || child === false) throw new Error("no calls");
  await sip.rings(child.callid);
  await sip.answers(child.callid, answerTo(sip.dialog(child.callid).info.sdp.us));
  await clock.settle();
  await sip.acks(callid);
  await clock.settle();
  await sip.reinvites(callid, offerOf({ direction: "sendonly", version: 2 }));
  await clock.settle();
  await media.emit({ type: "telephone-event", uuid: parent.leg.channel?.uuid ?? "", event: "1" });
  await parent.mix(listen("mix"));
  await control.createchannel(child, {}, () => listen("channel")(child));
  queues.find("q").queue(child);
  await sip.ends(child.callid);
  await clock.settle();
  t.same(wrong, []);
  t.same([...new Set(seen)].length, 19, "and all of them were run");
});
