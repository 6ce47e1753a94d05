import t from "tap";
import type { ParkEvent } from "../../../ts/control/services/park/park-options.js";
import { causesOf, openHouse, type House } from "./house.js";

function eventsOf({ app }: House): ParkEvent[] {
  const seen: ParkEvent[] = [];
  void (async () => {
    for await (const event of app.parking.events()) if (event.type !== "lost") seen.push(event);
  })();
  return seen;
}

const typesOf = (events: readonly ParkEvent[]): string[] => events.map(({ type, slot }) => `${type} ${slot}`);

/** Who dials `park` is parked; who dials a number picks up from it. */
const lot = (parker?: string): Promise<House> =>
  openHouse((call) =>
    call.to === "park"
      ? call.park({ music: "music.wav", timeout: 45_000, ...(parker !== undefined && { parker }) })
      : call.pickup(call.to),
  );

t.test("parked with music in the first free slot, picked up, and both verbs tell how it ended", async (t) => {
  const house = await lot();
  const events = eventsOf(house);
  const { pbx, app } = house;
  const [alice, bob, carol] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1002")];
  alice.speaks("a");
  bob.speaks("b");
  alice.call("park");
  await alice.hears("music.wav");
  carol.call("park");
  await carol.hears("music.wav");
  t.match(app.parking.calls, [{ slot: "701", callid: String }, { slot: "702" }]);
  await pbx.advance(10);
  bob.call("701");
  await bob.hears("a");
  await alice.hears("b");
  t.same(alice.hearing, ["b"]);
  t.match(app.parking.calls, [{ slot: "702" }]);
  bob.hangup();
  await alice.ends();
  t.match(house.outcomes.get("1000"), { outcome: "picked-up", slot: "701", ended: "other", by: String });
  carol.hangup();
  await house.closes(t);
  t.same(typesOf(events), ["parked 701", "parked 702", "picked-up 701", "abandoned 702"]);
});

t.test("the parked one hangs up in the talk: the one who took it goes on", async (t) => {
  const house = await lot();
  const { pbx } = house;
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.speaks("a");
  alice.call("park");
  await alice.hears("music.wav");
  bob.call("701");
  await bob.hears("a");
  alice.hangup();
  await bob.ends();
  t.match(house.outcomes.get("1001"), { outcome: "picked-up", ended: "other" });
  t.equal(house.outcomes.get("1000"), "CallEnded");
  await house.closes(t);
});

t.test("nobody comes: the parker is rung back and takes it", async (t) => {
  const house = await lot("1003");
  const events = eventsOf(house);
  const { pbx } = house;
  const [alice, dave] = [await pbx.phone("1000"), await pbx.phone("1003")];
  alice.speaks("a");
  alice.call("park");
  await dave.rings({ within: 50 });
  t.same(alice.hearing, ["music.wav"]);
  dave.answer();
  await dave.hears("a");
  dave.hangup();
  await alice.ends();
  t.match(house.outcomes.get("1000"), { outcome: "returned", slot: "701", ended: "other" });
  await house.closes(t);
  t.same(typesOf(events), ["parked 701", "ringback 701", "returned 701"]);
});

t.test("picked up while the parker rings: its phone stops", async (t) => {
  const house = await lot("1003");
  const { pbx } = house;
  const [alice, bob, dave] = [await pbx.phone("1000"), await pbx.phone("1001"), await pbx.phone("1003")];
  alice.speaks("a");
  alice.call("park");
  await dave.rings({ within: 50 });
  bob.call("701");
  await bob.hears("a");
  await dave.ends();
  await house.closes(t);
});

t.test("neither somebody nor the parker comes: timeout, and the slot is free again", async (t) => {
  const house = await lot("1003");
  const { pbx, app } = house;
  const [alice, dave] = [await pbx.phone("1000"), await pbx.phone("1003")];
  alice.call("park");
  await dave.rings({ within: 50 });
  await alice.ends();
  t.match(house.outcomes.get("1000"), { outcome: "timeout", slot: "701", waited: 75_000 });
  t.same(app.parking.calls, []);
  await house.closes(t);
});

t.test("a slot that is taken, a full lot, nobody there; aborted: it waits no more", async (t) => {
  const stop = new AbortController();
  const house = await openHouse((call) => {
    if (call.to === "nobody") return call.pickup("999");
    const slot = call.to === "any" ? {} : { slot: call.to };
    return call.park({ ...slot, ...(call.from === "1000" && { signal: stop.signal }) });
  });
  const { pbx, app } = house;
  app.parking.set({ slots: ["1"] });
  const [alice, bob] = [await pbx.phone("1000"), await pbx.phone("1001")];
  alice.call("1");
  await alice.talks();
  await pbx.advance(1);
  bob.call("1");
  await bob.ends();
  t.same(house.outcomes.get("1001"), { outcome: "refused", reason: "taken" });
  bob.call("any");
  await bob.ends();
  t.same(house.outcomes.get("1001"), { outcome: "refused", reason: "full" });
  bob.call("nobody");
  await bob.ends();
  t.same(house.outcomes.get("1001"), { outcome: "nobody" });
  stop.abort();
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "ABORTED");
  t.same(app.parking.calls, []);
  await pbx.close();
});

t.test("a call that rings in a group is taken by another one of it; the phone stops ringing", async (t) => {
  const house = await openHouse((call) =>
    call.to === "*8" ? call.pickup({ group: "office" }) : call.ringGroup("office", ["1005", "1006"]),
  );
  const { pbx } = house;
  const [alice, bob, one, two] = [
    await pbx.phone("1000"),
    await pbx.phone("1001"),
    await pbx.phone("1005"),
    await pbx.phone("1006"),
  ];
  bob.call("*8");
  await bob.ends();
  t.same(house.outcomes.get("1001"), { outcome: "nobody" });
  alice.speaks("a");
  bob.speaks("b");
  alice.call("team");
  await one.rings();
  await two.rings();
  const causes = causesOf(house, ["1005", "1006"]);
  bob.call("*8");
  await bob.hears("a");
  await alice.hears("b");
  await one.ends();
  await two.ends();
  bob.hangup();
  await alice.ends();
  t.match(house.outcomes.get("1000"), { outcome: "picked-up", ended: "other" });
  t.same([...causes.values()], ["LOSE_RACE", "LOSE_RACE"], "completed elsewhere: no missed call on them");
  await house.closes(t);
});

t.test("a group that answers by itself is as dial", async (t) => {
  const house = await openHouse(async (call) => {
    const result = await call.ringGroup("office", ["1005", "1006"]);
    if (result.outcome === "answered") await call.bridge(result.call);
    return result.outcome;
  });
  const { pbx } = house;
  const [alice, one, two] = [await pbx.phone("1000"), await pbx.phone("1005"), await pbx.phone("1006")];
  alice.speaks("a");
  alice.call("team");
  await one.rings();
  one.answer();
  await one.hears("a");
  await two.ends();
  one.hangup();
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "answered");
  await house.closes(t);
});
