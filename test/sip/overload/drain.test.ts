import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { Drain } from "../../../ts/sip/overload/drain.js";
import { ManualClock } from "../../support/manual-clock.js";
import { ALICE, DOMAIN, SipBench, sdp, type SipBenchOptions } from "../../support/sip-bench.js";
import { header } from "../../support/sip-text.js";

const OFFER = sdp("198.51.100.10");
const ANSWER = sdp("192.0.2.1");

const answering: SipBenchOptions["control"] = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: ANSWER });

const later = /^(3[0-9]|4[0-9]|5[0-9]|60)$/;

t.test(
  "drained: new requests get 503 with Retry-After, a call that is there goes on to its end",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(
      t,
      [
        [0, "alice", "switch", "INVITE", { sdp: OFFER }],
        [0, "switch", "alice", "100 Trying"],
        [0, "switch", "alice", "200 OK"],
        [10, "alice", "switch", "ACK"],
        [2000, "bob", "switch", "OPTIONS"],
        [2000, "switch", "bob", "503 Service Unavailable", { headers: { "Retry-After": later } }],
        [2100, "bob", "switch", "INVITE", { sdp: OFFER }],
        [2100, "switch", "bob", "503 Service Unavailable", { headers: { "Retry-After": later } }],
        [2110, "bob", "switch", "ACK"],
        [2200, "bobs", "switch", "REGISTER", { expires: 3600 }],
        [2200, "switch", "bobs", "503 Service Unavailable", { headers: { "Retry-After": later } }],
        [5000, "alice", "switch", "BYE"],
        [5000, "switch", "alice", "200 OK"],
      ],
      [[1000, (sip) => sip.execute({ type: "drain", enabled: true, seconds: 60 })]],
    );
    await bench.sip.drained();
    const { draining, calls, refused } = await bench.sip.execute({ type: "health" });
    t.match(
      { draining, calls, refused },
      { draining: true, calls: 0, refused: { draining: 3, overload: 3 } },
    );
    await bench.sip.execute({ type: "drain", enabled: false });
    await bench.leavesNothing(t);
  },
);

t.test(
  "drained: a call that is there may still be transferred: legs made for it, and INVITEs that replace it",
  async (t) => {
    const bench = new SipBench({ control: answering });
    await bench.registered(bench.bob);
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
    ]);
    const ok = bench.alice.received.find(({ firstLine }) => firstLine.includes(" 200 "));
    const tag = (name: string): string => /;tag=([^;]+)/.exec((ok && header(ok, name)) ?? "")?.[1] ?? "";
    const parent = (ok && header(ok, "call-id")) ?? "";
    const Replaces = `${parent};to-tag=${tag("to")};from-tag=${tag("from")}`;
    const leg = { from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: ANSWER };
    await bench.flow(
      t,
      [
        [1000, "switch", "bob", "INVITE"],
        [1010, "bob", "switch", "486 Busy Here"],
        [1010, "switch", "bob", "ACK"],
        [2000, "bobs", "switch", "INVITE", { sdp: OFFER, headers: { Replaces } }],
        [2000, "switch", "bobs", "100 Trying"],
        [2000, "switch", "bobs", "200 OK"],
        [2010, "bobs", "switch", "ACK"],
        [2100, "bob", "switch", "INVITE", { sdp: OFFER, headers: { Replaces: "other;to-tag=1;from-tag=2" } }],
        [2100, "switch", "bob", "503 Service Unavailable"],
        [2110, "bob", "switch", "ACK"],
        [3000, "bobs", "switch", "BYE"],
        [3000, "switch", "bobs", "200 OK"],
        [3100, "alice", "switch", "BYE"],
        [3100, "switch", "alice", "200 OK"],
      ],
      [
        [500, (sip) => sip.execute({ type: "drain", enabled: true, seconds: 60 })],
        [
          900,
          (sip) => t.rejects(sip.execute({ type: "dialog.invite", request: leg }), { code: "SIP_DRAINING" }),
        ],
        [1000, (sip) => sip.execute({ type: "dialog.invite", request: { ...leg, parent } })],
        [
          4000,
          (sip) =>
            t.rejects(
              sip.execute({ type: "dialog.invite", request: { ...leg, parent } }),
              { code: "SIP_DRAINING" },
              "it has ended",
            ),
        ],
      ],
    );
    await bench.sip.execute({ type: "drain", enabled: false });
    await bench.leavesNothing(t);
  },
);

t.test("at the deadline what is left is ended, with the reason", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  let isOver = false;
  await bench.flow(
    t,
    [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      [31_000, "switch", "alice", "BYE", { headers: { Reason: /^SIP ?;cause=503/ } }],
      [31_010, "alice", "switch", "200 OK"],
    ],
    [
      [1000, (sip) => sip.execute({ type: "drain", enabled: true, seconds: 30 })],
      [1001, (sip) => sip.drained().then(() => (isOver = true))],
      [30_999, async () => t.notOk(isOver)],
      [31_100, async () => t.ok(isOver)],
    ],
  );
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.sip.execute({ type: "drain", enabled: false });
  await bench.leavesNothing(t);
});

t.test(
  "RFC 3261 §21.5.4: a flood from one address is refused without a transaction and without a digest",
  async (t) => {
    const bench = await new SipBench({
      trusted: () => false,
      overloadLimits: { source: { perSecond: 1, burst: 2 }, aor: { perSecond: 0, burst: 1 } },
    }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "REGISTER", { expires: 3600 }],
      [0, "switch", "alice", "401 Unauthorized"],
      [10, "alice", "switch", "REGISTER", { expires: 3600, credentials: ALICE }],
      [10, "switch", "alice", "200 OK"],
      [20, "alice", "switch", "REGISTER", { expires: 3600, credentials: ALICE }],
      [20, "switch", "alice", "503 Service Unavailable", { headers: { "Retry-After": /^([5-9]|1[0-5])$/ } }],
      [25, "alice", "switch", "REGISTER", { expires: 3600, credentials: ALICE }],
      // Far beyond: nothing at all.
      [30, "bob", "switch", "OPTIONS"],
      [30, "switch", "bob", "401 Unauthorized"],
      [2500, "alice", "switch", "REGISTER", { expires: 3600, credentials: ALICE }],
      [2500, "switch", "alice", "200 OK"],
    ]);
    const { refused } = await bench.sip.execute({ type: "health" });
    t.match(refused, { overload: 2, "source-rate": 2, unanswered: 1 });
  },
);

t.test("a refusal has no more octets than the request it refuses, and there is at most one", async (t) => {
  const bench = await new SipBench({
    trusted: () => false,
    overloadLimits: { source: { perSecond: 50, burst: 1 } },
  }).ready();
  const sent: { from: string; octets: number; status: string }[] = [];
  bench.network.observe(({ from, octets }) => {
    sent.push({
      from: from.address,
      octets: octets.length,
      status: Buffer.from(octets).toString("latin1", 8, 11),
    });
    return "pass";
  });
  for (let n = 0; n < 40; n += 1) bench.alice.send("INVITE", { sdp: OFFER, dialog: `d${n}` });
  await bench.clock.advance(seconds(40));
  const ours = sent.filter(({ from }) => from === "192.0.2.1");
  const refusals = ours.filter(({ status }) => status === "503");
  t.equal(refusals.length, 39);
  const smallest = Math.min(...sent.filter(({ from }) => from !== "192.0.2.1").map(({ octets }) => octets));
  t.ok(Math.max(...refusals.map(({ octets }) => octets)) <= smallest);
});

t.test("a request smaller than its refusal gets none over UDP", async (t) => {
  const bench = await new SipBench({ overloadLimits: { trunk: { perSecond: 50, burst: 0 } } }).ready();
  const tiny = [
    "OPTIONS sip:a SIP/2.0",
    "v:SIP/2.0/UDP a;branch=z9hG4bK1;rport",
    "f:<sip:a>;tag=1",
    "t:<sip:a>",
    "i:1",
    "CSeq:1 OPTIONS",
    "",
    "",
  ].join("\r\n");
  bench.alice.send("OPTIONS", { raw: tiny });
  await bench.clock.advance(seconds(1));
  t.strictSame(bench.alice.received, []);
});

t.test("responses that nobody waits for are dropped and answered by nothing", async (t) => {
  const bench = await new SipBench().ready();
  const stray = (status: string): string =>
    [
      `SIP/2.0 ${status}`,
      "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnever",
      "From: <sip:a@example.org>;tag=1",
      "To: <sip:b@example.org>;tag=2",
      "Call-ID: never",
      "CSeq: 1 INVITE",
      "Contact: <sip:victim@203.0.113.9>",
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n");
  let ours = 0;
  bench.network.observe(({ from }) => {
    if (from.address === "192.0.2.1") ours += 1;
    return "pass";
  });
  for (const status of ["200 OK", "401 Unauthorized", "486 Busy Here", "302 Moved"]) {
    for (let n = 0; n < 50; n += 1) bench.alice.send("200 OK", { raw: stray(status) });
  }
  await bench.clock.advance(seconds(40));
  t.equal(ours, 0);
  t.match((await bench.sip.execute({ type: "health" })).refused, { "unmatched-response": 200 });
});

t.test(
  "the deadline can be set anew, taken back, and nothing is waited for where nothing is drained",
  async (t) => {
    const clock = new ManualClock();
    const log: string[] = [];
    let calls = 1;
    const drain = new Drain({
      clock,
      calls: () => calls,
      endCalls: () => log.push(`end at ${clock.now()}`),
      changed: (isOn) => log.push(isOn ? "on" : "off"),
    });
    await drain.finished();
    drain.begin(seconds(10));
    await clock.advance(seconds(9));
    drain.begin(seconds(10));
    await clock.advance(seconds(9));
    drain.stop();
    await clock.advance(seconds(100));
    t.strictSame(log, ["on", "off"]);
    drain.begin(seconds(1));
    let isOver = false;
    void drain.finished().then(() => (isOver = true));
    await clock.advance(ms(2500));
    t.strictSame(log.slice(2), ["on", "end at 119000"]);
    t.notOk(isOver, "the far ends have a moment to answer");
    await clock.advance(seconds(1));
    t.ok(isOver, "and no more");
    calls = 0;
    drain.stop();
    t.equal(clock.pendingTimers, 0);
  },
);
