import t from "tap";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import type {
  Supervision,
  SupervisionMode,
} from "../../../ts/control/services/supervision/supervision-options.js";
import type { Phone } from "../../../ts/testing/phone.js";
import { openHouse, type House } from "./house.js";

interface Scene extends House {
  readonly customer: Phone;
  readonly agent: Phone;
  readonly coach: Phone;
  readonly supervision: () => Supervision;
}

/** 1000 talks with 1005, and 1009 supervises 1005 by dialling the name of a mode. */
async function scene(mode: SupervisionMode): Promise<Scene> {
  let agentCall: ActiveCall | undefined;
  let supervision: Supervision | undefined;
  const house = await openHouse(async (call) => {
    if (call.from === "1009") {
      if (agentCall === undefined) return "nobody";
      supervision = await call.supervise(agentCall, call.to as SupervisionMode);
      return supervision.finished;
    }
    const dialled = await call.dial("1005");
    if (dialled.outcome !== "answered") return dialled.outcome;
    agentCall = dialled.call;
    return call.bridge(agentCall);
  });
  const { pbx } = house;
  const [customer, agent, coach] = [
    await pbx.phone("1000"),
    await pbx.phone("1005"),
    await pbx.phone("1009"),
  ];
  customer.speaks("customer");
  agent.speaks("agent");
  coach.speaks("coach");
  customer.call("1005");
  await agent.rings();
  agent.answer();
  await customer.hears("agent");
  coach.call(mode);
  await coach.hears("customer");
  return {
    ...house,
    customer,
    agent,
    coach,
    supervision: () => {
      if (supervision === undefined) throw new Error("nobody supervises");
      return supervision;
    },
  };
}

const heard = (...phones: Phone[]): string[][] => phones.map(({ hearing }) => hearing.map(String).sort());

t.test("listen: the supervisor hears both, nobody hears it", async (t) => {
  const { customer, agent, coach, ...house } = await scene("listen");
  t.same(heard(customer, agent, coach), [["agent"], ["customer"], ["agent", "customer"]]);
  await house.pbx.advance(60);
  coach.hold();
  await house.pbx.advance(1);
  coach.unhold();
  await house.pbx.advance(1);
  t.same(
    heard(customer, agent, coach),
    [["agent"], ["customer"], ["agent", "customer"]],
    "also after a re-INVITE",
  );
  coach.hangup();
  await house.pbx.advance(1);
  t.same(heard(customer, agent), [["agent"], ["customer"]]);
  await house.closes(t);
});

t.test("whisper: the agent alone hears it, its keys too; then to all, then to nobody", async (t) => {
  const { customer, agent, coach, supervision, ...house } = await scene("whisper");
  t.same(heard(customer, agent, coach), [["agent"], ["coach", "customer"], ["agent", "customer"]]);
  coach.press("5");
  await agent.hearsKeys("5");
  t.equal(customer.keys, "");
  await supervision().change("barge");
  t.same(heard(customer, agent), [
    ["agent", "coach"],
    ["coach", "customer"],
  ]);
  await supervision().change("listen");
  t.same(heard(customer, agent), [["agent"], ["customer"]]);
  t.equal(supervision().mode, "listen");
  await t.rejects(supervision().change("shout" as SupervisionMode), {
    code: "ARGUMENT_INVALID",
    field: "mode",
  });
  await supervision().stop();
  await coach.ends();
  t.equal(house.outcomes.get("1009"), "stopped");
  t.same(heard(customer, agent), [["agent"], ["customer"]]);
  await house.closes(t);
});

t.test("barge: a talk of three", async (t) => {
  const { customer, agent, coach, ...house } = await scene("barge");
  t.same(heard(customer, agent, coach), [
    ["agent", "coach"],
    ["coach", "customer"],
    ["agent", "customer"],
  ]);
  await house.closes(t);
});

t.test("the customer hangs up: the supervision has moved on, the agent is alone", async (t) => {
  const { customer, coach, ...house } = await scene("listen");
  customer.hangup();
  await coach.ends();
  t.equal(house.outcomes.get("1009"), "moved");
  await house.closes(t);
});

t.test("the supervised one hangs up", async (t) => {
  const { agent, coach, ...house } = await scene("whisper");
  agent.hangup();
  await coach.ends();
  t.equal(house.outcomes.get("1009"), "other");
  await house.closes(t);
});

t.test(
  "while one has the other on hold nothing is heard; afterwards the supervision goes on as it was",
  async (t) => {
    const { customer, agent, coach, ...house } = await scene("whisper");
    house.app.music = "music.wav";
    agent.hold();
    await customer.hears("music.wav");
    await house.pbx.advance(1);
    t.same(heard(coach), [[]]);
    agent.unhold();
    await customer.hears("agent");
    await house.pbx.advance(1);
    t.same(heard(customer, agent, coach), [["agent"], ["coach", "customer"], ["agent", "customer"]]);
    await house.closes(t);
  },
);

t.test("who talks with nobody can't be supervised, nor oneself, nor in no way that there is", async (t) => {
  const house = await openHouse(async (call, app) => {
    if (call.to === "wait") {
      await call.answer();
      return call.sleep(60_000);
    }
    const other = app.calls.find(({ from }) => from === (call.to === "self" ? "1009" : "1000"));
    if (other === undefined) return "nobody";
    return call.supervise(other, (call.to === "shout" ? "shout" : "listen") as SupervisionMode);
  });
  const { pbx } = house;
  const [alice, coach] = [await pbx.phone("1000"), await pbx.phone("1009")];
  alice.call("wait");
  await alice.talks();
  for (const [to, code] of [
    ["listen", "CALL_STATE"],
    ["self", "ARGUMENT_INVALID"],
    ["shout", "ARGUMENT_INVALID"],
  ] as const) {
    coach.call(to);
    await coach.ends();
    t.equal(house.outcomes.get("1009"), code);
  }
  await pbx.close();
});

t.test("aborting its signal ends it, and frees the supervisor for another talk", async (t) => {
  const stop = new AbortController();
  const house = await openHouse(async (call, app) => {
    if (call.from !== "1009") {
      const dialled = await call.dial("1005");
      return dialled.outcome === "answered" ? call.bridge(dialled.call) : dialled.outcome;
    }
    const other = app.calls.find(({ to, direction }) => to === "1005" && direction === "outbound");
    if (other === undefined) return "nobody";
    const supervision = await call.supervise(other, "barge", { signal: stop.signal });
    const end = await supervision.finished;
    await call.play("bye.wav");
    return end;
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
  stop.abort();
  await coach.hears("bye.wav");
  await coach.ends();
  t.equal(house.outcomes.get("1009"), "stopped");
  t.same(heard(agent), [["customer"]]);
  await house.closes(t);
});
