/** Are the phones still there? OPTIONS to those behind NATs, connections that end, and what control hears of it. */
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import type { Binding } from "../../../ts/sip/registrar/bindings.js";
import { Directory } from "../../../ts/sip/registrar/directory.js";
import { Registrar } from "../../../ts/sip/registrar/registrar.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { isBehindNat } from "../../../ts/sip/registrar/behind-nat.js";
import { bench, contactOf, CONTROL, DOMAIN, flowFrom, flowOver, type Bench } from "./bench.js";

const PRIVATE = "sip:alice@192.168.1.5:5060";

const gone = (user: string, reason: string): object => ({
  type: "deregistered",
  control: CONTROL,
  domain: DOMAIN,
  user,
  reason,
});

const outstanding = ({ registrar }: Bench): number => {
  const { alice } = registrar.domain(DOMAIN, "alice").users;
  return alice?.registered === true ? alice.outstandingping : -1;
};

t.test("who seems to be behind a NAT", (t) => {
  const rows: [contact: string, from: string, behind: boolean][] = [
    ["sip:a@192.0.2.7", "192.0.2.7", false],
    ["sip:a@192.0.2.7:1234;transport=tcp", "192.0.2.7", false],
    ["sip:a@192.0.2.7", "192.0.2.8", true],
    ["sip:a@192.168.1.5", "192.168.1.5", true],
    ["sip:a@10.1.1.1", "203.0.113.1", true],
    ["sip:a@100.64.0.9", "100.64.0.9", true],
    ["sip:a@phone.example.com", "192.0.2.7", true],
    ["sip:a@df7jal23ls0d.invalid;transport=ws", "192.0.2.7", true],
    ["sip:a@[2001:db8::1]", "2001:db8::1", false],
    ["sip:a@[2001:db8:0::1]:5060", "2001:db8::1", false],
    ["sip:a@[fd00::1]", "fd00::1", true],
    ["sip:a@192.0.2.7", "::ffff:192.0.2.7", false],
    ["no uri", "192.0.2.7", false],
  ];
  for (const [contact, from, behind] of rows) {
    t.equal(isBehindNat(contact, flowFrom(from)), behind, `${contact} from ${from}`);
  }
  t.end();
});

t.test("a phone behind a NAT is pinged every 30 s, first within them; one that isn't, is not", async (t) => {
  const b = bench({}, {});
  b.register({ contact: PRIVATE, from: flowFrom("203.0.113.1", 1024) });
  b.register({ user: "bob", contact: "sip:bob@192.0.2.7" });
  await b.clock.advance(seconds(30));
  const [first, ...more] = b.pings();
  t.equal(more.length, 0);
  t.match(first?.binding, { user: "alice", contact: PRIVATE, flow: flowFrom("203.0.113.1", 1024) });
  t.equal(outstanding(b), 1);
  first?.answered(true);
  t.equal(outstanding(b), 0);
  for (let turn = 1; turn <= 10; turn += 1) {
    await b.clock.advance(seconds(30));
    const [ping, ...others] = b.pings();
    t.equal(ping?.at, (first?.at ?? 0) + 30_000 * turn);
    t.equal(others.length, 0);
    ping?.answered(true);
  }
});

t.test("pings spread over the interval", async (t) => {
  const b = bench({}, {});
  const users = Array.from({ length: 300 }, (_, index) => `u${index}`);
  b.directory.patch(DOMAIN, { users: users.map((username) => ({ username, secret: "s" })) });
  for (const user of users) b.register({ user, contact: `sip:${user}@10.0.0.1` });
  const perSecond: number[] = [];
  for (let second = 0; second < 30; second += 1) {
    await b.clock.advance(seconds(1));
    perSecond.push(b.pings().length);
  }
  t.equal(
    perSecond.reduce((sum, count) => sum + count),
    300,
  );
  t.ok(Math.max(...perSecond) <= 25, `at most ${Math.max(...perSecond)} in a second, 10 on average`);
});

t.test(
  "seven without an answer, and the binding is removed and told; an answer starts the count anew",
  async (t) => {
    const b = bench({}, {});
    b.register({ contact: PRIVATE });
    b.told();
    await b.clock.advance(seconds(6 * 30));
    t.equal(outstanding(b), 6);
    b.pings().at(-1)?.answered(true);
    t.equal(outstanding(b), 0);
    await b.clock.advance(seconds(7 * 30));
    t.equal(outstanding(b), 7);
    t.strictSame(b.told(), []);
    for (const ping of b.pings()) ping.answered(false);
    await b.clock.advance(seconds(30));
    t.strictSame(b.told(), [gone("alice", "ping")]);
    t.equal(b.registrar.count, 0);
    t.strictSame(b.pings(), [], "and not pinged again");
    t.equal(b.clock.pendingTimers, 0);
  },
);

t.test("interval, failures and who is pinged can be chosen", async (t) => {
  const all = bench({}, { which: "all", interval: seconds(10), failures: 2 });
  all.register({ contact: "sip:alice@192.0.2.7" });
  await all.clock.advance(seconds(30));
  t.equal(all.pings().length, 2);
  t.equal(all.registrar.count, 0);
  const none = bench({}, { which: "none" });
  none.register({ contact: PRIVATE });
  await none.clock.advance(seconds(300));
  t.strictSame(none.pings(), []);
});

t.test(
  "a REGISTER is a sign of life; a late answer to a ping of before says nothing of the new binding",
  async (t) => {
    const b = bench({}, {});
    b.register({ contact: PRIVATE });
    await b.clock.advance(seconds(90));
    const old = b.pings();
    t.equal(old.length, 3);
    b.register({ contact: PRIVATE, from: flowFrom("203.0.113.1", 2048) });
    t.equal(outstanding(b), 0);
    await b.clock.advance(seconds(30));
    t.equal(outstanding(b), 1);
    for (const ping of old) ping.answered(true);
    t.equal(outstanding(b), 1);
    const [ping] = b.pings();
    t.strictSame(ping?.binding.flow, flowFrom("203.0.113.1", 2048), "to where it is now");
  },
);

t.test("no more pings wait than were allowed; the rest is put off", async (t) => {
  const b = bench({}, { inFlight: 5 });
  const users = Array.from({ length: 20 }, (_, index) => `u${index}`);
  b.directory.patch(DOMAIN, { users: users.map((username) => ({ username, secret: "s" })) });
  for (const user of users) b.register({ user, contact: `sip:${user}@10.0.0.1` });
  await b.clock.advance(seconds(60));
  const waiting = b.pings();
  t.equal(waiting.length, 5);
  for (const ping of waiting) {
    ping.answered(true);
    ping.answered(true);
  }
  await b.clock.advance(seconds(1));
  t.equal(b.pings().length, 5, "as soon as there is room, and an answer counts once");
  t.equal(b.registrar.count, 20, "whoever was not asked is not lost");
});

t.test("a ping that throws counts as unanswered, and ends nothing else", async (t) => {
  const clock = new ManualClock();
  const directory = new Directory();
  directory.put(DOMAIN, { users: [{ username: "alice", secret: "s" }] });
  let tried = 0;
  const registrar = new Registrar({
    clock,
    random: new SeededRandom(1),
    directory,
    events: () => undefined,
    ping: () => {
      tried += 1;
      throw new Error("the network is on fire");
    },
  });
  const b = { ...bench(), registrar };
  registrar.restore([bindingOf(clock.now() + 3_600_000)]);
  await clock.advance(seconds(90));
  t.equal(tried, 3);
  t.equal(outstanding(b), 3);
});

const bindingOf = (expiresAt: number): Binding => ({
  domain: DOMAIN,
  user: "alice",
  contact: PRIVATE,
  q: 1,
  callId: "c",
  cseq: 1,
  flow: flowFrom("203.0.113.1"),
  registeredAt: 0,
  expiresAt: ms(expiresAt),
});

t.test("a connection that ends takes its bindings along, and no others", (t) => {
  const b = bench();
  b.register({ contact: "sip:alice@192.0.2.7;transport=tcp", from: flowOver(1) });
  b.register({ contact: "sip:alice@192.0.2.8;transport=tcp", from: flowOver(2), callId: "b" });
  b.register({ user: "bob", contact: "sip:bob@192.0.2.7;transport=tcp", from: flowOver(1) });
  b.register({ user: "carol", contact: "sip:carol@192.0.2.7" });
  b.told();
  b.registrar.connectionClosed(flowOver(1));
  t.strictSame(b.told(), [gone("bob", "connection")], "alice has another");
  t.match(b.registrar.lookup(DOMAIN, "alice"), [{ flow: { connection: 2 } }]);
  t.equal(b.registrar.count, 2);
  b.registrar.connectionClosed(flowOver(1));
  b.registrar.connectionClosed(flowFrom("192.0.2.7"));
  t.equal(b.registrar.count, 2, "nor does UDP end");
  b.registrar.connectionClosed(flowOver(2));
  t.strictSame(b.told(), [gone("alice", "connection")]);
  t.end();
});

t.test("a phone that comes back by a new connection, or moves to UDP, outlives the end of the old", (t) => {
  const b = bench();
  const contact = [contactOf("sip:alice@192.0.2.7;transport=tcp")];
  b.register({ contact, from: flowOver(1) });
  b.register({ contact, from: flowOver(2) });
  b.told();
  b.registrar.connectionClosed(flowOver(1));
  t.match(b.registrar.lookup(DOMAIN, "alice"), [{ flow: { connection: 2 } }]);
  b.register({ contact, from: flowFrom("192.0.2.7") });
  b.told();
  b.registrar.connectionClosed(flowOver(2));
  t.equal(b.registrar.count, 1);
  t.strictSame(b.told(), []);
  t.end();
});

t.test("UDP: each refresh learns the source anew, whatever the Contact says", async (t) => {
  const b = bench({}, {});
  b.register({ contact: PRIVATE, from: flowFrom("203.0.113.1", 1024) });
  await b.clock.advance(ms(100));
  b.register({ contact: PRIVATE, from: flowFrom("203.0.113.1", 2048) });
  t.match(b.registrar.lookup(DOMAIN, "alice"), [{ flow: flowFrom("203.0.113.1", 2048) }]);
  t.equal(b.registrar.count, 1);
  t.equal(b.registrar.isAtHome("203.0.113.1", DOMAIN, "alice"), true);
  t.equal(b.registrar.isAtHome("203.0.113.2", DOMAIN, "alice"), false);
});

t.test("every change is told to whoever keeps the state", async (t) => {
  const b = bench();
  b.register({ contact: "sip:alice@192.0.2.7", expires: 100 });
  t.equal(b.changes(), 1);
  b.register();
  b.register({ contact: "sip:alice@192.0.2.7", expires: 1 });
  t.equal(b.changes(), 1, "a question and a refusal change nothing");
  await b.clock.advance(seconds(100));
  t.equal(b.changes(), 2);
});
