/** The media server, a store or a target fails: one verb tells of it, everybody else goes on, nothing is left open. */
import t from "tap";
import type { App } from "../../../ts/control/app/app.js";
import type { MailboxStore } from "../../../ts/control/services/voicemail/mailbox-store.js";
import { MemoryMailboxStore } from "../../../ts/control/services/voicemail/memory-mailbox-store.js";
import { FakeMediaService } from "../../../ts/testing/fake-media-service.js";
import { openHouse } from "./house.js";

function mediaOf(app: App): FakeMediaService {
  const media = app.control.controller?.media;
  if (media instanceof FakeMediaService) return media;
  throw new Error("it is not the fake one");
}

t.test("a member that can't be mixed is told so; the others hear each other", async (t) => {
  const house = await openHouse((call) => call.conference("r"));
  const { pbx, app } = house;
  const [alice, bob, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.speaks("a");
  bob.speaks("b");
  alice.call("r");
  await alice.talks();
  bob.call("r");
  await alice.hears("b");
  mediaOf(app).failNext("mix", "MEDIA_UNAVAILABLE");
  carol.call("r");
  await carol.ends();
  t.equal(house.outcomes.get("1002"), "MEDIA_UNAVAILABLE");
  t.same([alice.hearing, bob.hearing], [["b"], ["a"]]);
  t.same(
    app.conference("r").members.map(({ name }) => name),
    ["1000", "1001"],
  );
  carol.call("r");
  await carol.hears("a");
  await pbx.close();
});

t.test(
  "a room without a voice: announcement and recording are refused, and no channel stays open",
  async (t) => {
    const house = await openHouse((call) => call.conference("r"));
    const { pbx, app } = house;
    const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
    alice.speaks("a");
    alice.call("r");
    await alice.talks();
    bob.call("r");
    await bob.hears("a");
    const room = app.conference("r");
    for (const type of ["open", "target", "mix", "play"] as const) {
      mediaOf(app).failNext(type, "MEDIA_OUT_OF_PORTS");
      await t.rejects(room.announce("news.wav"), { code: "MEDIA_OUT_OF_PORTS" }, type);
      await pbx.advance(1);
      t.equal(pbx.left.channels, 2, type);
      t.same(bob.hearing, ["a"], type);
    }
    mediaOf(app).failNext("record", "MEDIA_UNAVAILABLE");
    await t.rejects(room.record({ file: "r.wav" }), { code: "MEDIA_UNAVAILABLE" });
    await pbx.advance(1);
    t.equal(pbx.left.channels, 2);
    void room.announce("news.wav");
    await bob.hears("news.wav");
    await house.closes(t);
  },
);

t.test(
  "the server closes a room's own channels: the announcement is over, the next one has new ones",
  async (t) => {
    const house = await openHouse((call) => call.conference("r"));
    const { pbx, app } = house;
    const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
    alice.speaks("a");
    alice.call("r");
    await alice.talks();
    bob.call("r");
    await bob.hears("a");
    const room = app.conference("r");
    const announced = room.announce("news.wav");
    await bob.hears("news.wav");
    const own = [...mediaOf(app).channels.keys()].slice(2);
    t.equal(own.length, 2);
    await mediaOf(app).closes(own[1] ?? "", "error");
    await pbx.advance(1);
    await announced;
    t.equal(pbx.left.channels, 2);
    t.same(bob.hearing, ["a"]);
    void room.announce("again.wav");
    await bob.hears("again.wav");
    await house.closes(t);
  },
);

t.test("a supervisor that can't be mixed is free again, and may try once more", async (t) => {
  const house = await openHouse(async (call, app) => {
    if (call.from !== "1009") {
      const dialled = await call.dial("1005");
      return dialled.outcome === "answered" ? call.bridge(dialled.call) : dialled.outcome;
    }
    const other = app.calls.find(({ direction }) => direction === "outbound");
    if (other === undefined) return "nobody";
    await call.answer();
    mediaOf(app).failNext("mix", "MEDIA_UNAVAILABLE");
    const failed = await call.supervise(other, "listen").catch((error: unknown) => (error as Error).message);
    const supervision = await call.supervise(other, "listen");
    return [failed, await supervision.finished];
  });
  const { pbx } = house;
  const [customer, agent, coach] = [
    await pbx.phone("1000"),
    await pbx.phone("1005"),
    await pbx.phone("1009"),
  ];
  customer.speaks("customer");
  customer.call("1005");
  await agent.rings();
  agent.answer();
  await agent.hears("customer");
  coach.call("x");
  await coach.hears("customer");
  agent.hangup();
  await coach.ends();
  t.same(house.outcomes.get("1009"), ["told to fail: mix", "other"]);
  await house.closes(t);
});

t.test("an agent who may not be called, or is not there, is passed over", async () => {
  const house = await openHouse((call) => call.queue("q"));
  const { pbx, app } = house;
  const queue = app.queue("q");
  queue.set({ strategy: "in-order" });
  const agent = await pbx.phone("1006");
  queue.login("abroad", { target: "x@elsewhere.example", order: 1 });
  queue.login("1005", { order: 2 });
  queue.login("1006", { order: 3 });
  const alice = await pbx.phone("1000");
  alice.speaks("a");
  alice.call("q");
  await agent.rings();
  agent.answer();
  await agent.hears("a");
  // What can't be called is logged, too.
  await pbx.close();
});

t.test("a message that can't be recorded, or not be kept, is told of", async (t) => {
  class FullStore extends MemoryMailboxStore implements MailboxStore {
    override add(): Promise<void> {
      return Promise.reject(new Error("the disk is full"));
    }
  }
  const house = await openHouse((call, app) => {
    app.services.voicemail = { store: new FullStore(), folder: "v" };
    return call.voicemail("1005");
  });
  const { pbx, app } = house;
  const alice = await pbx.phone("1000");
  mediaOf(app).failNext("record", "MEDIA_UNAVAILABLE");
  alice.call("1005");
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "MEDIA_UNAVAILABLE");
  alice.speaks("hello");
  alice.call("1005");
  await alice.talks();
  await pbx.advance(5);
  alice.hangup();
  await pbx.advance(1);
  t.match(pbx.log.errors.join("\n"), /a voice message could not be kept/);
  await pbx.close();
});
