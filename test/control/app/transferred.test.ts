/** A phone transfers a call that a script has bridged (REFER): the handler of oncall gets it again, with its target. */
import t from "tap";
import { BOB_SDP } from "../../support/pbx-bench.js";
import type { LadderRow } from "../../support/ladder.js";
import { DOMAIN, sdp } from "../../support/sip-bench.js";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import { AppBench, aliceEnds, calling } from "./app-bench.js";

/** Bob's other phone is carol's, at this address. */
const CAROL = "198.51.100.21";
const CAROL_SDP = sdp(CAROL);

const talking: readonly LadderRow[] = [
  ...calling,
  [0, "switch", "bob", "INVITE"],
  [100, "bob", "switch", "180 Ringing"],
  [100, "switch", "alice", "180 Ringing"],
  [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
  [3000, "switch", "bob", "ACK"],
  [3000, "switch", "alice", "200 OK"],
  [3010, "alice", "switch", "ACK"],
];

const notify = (at: number, line: string): LadderRow => [
  at,
  "switch",
  "bob",
  "NOTIFY",
  { sdp: (body) => t.equal(body, `SIP/2.0 ${line}\r\n`) },
];

const refer = (to: string): LadderRow[] => [
  [10_000, "bob", "switch", "REFER", { headers: { "Refer-To": `<sip:${to}@${DOMAIN}>` } }],
  [10_000, "switch", "bob", "202 Accepted"],
  notify(10_000, "100 Trying"),
];

const ok = (at: number, who: string, to: string): LadderRow => [at, who, "switch", "200 OK", { to }];

async function opened(seen: string[]): Promise<AppBench> {
  const bench = await AppBench.started(async (call: ActiveCall) => {
    seen.push(`to ${call.to}`);
    const target = call.to === "carol" ? { user: "carol", domain: CAROL } : call.to;
    const dialled = await call.dial(target, { timeout: 20_000 });
    if (dialled.outcome !== "answered") {
      seen.push(dialled.outcome);
      await call.hangup(dialled.cause);
      return;
    }
    const { ended } = await call.bridge(dialled.call);
    seen.push(`${call.to}: ${ended}`);
  });
  bench.app.allow({ to: /^carol@/ });
  return bench;
}

t.test(
  "bob transfers alice to carol: the first handler's bridge has moved, the second one's lasts",
  async (t) => {
    const seen: string[] = [];
    const bench = await opened(seen);
    await bench.flow(t, [
      ...talking,
      ...refer("carol"),
      [10_000, "switch", "bobs", "INVITE", { headers: { From: /sip:alice@/ } }],
      ok(10_010, "bob", "NOTIFY"),
      [10_200, "bobs", "switch", "180 Ringing"],
      notify(10_200, "180 Ringing"),
      ok(10_210, "bob", "NOTIFY"),
      [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
      [12_000, "switch", "bobs", "ACK"],
      notify(12_000, "200 OK"),
      [12_000, "switch", "bob", "BYE"],
      ok(12_010, "bob", "NOTIFY"),
      ok(12_010, "bob", "BYE"),
      ...aliceEnds(20_000),
      [20_000, "switch", "bobs", "BYE"],
      [20_010, "bobs", "switch", "200 OK", { to: "BYE" }],
    ]);
    t.same(seen, ["to bob", "carol: moved", "to carol", "carol: this"]);
    t.same(bench.errors, []);
    await bench.endsClean(t);
  },
);

t.test("carol leaves: the handler of the transferred call returns, and alice is hung up", async (t) => {
  const seen: string[] = [];
  const bench = await opened(seen);
  await bench.flow(t, [
    ...talking,
    ...refer("carol"),
    [10_000, "switch", "bobs", "INVITE"],
    ok(10_010, "bob", "NOTIFY"),
    [10_200, "bobs", "switch", "180 Ringing"],
    notify(10_200, "180 Ringing"),
    ok(10_210, "bob", "NOTIFY"),
    [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [12_000, "switch", "bobs", "ACK"],
    notify(12_000, "200 OK"),
    [12_000, "switch", "bob", "BYE"],
    ok(12_010, "bob", "NOTIFY"),
    ok(12_010, "bob", "BYE"),
    [20_000, "bobs", "switch", "BYE"],
    [20_000, "switch", "bobs", "200 OK"],
    [20_000, "switch", "alice", "BYE"],
    ok(20_010, "alice", "BYE"),
  ]);
  t.same(seen.at(-1), "carol: other");
  await bench.endsClean(t);
});

t.test("nobody of that name: bob is told, and has alice again until one of them ends", async (t) => {
  const seen: string[] = [];
  const bench = await opened(seen);
  await bench.flow(t, [
    ...talking,
    ...refer("nobody"),
    notify(10_000, "404 Not Found"),
    ok(10_010, "bob", "NOTIFY"),
    ok(10_010, "bob", "NOTIFY"),
    ...aliceEnds(20_000),
    [20_000, "switch", "bob", "BYE"],
    ok(20_010, "bob", "BYE"),
  ]);
  t.same([...seen].sort(), ["nobody: moved", "notfound", "to bob", "to nobody"]);
  t.equal(bench.media.commandsOf("mix").length, 2);
  await bench.endsClean(t);
});

t.test("a rule of ontransfer says no", async (t) => {
  const seen: string[] = [];
  const bench = await opened(seen);
  bench.app.ontransfer(({ refer }) => refer?.to !== "carol");
  await bench.flow(t, [
    ...talking,
    [10_000, "bob", "switch", "REFER", { headers: { "Refer-To": `<sip:carol@${DOMAIN}>` } }],
    [10_000, "switch", "bob", "603 Decline"],
    ...aliceEnds(20_000),
    [20_000, "switch", "bob", "BYE"],
    ok(20_010, "bob", "BYE"),
  ]);
  t.same(seen, ["to bob", "bob: this"]);
  await bench.endsClean(t);
});

t.test("a target that rings for too long: bob has alice back, whatever the handler waits for", async (t) => {
  const seen: string[] = [];
  const bench = await AppBench.started(async (call: ActiveCall) => {
    const target = call.to === "carol" ? { user: "carol", domain: CAROL } : call.to;
    try {
      const dialled = await call.dial(target, { timeout: 600_000 });
      if (dialled.outcome === "answered") seen.push((await call.bridge(dialled.call)).ended);
    } catch (error) {
      seen.push(error instanceof Error ? error.message : "");
      throw error;
    }
  });
  bench.app.allow({ to: /^carol@/ });
  await bench.flow(t, [
    ...talking,
    ...refer("carol"),
    [10_000, "switch", "bobs", "INVITE"],
    ok(10_010, "bob", "NOTIFY"),
    [10_200, "bobs", "switch", "180 Ringing"],
    notify(10_200, "180 Ringing"),
    ok(10_210, "bob", "NOTIFY"),
    notify(180_000, "408 Request Timeout"),
    [180_000, "switch", "bobs", "CANCEL"],
    ok(180_010, "bob", "NOTIFY"),
    [180_010, "bobs", "switch", "200 OK", { to: "CANCEL" }],
    [180_010, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
    [180_010, "switch", "bobs", "ACK"],
    ...aliceEnds(190_000),
    [190_000, "switch", "bob", "BYE"],
    ok(190_010, "bob", "BYE"),
  ]);
  t.same(seen, ["moved", "dial: a transfer has joined the call with another one"]);
  t.equal(bench.media.commandsOf("mix").length, 2, "the two hear each other again");
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("what the handler refuses with is what bob is told", async (t) => {
  for (const [reason, line] of [
    ["busy", "486 Busy here"],
    ["DECLINED", "603 Decline"],
    [{ code: 410, reason: "Moved away" }, "410 Moved away"],
  ] as const) {
    const bench = await AppBench.started(async (call: ActiveCall) => {
      if (call.to === "carol") return call.hangup(reason);
      const dialled = await call.dial(call.to);
      if (dialled.outcome === "answered") await call.bridge(dialled.call);
    });
    await bench.flow(t, [
      ...talking,
      ...refer("carol"),
      notify(10_000, line),
      ok(10_010, "bob", "NOTIFY"),
      ok(10_010, "bob", "NOTIFY"),
      ...aliceEnds(20_000),
      [20_000, "switch", "bob", "BYE"],
      ok(20_010, "bob", "BYE"),
    ]);
    await bench.endsClean(t);
  }
});
