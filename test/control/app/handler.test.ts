/** What becomes of a call when its handler returns or fails; answer, ring, hangup, timers and sleep. */
import t from "tap";
import { MediaswitchError } from "../../../ts/core/errors.js";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import type { HangupReason } from "../../../ts/control/causes.js";
import { ALICE_SDP } from "../../support/pbx-bench.js";
import { AppBench, aliceEnds, answered, calling, weEnd } from "./app-bench.js";
import { outcome, type Outcome } from "./outcome.js";

t.test("a handler that returns without an answer: 480", async (t) => {
  const bench = await AppBench.started(() => undefined);
  await bench.flow(t, [
    ...calling,
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [10, "alice", "switch", "ACK"],
  ]);
  t.match(await bench.call.ended, { side: "us" });
  await bench.endsClean(t);
});

t.test("a handler that throws at once: logged with the call, 500", async (t) => {
  const bench = await AppBench.started(() => {
    throw new TypeError("a mistake");
  });
  await bench.flow(t, [
    ...calling,
    [0, "switch", "alice", "500 Server Internal Error"],
    [10, "alice", "switch", "ACK"],
  ]);
  t.match(bench.errors, [{ fields: { callid: bench.call.id, err: { message: "a mistake" } } }]);
  await bench.endsClean(t);
});

t.test("a handler that rejects in mid-call: BYE, and the next call is taken", async (t) => {
  const bench = await AppBench.started(async (call, { calls }) => {
    await call.answer();
    if (calls.length > 1) return;
    await call.sleep(1000);
    throw new Error("later");
  });
  await bench.flow(t, [
    ...answered,
    ...weEnd(1010),
    [2000, "alice", "switch", "INVITE", { dialog: "second", sdp: ALICE_SDP }],
    [2000, "switch", "alice", "100 Trying"],
    [2000, "switch", "alice", "200 OK"],
    [2010, "alice", "switch", "ACK", { dialog: "second" }],
    [2010, "switch", "alice", "BYE"],
    [2020, "alice", "switch", "200 OK", { to: "BYE", dialog: "second" }],
  ]);
  t.equal(bench.errors.length, 1);
  await bench.endsClean(t);
});

t.test("an error of the table of errors is told by its status", async (t) => {
  const bench = await AppBench.started(() => {
    throw new MediaswitchError("NOT_ALLOWED", "no");
  });
  await bench.flow(t, [...calling, [0, "switch", "alice", "403 Forbidden"], [10, "alice", "switch", "ACK"]]);
  await bench.endsClean(t);
});

t.test("the caller leaves: CallEnded is the normal way out, and no error is logged", async (t) => {
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    await call.sleep(60_000);
  });
  await bench.flow(t, [...answered, ...aliceEnds(1000)]);
  t.same(bench.errors, []);
  t.match(bench.call.ending, { side: "them", cause: "normal" });
  t.equal(bench.call.signal.aborted, true);
  t.equal(bench.call.over, true);
  await bench.endsClean(t);
});

t.test("a call that is handed on outlives its handler", async (t) => {
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    call.handOn();
  });
  await bench.flow(t, [...answered, ...aliceEnds(5000)]);
  await bench.endsClean(t);
});

t.test("ring and answer: once each, and again without harm; what is known of the call", async (t) => {
  const seen: unknown[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push([call.direction, call.from, call.to, call.domain, call.ringing, call.answered, call.over]);
    await call.ring({ alertinfo: "<http://example.org/urgent>" });
    await call.ring();
    await call.sleep(500);
    await Promise.all([call.answer(), call.answer()]);
    await call.answer();
    await call.ring();
    seen.push([call.ringing, call.answered]);
    call.note("all well");
    seen.push(call.history.at(-1)?.what);
  });
  await bench.flow(t, [
    ...calling,
    [0, "switch", "alice", "180 Ringing"],
    [500, "switch", "alice", "200 OK"],
    [510, "alice", "switch", "ACK"],
    ...weEnd(510),
  ]);
  t.same(seen, [["inbound", "alice", "bob", "example.org", false, false, false], [true, true], "all well"]);
  await bench.endsClean(t);
});

t.test("answer: aborting only stops the waiting; codecs that are none", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    const abort = new AbortController();
    const waiting = outcome(call.answer({ signal: abort.signal }));
    abort.abort();
    seen.push(await waiting);
    await call.answer();
  });
  await bench.flow(t, [...answered, ...weEnd(10)]);
  t.match(seen, [{ error: { code: "ABORTED" } }]);
  await bench.endsClean(t);
});

t.test("the caller never acknowledges: answer rejects when the SIP side gives up", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push(await outcome(call.answer()));
  });
  bench.bench.alice.send("INVITE", { sdp: ALICE_SDP });
  await bench.after(120_000);
  t.match(seen, [{ error: { name: "CallEnded" } }]);
});

const REASONS: readonly (readonly [HangupReason | undefined, string])[] = [
  ["busy", "486 Busy here"],
  ["DECLINED", "603 Decline"],
  [{ code: 410, reason: "Moved away" }, "410 Moved away"],
  [undefined, "480 Temporarily Unavailable"],
];

for (const [reason, response] of REASONS) {
  t.test(
    `hangup(${reason === undefined ? "" : JSON.stringify(reason)}) refuses with ${response}`,
    async (t) => {
      const bench = await AppBench.started(async (call) => {
        await call.hangup(reason);
        await call.hangup("busy");
        t.match(await outcome(call.answer()), { error: { name: "CallEnded", side: "us" } });
      });
      await bench.flow(t, [...calling, [0, "switch", "alice", response], [10, "alice", "switch", "ACK"]]);
      await bench.endsClean(t);
    },
  );
}

t.test("hangup with what is no reason: ARGUMENT_INVALID, and the call goes on", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    seen.push(await outcome(call.hangup("whatever")), await outcome(call.hangup({ code: 200 })));
    await call.answer();
  });
  await bench.flow(t, [...answered, ...weEnd(10)]);
  t.match(seen, [
    { error: { code: "ARGUMENT_INVALID", field: "reason" } },
    { error: { code: "ARGUMENT_INVALID", field: "reason" } },
  ]);
  await bench.endsClean(t);
});

t.test("sleep: by the clock of the switch, aborted, and with what is no time", async (t) => {
  const seen: Outcome[] = [];
  const bench = await AppBench.started(async (call) => {
    await call.answer();
    seen.push(await outcome(call.sleep(1000)));
    const abort = new AbortController();
    call.after(10, () => abort.abort());
    seen.push(await outcome(call.sleep(1000, { signal: abort.signal })));
    seen.push(await outcome(call.sleep(-1)), await outcome(call.sleep(Number.NaN)));
  });
  await bench.flow(t, [...answered, ...weEnd(1020)]);
  t.match(seen, [
    { value: undefined },
    { error: { code: "ABORTED" } },
    { error: { field: "millis" } },
    { error: { field: "millis" } },
  ]);
  await bench.endsClean(t);
});

t.test("timers end with their call; one that fails ends its call only", async (t) => {
  const fired: string[] = [];
  let late: ActiveCall | undefined;
  const bench = await AppBench.started(async (call) => {
    late = call;
    await call.answer();
    call.after(100, () => fired.push("100"));
    call.after(200, () => fired.push("cancelled")).cancel();
    call.after(90_000, () => fired.push("too late"));
    call.after(300, () => Promise.reject(new Error("in a timer")));
    t.throws(() => call.after(1, "task" as unknown as () => void), { code: "ARGUMENT_INVALID" });
    await call.sleep(10_000);
  });
  await bench.flow(t, [...answered, ...weEnd(310)]);
  t.same(fired, ["100"]);
  t.match(bench.errors, [{ fields: { callid: bench.call.id, err: { message: "in a timer" } } }]);
  t.throws(() => late?.after(1, () => undefined), { name: "CallEnded" });
  await bench.endsClean(t);
  t.same(fired, ["100"]);
});
