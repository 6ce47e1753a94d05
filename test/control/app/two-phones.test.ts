/** A call is a function: two phones, through the whole of it. */
import t from "tap";
import { BOB_SDP } from "../../support/pbx-bench.js";
import type { LadderRow } from "../../support/ladder.js";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import type { BridgeResult } from "../../../ts/control/app/verb-options.js";
import { AppBench, calling } from "./app-bench.js";

const results: (BridgeResult | string)[] = [];

async function twoPhones(call: ActiveCall): Promise<void> {
  const dialled = await call.dial(call.to);
  if (dialled.outcome === "answered") results.push(await call.bridge(dialled.call));
  else await call.hangup(dialled.cause);
}

t.beforeEach(() => {
  results.length = 0;
});

const ringing: readonly LadderRow[] = [
  ...calling,
  [0, "switch", "bob", "INVITE"],
  [100, "bob", "switch", "180 Ringing"],
  [100, "switch", "alice", "180 Ringing"],
];

const talking: readonly LadderRow[] = [
  ...ringing,
  [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
  [3000, "switch", "bob", "ACK"],
  [3000, "switch", "alice", "200 OK"],
  [3010, "alice", "switch", "ACK"],
];

t.test("the caller ends", async (t) => {
  const bench = await AppBench.started(twoPhones);
  await bench.flow(t, [
    ...talking,
    [9000, "alice", "switch", "BYE"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "bob", "BYE"],
    [9010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(results, [{ ended: "this", ending: { side: "them", cause: "normal" } }]);
  t.equal(bench.media.commandsOf("mix").length, 1);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("the callee ends: the handler returns, and the caller is hung up", async (t) => {
  const bench = await AppBench.started(twoPhones);
  await bench.flow(t, [
    ...talking,
    [9000, "bob", "switch", "BYE"],
    [9000, "switch", "bob", "200 OK"],
    [9000, "switch", "alice", "BYE"],
    [9010, "alice", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(results, [{ ended: "other", ending: { side: "them", cause: "normal" } }]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("the caller gives up: dial rejects with CallEnded, and the callee is cancelled", async (t) => {
  const bench = await AppBench.started(async (call) => {
    try {
      await twoPhones(call);
    } catch (error) {
      results.push(String(error));
      throw error;
    }
  });
  await bench.flow(t, [
    ...ringing,
    [9000, "alice", "switch", "CANCEL"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "alice", "487 Request Terminated"],
    [9000, "switch", "bob", "CANCEL"],
    [9010, "alice", "switch", "ACK"],
    [9020, "bob", "switch", "200 OK", { to: "CANCEL" }],
    [9020, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
    [9020, "switch", "bob", "ACK"],
  ]);
  t.match(results, [/CallEnded.*far end/]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("busy: the caller is told what the callee said", async (t) => {
  const bench = await AppBench.started(twoPhones);
  await bench.flow(t, [
    ...calling,
    [0, "switch", "bob", "INVITE"],
    [100, "bob", "switch", "486 Busy Here"],
    [100, "switch", "bob", "ACK"],
    [100, "switch", "alice", "486 Busy Here"],
    [110, "alice", "switch", "ACK"],
  ]);
  await bench.endsClean(t);
});
