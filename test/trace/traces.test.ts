/** Traces of whole calls through SIP and control, in virtual time. */
import t from "tap";
import { ms, seconds } from "../../ts/core/brand.js";
import { printTrace } from "../../ts/trace/print-trace.js";
import { aliceEnds, ALICE_SDP, ringing, talking } from "../support/pbx-bench.js";
import { TracedBench } from "./support/traced-bench.js";

const time = (at: number): string => new Date(at).toISOString();

t.test("a call that went well: both legs' messages, the media beside them, nothing to say", async (t) => {
  const traced = await new TracedBench({ packets: [4000, 4000] }).started();
  await traced.bench.flow(t, [...talking, ...aliceEnds]);
  const trace = await traced.trace();
  t.match(trace, {
    version: 1,
    state: "ended",
    direction: "inbound",
    from: "alice",
    to: "bob",
    domain: "example.org",
    cause: { name: "normal" },
    messagesOmitted: 0,
    legs: [
      { direction: "inbound", samples: [{ received: { packets: 4000 } }], channel: { codec: "PCMU" } },
      { direction: "outbound", samples: [{ received: { packets: 4000 } }], channel: { codec: "PCMA" } },
    ],
  });
  t.strictSame(
    trace.messages.map(({ leg, direction, name }) => `${leg ?? "?"} ${direction} ${name}`),
    [
      "0 in INVITE",
      "0 out 100 Trying (INVITE)",
      "1 out INVITE",
      "1 in 180 Ringing (INVITE)",
      "0 out 180 Ringing (INVITE)",
      "1 in 200 OK (INVITE)",
      "1 out ACK",
      "0 out 200 OK (INVITE)",
      "0 in ACK",
      "0 in BYE",
      "0 out 200 OK (BYE)",
      "1 out BYE",
      "1 in 200 OK (BYE)",
    ],
  );
  t.strictSame(
    trace.media.map(({ leg, type }) => `${leg} ${type}`),
    [
      "1 opened",
      "0 opened",
      "0 target",
      "1 target",
      "0 joined",
      "1 joined",
      "0 parted",
      "0 closed",
      "1 parted",
      "1 closed",
    ],
  );
  t.ok(trace.events.some(({ type, leg }) => type === "answered" && leg === 0));
  t.strictSame(
    trace.findings.map(({ rule }) => rule),
    ["no-telephone-event", "no-telephone-event"],
  );
  t.equal((await traced.traces.trace(trace.callids[1]!)).id, trace.id, "by the Call-ID of any leg");
  t.equal(traced.channels.size, 0, "nothing is kept twice");
});

t.test("of a call that goes on, the figures are asked for, once a second at most", async (t) => {
  const traced = await new TracedBench({ packets: [10, 20] }).started();
  await traced.bench.flow(t, talking, []);
  const samples = (): number => traced.media.commands.filter(({ type }) => type === "statistics").length;
  const first = await traced.trace();
  t.equal(first.state, "live");
  t.equal(first.end, undefined);
  t.same(
    first.legs.map(({ end, cause }) => [end, cause]),
    [
      [undefined, undefined],
      [undefined, undefined],
    ],
  );
  t.equal(samples(), 2);
  await traced.trace();
  t.equal(samples(), 2);
  await traced.bench.clock.advance(ms(1000));
  t.same(
    (await traced.trace()).legs.map(({ samples }) => samples.length),
    [2, 2],
  );
});

t.test("a call without audio: who was not heard, and for how long", async (t) => {
  const traced = await new TracedBench({ packets: [0, 4000] }).started();
  await traced.bench.flow(t, [...talking, ...aliceEnds]);
  const { findings } = await traced.trace();
  // The second channel that was opened is the caller's.
  t.match(
    findings.find(({ rule }) => rule === "no-rtp"),
    { leg: 1, severity: "failure", text: "No RTP from bob for 87 s after the answer." },
  );
  t.match(
    findings.find(({ rule }) => rule === "one-way-audio"),
    { text: "One-way audio: alice was heard, bob was not." },
  );
});

t.test("what the switch really sends is what the rules look for", async (t) => {
  const invite = ["alice", "switch", "INVITE", { sdp: ALICE_SDP }] as const;
  await t.test("busy", async (t) => {
    const traced = await new TracedBench().started();
    await traced.bench.flow(t, [
      ...ringing,
      [2000, "bob", "switch", "486 Busy Here"],
      [2000, "switch", "bob", "ACK"],
      [2000, "switch", "alice", "480 Temporarily Unavailable"],
      [2010, "alice", "switch", "ACK"],
    ]);
    t.match((await traced.trace()).findings, [{ rule: "busy", leg: 1, text: "bob is busy." }]);
  });
  await t.test("nobody is registered", async (t) => {
    const traced = await new TracedBench().started({ bob: false });
    await traced.bench.flow(t, [
      [0, ...invite],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "480 Temporarily Unavailable"],
      [10, "alice", "switch", "ACK"],
    ]);
    t.match((await traced.trace()).findings, [
      { rule: "not-registered", leg: 1, text: /^bob could not be called/ },
    ]);
  });
  await t.test("the script throws", async (t) => {
    const traced = await new TracedBench({
      script: () => {
        throw new Error("no such extension table");
      },
    }).started();
    await traced.bench.flow(t, [
      [0, ...invite],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "500 Server Internal Error"],
      [10, "alice", "switch", "ACK"],
    ]);
    t.match((await traced.trace()).findings, [{ rule: "script-failed", text: /no such extension table/ }]);
  });
});

t.test("what is remembered has a limit", async (t) => {
  const traced = await new TracedBench({ calls: 2, script: (call) => call.busy() }).started();
  for (let count = 0; count < 3; count += 1) {
    traced.bench.alice.send("INVITE", { sdp: ALICE_SDP, dialog: `call ${count}` });
    await traced.bench.clock.advance(seconds(1));
    traced.bench.alice.send("ACK", { dialog: `call ${count}` });
    await traced.bench.clock.advance(seconds(40));
  }
  const { calls } = traced.traces.list();
  t.equal(calls.length, 2);
  t.ok(calls[0]!.start > calls[1]!.start, "newest first");
  t.equal(traced.traces.list({ search: "ALICE" }).calls.length, 2);
  t.equal(traced.traces.list({ search: "nobody" }).calls.length, 0);
  t.same(traced.traces.list({ limit: 1 }).omitted, 1);
  await t.rejects(traced.traces.trace("unheard of"), { code: "CALL_UNKNOWN" });
});

t.test("a registration has a trace too, which control knows nothing of", async (t) => {
  const traced = await new TracedBench({ trusted: () => false }).started({ bob: false });
  traced.bench.alice.send("REGISTER", { expires: 600, headers: { "Call-ID": "reg@phone" } });
  await traced.bench.clock.advance(seconds(1));
  const trace = await traced.traces.trace("reg@phone");
  t.match(trace, { state: "unknown", from: "alice", domain: "example.org", legs: [] });
  t.match(trace.findings, [{ rule: "no-credentials" }]);
  t.match(printTrace(trace, { time }), "not known to call control");
});

t.test("as text: what is wrong, the ladder, media and script between its arrows", async (t) => {
  const traced = await new TracedBench({ packets: [0, 4000] }).started();
  await traced.bench.flow(t, [...talking, ...aliceEnds]);
  const text = printTrace(await traced.trace(), { time });
  t.match(text, /^call [\w-]+\nalice → bob in example\.org/);
  t.match(text, "✗ No RTP from bob for 87 s after the answer.");
  t.match(text, /^ {7}0 .*INVITE/m);
  t.match(text, /3000 {2}· bob: \[media\] sends to 198\.51\.100\.20:4\d+: PCMA/);
  t.match(text, /alice \(PCMU\): 4000 packets came/);
});
