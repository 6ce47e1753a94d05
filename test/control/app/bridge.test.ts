/** bridge, hold and transfer: who hears whom, how it ends, and what phones are told. */
import t from "tap";
import { ALICE_SDP, BOB_SDP } from "../../support/pbx-bench.js";
import type { LadderRow } from "../../support/ladder.js";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import { AppBench, aliceEnds, answered, calling, weEnd, type Oncall } from "./app-bench.js";
import { outcome, type Outcome } from "./outcome.js";

/** Alice is answered; bob is dialled and answers at 1000 ms. */
const both: readonly LadderRow[] = [
  ...answered,
  [10, "switch", "bob", "INVITE"],
  [100, "bob", "switch", "180 Ringing"],
  [1000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
  [1000, "switch", "bob", "ACK"],
];

const bobIsHungUp = (at: number): readonly LadderRow[] => [
  [at, "switch", "bob", "BYE"],
  [at + 10, "bob", "switch", "200 OK", { to: "BYE" }],
];

/** A handler for an answered caller with bob at hand. */
const withBob =
  (script: (call: ActiveCall, bob: ActiveCall, bench: AppBench) => Promise<unknown>): Oncall =>
  async (call, bench) => {
    if (bench.calls.length > 1) return;
    await call.answer();
    const dialled = await call.dial("bob");
    if (dialled.outcome !== "answered") throw new Error("bob did not answer");
    await script(call, dialled.call, bench);
  };

const types = (bench: AppBench): string[] =>
  bench.media.commands.map(({ type }) => type).filter((type) => !["open", "target", "close"].includes(type));

t.test("aborting parts them; both go on, and may be bridged again", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    withBob(async (call, bob) => {
      const abort = new AbortController();
      call.after(500, () => abort.abort());
      seen.push(await outcome(call.bridge(bob, { signal: abort.signal })));
      seen.push(await outcome(bob.play("alone.wav")));
      seen.push(await outcome(call.bridge(bob)));
    }),
  );
  await bench.flow(
    t,
    [...both, ...aliceEnds(5000), ...bobIsHungUp(5000)],
    [[2000, () => bench.media.channels.forEach((channel) => channel.endPlay("completed"))]],
  );
  t.match(seen, [
    { error: { code: "ABORTED" } },
    { value: { ended: "completed" } },
    { value: { ended: "this", ending: { side: "them" } } },
  ]);
  t.same(types(bench), ["mix", "unmix", "play", "mix", "unmix"]);
  await bench.endsClean(t);
});

t.test("the other leaves: told by whom, and the script goes on with its caller", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    withBob(async (call, bob) => {
      seen.push(await outcome(call.bridge(bob)));
      seen.push(await outcome(call.play("goodbye.wav")));
      seen.push(await outcome(call.bridge(bob)));
    }),
  );
  await bench.flow(
    t,
    [...both, [3000, "bob", "switch", "BYE"], [3000, "switch", "bob", "200 OK"], ...weEnd(4000)],
    [[4000, () => bench.playEnds()]],
  );
  t.match(seen, [
    { value: { ended: "other", ending: { side: "them", cause: "normal" } } },
    { value: { ended: "completed" } },
    { error: { name: "CallEnded" } },
  ]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("the script ends the other", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    withBob(async (call, bob) => {
      call.after(1000, () => bob.hangup());
      seen.push(await outcome(call.bridge(bob)));
    }),
  );
  await bench.flow(t, [
    ...both,
    [2000, "switch", "bob", "BYE"],
    [2000, "switch", "alice", "BYE"],
    [2010, "bob", "switch", "200 OK", { to: "BYE" }],
    [2010, "alice", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(seen, [{ value: { ended: "other", ending: { side: "us" } } }]);
  await bench.endsClean(t);
});

t.test("the media server refuses: an error, and both are still there", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    withBob(async (call, bob, { media }) => {
      media.failNext("mix", "MEDIA_UNAVAILABLE");
      seen.push(await outcome(call.bridge(bob)));
      seen.push(await outcome(call.bridge(call)));
      seen.push([call.over, bob.over, call.line.call.others.length] as never);
    }),
  );
  await bench.flow(t, [
    ...both,
    [1000, "switch", "alice", "BYE"],
    [1000, "switch", "bob", "BYE"],
    [1010, "alice", "switch", "200 OK", { to: "BYE" }],
    [1010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(seen, [
    { error: { code: "MEDIA_UNAVAILABLE" } },
    { error: { code: "ARGUMENT_INVALID", field: "other" } },
    [false, false, 0],
  ]);
  await bench.endsClean(t);
});

t.test("bob holds: alice hears music until he takes her back", async (t) => {
  const bench = await AppBench.started(
    withBob(async (call, bob) => {
      await call.bridge(bob, { music: "moh.wav" });
    }),
  );
  const held = BOB_SDP.replace("a=sendrecv", "a=sendonly").replace("o=- 1 1", "o=- 1 2");
  const back = BOB_SDP.replace("o=- 1 1", "o=- 1 3");
  await bench.flow(t, [
    ...both,
    [2000, "bob", "switch", "INVITE", { sdp: held }],
    [2000, "switch", "bob", "100 Trying"],
    [2000, "switch", "bob", "200 OK"],
    [2010, "bob", "switch", "ACK"],
    [4000, "bob", "switch", "INVITE", { sdp: back }],
    [4000, "switch", "bob", "100 Trying"],
    [4000, "switch", "bob", "200 OK"],
    [4010, "bob", "switch", "ACK"],
    ...aliceEnds(5000),
    ...bobIsHungUp(5000),
  ]);
  t.same(types(bench), ["mix", "unmix", "play", "mix", "unmix"]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("we hold alice: sendonly and music; she agrees, and is taken back", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.hold({ music: "moh.wav" })));
    await call.sleep(1000);
    seen.push(await outcome(call.unhold()));
  });
  const recvonly = ALICE_SDP.replace("a=sendrecv", "a=recvonly").replace("o=- 1 1", "o=- 1 2");
  await bench.flow(t, [
    ...answered,
    [10, "switch", "alice", "INVITE", { sdp: (text) => t.match(text, /a=sendonly/) }],
    [20, "alice", "switch", "200 OK", { sdp: recvonly }],
    [20, "switch", "alice", "ACK"],
    [1020, "switch", "alice", "INVITE", { sdp: (text) => t.match(text, /a=sendrecv/) }],
    [1030, "alice", "switch", "200 OK", { sdp: ALICE_SDP.replace("o=- 1 1", "o=- 1 3") }],
    [1030, "switch", "alice", "ACK"],
    ...weEnd(1030),
  ]);
  t.same(seen, [{ value: { agreed: true } }, { value: { agreed: true } }]);
  t.same(types(bench), ["play", "stopplay"]);
  t.equal(bench.call.held, false, "who we hold does not hold us");
  await bench.endsClean(t);
});

t.test("alice refuses to be held: she hears the music all the same", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.hold({ music: "moh.wav" })));
  });
  await bench.flow(t, [
    ...answered,
    [10, "switch", "alice", "INVITE"],
    [20, "alice", "switch", "488 Not Acceptable Here"],
    [20, "switch", "alice", "ACK"],
    ...weEnd(20),
  ]);
  t.same(seen, [{ value: { agreed: false, code: 488 } }]);
  await bench.endsClean(t);
});

t.test("hold before the answer, with what is no music, aborted, and ended", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push(await outcome(call.hold()));
    await call.answer();
    seen.push(await outcome(call.hold({ music: [] })));
    const abort = new AbortController();
    call.after(5, () => abort.abort());
    seen.push(await outcome(call.hold({ music: "moh.wav", signal: abort.signal })));
    await call.sleep(10);
    seen.push(await outcome(call.unhold()));
  });
  await bench.flow(t, [
    ...answered,
    [10, "switch", "alice", "INVITE", { sdp: (text) => t.match(text, /a=sendonly/) }],
    [
      18,
      "alice",
      "switch",
      "200 OK",
      { sdp: ALICE_SDP.replace("a=sendrecv", "a=recvonly").replace("o=- 1 1", "o=- 1 2") },
    ],
    [18, "switch", "alice", "ACK"],
    [25, "switch", "alice", "INVITE"],
    [30, "alice", "switch", "100 Trying"],
    ...aliceEnds(100),
    [110, "alice", "switch", "487 Request Terminated", { to: "INVITE" }],
    [110, "switch", "alice", "ACK"],
  ]);
  t.match(seen, [
    { error: { code: "CALL_STATE" } },
    { error: { field: "music" } },
    { error: { code: "ABORTED" } },
    { error: { name: "CallEnded" } },
  ]);
  await bench.endsClean(t);
});

t.test("blind transfer: the target is called, joined, and both outlive the handler", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.transfer("bob", { music: "ringback.wav" })));
    seen.push(await outcome(call.sleep(10)));
  });
  await bench.flow(t, [
    ...both,
    [9000, "bob", "switch", "BYE"],
    [9000, "switch", "bob", "200 OK"],
    ...weEnd(9000),
  ]);
  t.match(seen, [{ value: { outcome: "answered", target: { user: "bob" } } }, { value: undefined }]);
  t.same(types(bench), ["play", "stopplay", "mix"]);
  t.same(bench.errors, []);
  await bench.endsClean(t);
});

t.test("blind transfer to who is busy: told, and the caller is still the script's", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.transfer("bob")));
    await call.sleep(500);
  });
  await bench.flow(t, [
    ...answered,
    [10, "switch", "bob", "INVITE"],
    [100, "bob", "switch", "486 Busy Here"],
    [100, "switch", "bob", "ACK"],
    ...weEnd(600),
  ]);
  t.match(seen, [{ value: { outcome: "busy", code: 486 } }]);
  await bench.endsClean(t);
});

t.test("attended transfer: two who are up are left to themselves; the caller ends both", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    withBob(async (call, bob) => {
      seen.push(await outcome(call.transfer(bob)));
    }),
  );
  await bench.flow(t, [...both, ...aliceEnds(9000), ...bobIsHungUp(9000)]);
  t.match(seen, [{ value: { outcome: "answered", target: { user: "bob" } } }]);
  await bench.endsClean(t);
});

t.test("bridged twice at once: the second one counts, the first one is told", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(
    withBob(async (call, bob) => {
      const first = outcome(call.bridge(bob));
      const second = outcome(bob.bridge(call));
      seen.push(await first, await second);
    }),
  );
  await bench.flow(t, [...both, ...aliceEnds(5000), ...bobIsHungUp(5000)]);
  t.match(seen, [{ value: { ended: "moved" } }, { value: { ended: "other" } }]);
  t.same(types(bench).at(-2), "mix", "they hear each other until the end");
  await bench.endsClean(t);
});

t.test("an unanswered caller and a callee: bridge answers the caller", async (t) => {
  const bench = await AppBench.started(async (call) => {
    const dialled = await call.dial("bob", { early: "none" });
    if (dialled.outcome === "answered") await dialled.call.bridge(call);
  });
  await bench.flow(t, [
    ...calling,
    [0, "switch", "bob", "INVITE"],
    [100, "bob", "switch", "180 Ringing"],
    [1000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [1000, "switch", "bob", "ACK"],
    [1000, "switch", "alice", "200 OK"],
    [1010, "alice", "switch", "ACK"],
    ...aliceEnds(5000),
    ...bobIsHungUp(5000),
  ]);
  t.equal(bench.media.commandsOf("mix").length, 1);
  await bench.endsClean(t);
});
