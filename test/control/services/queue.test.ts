import t from "tap";
import type {
  QueueCallOptions,
  QueueEvent,
  QueueSettings,
} from "../../../ts/control/services/queue/queue-options.js";
import type { Phone } from "../../../ts/testing/phone.js";
import { type House, causesOf, openHouse } from "./house.js";

/** Callers are 1000 to 1004, agents 1005 to 1009: everybody who calls waits in the queue that was dialled. */
async function intoQueue(
  agents: readonly string[],
  settings: QueueSettings = {},
  options: (from: string) => QueueCallOptions = () => ({}),
): Promise<House & { readonly events: QueueEvent[]; readonly phones: Map<string, Phone> }> {
  const house = await openHouse((call) => call.queue(call.to, options(call.from)));
  const queue = house.app.queue("sales");
  queue.set(settings);
  const phones = new Map<string, Phone>();
  for (const agent of agents) {
    phones.set(agent, await house.pbx.phone(agent));
    queue.login(agent);
  }
  const events: QueueEvent[] = [];
  void (async () => {
    for await (const event of queue.events()) if (event.type !== "lost") events.push(event);
  })();
  return { ...house, events, phones };
}

const called = (events: readonly QueueEvent[]): string[] =>
  events.flatMap((event) => (event.type === "offered" ? [event.agent] : []));

async function caller({ pbx }: House, user: string): Promise<Phone> {
  const phone = await pbx.phone(user);
  phone.speaks(user);
  phone.call("sales");
  await phone.talks();
  // Its ACK is on its way.
  await pbx.advance(0.01);
  return phone;
}

t.test(
  "music and position, then an agent: they talk; the agent hangs up and the script goes on",
  async (t) => {
    const house = await intoQueue([], {}, () => ({
      music: "music.wav",
      announcement: ({ position }) => `you-are-${String(position)}.wav`,
      every: 10_000,
    }));
    const { pbx, app } = house;
    const first = await caller(house, "1000");
    await first.hears("you-are-1.wav");
    await first.hears("music.wav");
    const second = await caller(house, "1001");
    await second.hears("you-are-2.wav");
    await second.hears("music.wav");
    t.equal(app.queue("sales").waiting, 2);
    const agent = await pbx.phone("1005");
    app.queue("sales").login("1005");
    await agent.rings();
    t.ok(
      first.hearing.some((sound) => String(sound).endsWith(".wav")),
      "the music goes on while the agent rings",
    );
    agent.answer();
    agent.speaks("agent");
    await first.hears("agent");
    await agent.hears("1000");
    await second.hears("you-are-1.wav");
    await pbx.advance(30);
    agent.hangup();
    await first.ends();
    t.match(house.outcomes.get("1000"), {
      outcome: "answered",
      agent: "1005",
      ended: "agent",
      talked: Number,
    });
    await agent.rings();
    second.hangup();
    await agent.ends();
    t.equal(house.outcomes.get("1001"), "CallEnded");
    t.match(app.queue("sales").statistics(), { waiting: 0, talking: 0, answered: 1, abandoned: 1 });
    await house.closes(t);
  },
);

t.test("the caller hangs up in the talk: the agent's call ends, the verb tells who it was", async (t) => {
  const house = await intoQueue(["1005"]);
  const agent = house.phones.get("1005");
  const alice = await caller(house, "1000");
  await agent?.rings();
  agent?.answer();
  await agent?.hears("1000");
  alice.hangup();
  await agent?.ends();
  await house.pbx.advance(1);
  t.match(house.outcomes.get("1000"), { outcome: "answered", agent: "1005", ended: "caller" });
  await house.closes(t);
});

t.test(
  "an agent who refuses or does not answer is left alone for a while: the next one is called",
  async (t) => {
    const house = await intoQueue(["1005", "1006"], {
      strategy: "in-order",
      ringTimeout: 8000,
      rest: 20_000,
    });
    const [one, two] = [house.phones.get("1005"), house.phones.get("1006")];
    const alice = await caller(house, "1000");
    await one?.rings();
    one?.reject();
    await two?.rings();
    await house.pbx.advance(9);
    t.equal(two?.current, undefined, "it rang for eight seconds");
    t.same(called(house.events), ["1005", "1006"]);
    await one?.rings({ within: 30 });
    one?.answer();
    await one?.hears("1000");
    t.same(house.events.filter(({ type }) => type === "refused").length, 2);
    alice.hangup();
    await one?.ends();
    await house.closes(t);
  },
);

t.test("one call at a time, wrap-up between them; done with it early", async (t) => {
  const house = await intoQueue(["1005"], { wrapUp: 15_000 });
  const { pbx, app } = house;
  const agent = house.phones.get("1005");
  const first = await caller(house, "1000");
  await agent?.rings();
  await caller(house, "1001");
  await caller(house, "1002");
  agent?.answer();
  await pbx.advance(20);
  t.equal(agent?.calls.length, 1);
  first.hangup();
  await agent?.ends();
  await pbx.advance(14);
  t.equal(agent?.calls.length, 1);
  t.match(app.queue("sales").agents, [{ name: "1005", state: "wrapping", answered: 1 }]);
  await pbx.advance(2);
  t.equal(agent?.calls.length, 2);
  agent?.answer();
  await agent?.hears("1001");
  agent?.hangup();
  await pbx.advance(1);
  app.queue("sales").login("1005").unpause();
  await agent?.rings();
  t.equal(agent?.calls.length, 3);
  await house.closes(t);
});

t.test("pause and logout: what rings stops, a talk goes on, and nobody else is offered", async (t) => {
  const house = await intoQueue(["1005"]);
  const { pbx, app } = house;
  const agent = house.phones.get("1005");
  const self = app.queue("sales").login("1005");
  const alice = await caller(house, "1000");
  await agent?.rings();
  self.pause();
  await agent?.ends();
  await pbx.advance(60);
  t.equal(agent?.calls.length, 1);
  self.unpause();
  await agent?.rings();
  agent?.answer();
  await agent?.hears("1000");
  self.logout();
  await pbx.advance(10);
  t.same(agent?.hearing, ["1000"], "the talk goes on");
  await caller(house, "1001");
  alice.hangup();
  await pbx.advance(30);
  t.equal(agent?.calls.length, 2);
  t.same(app.queue("sales").agents, []);
  await house.closes(t);
});

t.test("ring-all: the first to answer gets the caller, the others stop ringing", async (t) => {
  const house = await intoQueue(["1005", "1006", "1007"], { strategy: "ring-all" });
  const [one, two, three] = ["1005", "1006", "1007"].map((name) => house.phones.get(name));
  await caller(house, "1000");
  for (const phone of [one, two, three]) await phone?.rings();
  const causes = causesOf(house, ["1005", "1007"]);
  two?.answer();
  await two?.hears("1000");
  await one?.ends();
  await three?.ends();
  await house.pbx.advance(1);
  t.same([...causes.values()], ["LOSE_RACE", "LOSE_RACE"], "completed elsewhere: no missed call on them");
  t.match(house.app.queue("sales").statistics(), { answered: 1, agents: { talking: 1, free: 2 } });
  await house.closes(t);
});

const ORDERS: readonly (readonly [strategy: QueueSettings["strategy"], expected: readonly string[]])[] = [
  ["round-robin", ["1005", "1006", "1007", "1005"]],
  ["longest-idle", ["1005", "1006", "1007", "1005"]],
  ["fewest-calls", ["1005", "1006", "1007", "1005"]],
  ["in-order", ["1005", "1005", "1005", "1005"]],
];
for (const [strategy = "ring-all", expected] of ORDERS) {
  t.test(`${strategy}: who of three is called for one caller after the other`, async (t) => {
    const house = await intoQueue([], { strategy });
    const { app, pbx } = house;
    for (const [index, name] of ["1005", "1006", "1007"].entries()) {
      house.phones.set(name, await pbx.phone(name));
      app.queue("sales").login(name, { order: index });
    }
    const alice = await pbx.phone("1000");
    for (const name of expected) {
      alice.call("sales");
      const agent = house.phones.get(name);
      await agent?.rings();
      agent?.answer();
      await pbx.advance(5);
      agent?.hangup();
      await alice.ends();
      await pbx.advance(1);
    }
    t.same(called(house.events), expected);
    await house.closes(t);
  });
}

t.test("skills: a caller is offered to who has all of them, and waits for that one", async (t) => {
  const house = await intoQueue([], {}, (from) => (from === "1000" ? { skills: ["french", "sales"] } : {}));
  const { app, pbx } = house;
  const [one, two] = [await pbx.phone("1005"), await pbx.phone("1006")];
  app.queue("sales").login("1005", { skills: ["french"] });
  const alice = await caller(house, "1000");
  await pbx.advance(10);
  t.equal(one.calls.length, 0);
  await caller(house, "1001");
  await one.rings();
  app.queue("sales").login("1006", { skills: ["sales", "french"] });
  await two.rings();
  two.answer();
  await two.hears("1000");
  alice.hangup();
  await house.closes(t);
});

t.test("priority: the higher, the sooner", async (t) => {
  const house = await intoQueue([], {}, (from) => ({ priority: from === "1002" ? 5 : 0 }));
  const { app, pbx } = house;
  const agent = await pbx.phone("1005");
  for (const user of ["1000", "1001", "1002"]) await caller(house, user);
  app.queue("sales").login("1005");
  for (const user of ["1002", "1000", "1001"]) {
    await agent.rings();
    agent.answer();
    await agent.hears(user);
    agent.hangup();
  }
  await house.closes(t);
});

t.test("overflow: full, for too long, nobody logged in, closed", async (t) => {
  const house = await intoQueue([], { maxWaiting: 1, maxWait: 30_000 });
  const { app } = house;
  const queue = app.queue("sales");
  const alice = await caller(house, "1000");
  const bob = await caller(house, "1001");
  await bob.ends();
  t.match(house.outcomes.get("1001"), { outcome: "overflow", reason: "full", waited: 0 });
  await alice.ends({ within: 40 });
  t.same(house.outcomes.get("1000"), { outcome: "overflow", reason: "timeout", waited: 30_000 });
  queue.set({ whenEmpty: "leave" });
  const carol = await caller(house, "1002");
  await carol.ends();
  t.match(house.outcomes.get("1002"), { outcome: "overflow", reason: "empty" });
  queue.set({ whenEmpty: "wait" });
  const dave = await caller(house, "1003");
  queue.close();
  await dave.ends();
  t.match(house.outcomes.get("1003"), { outcome: "overflow", reason: "closed" });
  t.match(queue.statistics(), { overflowed: 4 });
  await house.closes(t);
});

t.test("a caller leaves by a key; an agent hears a whisper before the two are joined", async (t) => {
  const house = await intoQueue([], {}, () => ({ exitKeys: "*", whisper: "sales.wav", music: "music.wav" }));
  const { app, pbx } = house;
  const alice = await caller(house, "1000");
  await alice.hears("music.wav");
  alice.press("1*");
  await alice.ends();
  t.match(house.outcomes.get("1000"), { outcome: "left", key: "*" });
  const agent = await pbx.phone("1005");
  app.queue("sales").login("1005");
  const bob = await caller(house, "1001");
  await agent.rings();
  agent.answer();
  await agent.hears("sales.wav");
  t.same(bob.hearing, ["music.wav"]);
  await agent.hears("1001");
  await house.closes(t);
});

t.test("an agent of two queues has one call at a time", async (t) => {
  const house = await intoQueue(["1005"]);
  const { app, pbx } = house;
  const agent = house.phones.get("1005");
  app.queue("support").login("1005");
  await caller(house, "1000");
  await agent?.rings();
  const bob = await pbx.phone("1001");
  bob.call("support");
  await bob.talks();
  agent?.answer();
  await pbx.advance(30);
  t.equal(agent?.calls.length, 1);
  agent?.hangup();
  await agent?.rings();
  t.equal(app.queue("support").waiting, 1);
  await house.closes(t);
});

t.test(
  "aborted while waiting and while an agent rings: the agent's phone stops, nothing is left",
  async (t) => {
    const stop = new AbortController();
    const house = await intoQueue(["1005"], {}, () => ({ signal: stop.signal }));
    const agent = house.phones.get("1005");
    const alice = await caller(house, "1000");
    await agent?.rings();
    stop.abort();
    await agent?.ends();
    await alice.ends();
    t.equal(house.outcomes.get("1000"), "ABORTED");
    await house.pbx.close();
  },
);

t.test("aborted in the talk: the agent's call ends, the caller is its script's again", async (t) => {
  const stop = new AbortController();
  const house = await openHouse(async (call) => {
    const error: unknown = await call
      .queue("sales", { signal: stop.signal })
      .catch((thrown: unknown) => thrown);
    await call.play("sorry.wav");
    return error instanceof Error && "code" in error ? error.code : error;
  });
  house.app.queue("sales").login("1005");
  const agent = await house.pbx.phone("1005");
  const alice = await caller(house, "1000");
  await agent.rings();
  agent.answer();
  await agent.hears("1000");
  stop.abort();
  await agent.ends();
  await alice.hears("sorry.wav");
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "ABORTED");
  t.match(house.app.queue("sales").statistics(), { talking: 0, agents: { talking: 0 } });
  await house.closes(t);
});

t.test("the app is stopped: loops over events end, and the wrap-up of agents is over", async (t) => {
  const house = await intoQueue(["1005"], { wrapUp: 600_000 });
  const { app, pbx } = house;
  const ended: string[] = [];
  const read = async (name: string, events: AsyncIterable<unknown>): Promise<void> => {
    for await (const event of events) t.ok(event);
    ended.push(name);
  };
  void read("queue", app.queue("sales").events());
  void read("room", app.conference("r").events());
  void read("parking", app.parking.events());
  const alice = await caller(house, "1000");
  const agent = house.phones.get("1005");
  await agent?.rings();
  agent?.answer();
  await agent?.hears("1000");
  alice.hangup();
  await agent?.ends();
  await pbx.advance(1);
  const clock = app.control.controller?.clock;
  const before = clock?.pendingTimers ?? 0;
  await app.stop();
  await pbx.advance(1);
  t.same(ended.sort(), ["parking", "queue", "room"]);
  t.ok((clock?.pendingTimers ?? 0) < before, "no wrap-up is due");
  pbx.abandon();
});

t.test("settings that make no sense are told with their name", async (t) => {
  const house = await intoQueue([], {}, () => ({ every: -1 }));
  const queue = house.app.queue("sales");
  for (const [settings, field] of [
    [{ strategy: "best" }, "strategy"],
    [{ ringTimeout: -1 }, "ringTimeout"],
    [{ maxWaiting: 1.5 }, "maxWaiting"],
    [{ whenEmpty: "run" }, "whenEmpty"],
  ] as const) {
    t.throws(() => queue.set(settings as object), { code: "ARGUMENT_INVALID", field } as object as Error);
  }
  const alice = await house.pbx.phone("1000");
  alice.call("sales");
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "ARGUMENT_INVALID");
  await house.pbx.close();
});
