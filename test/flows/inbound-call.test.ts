import t from "tap";
import { DOMAIN, ALICE, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const ANSWER = sdp("192.0.2.1");

/** Control that answers at once. */
const answering: SipBenchOptions["control"] = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: ANSWER });

const ringing: SipBenchOptions["control"] = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.ring", callid: event.info.callid });

t.test(
  "RFC 3665 §3.1 seen by the callee's side: challenge, ring, answer, talk, the caller ends",
  async (t) => {
    const bench = await new SipBench({
      trusted: () => false,
      control: async (event, sip) => {
        if (event.cause !== "new") return;
        await sip.execute({ type: "dialog.ring", callid: event.info.callid, alertinfo: "<urn:alert:tone>" });
        await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: ANSWER });
      },
    }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "401 Unauthorized", { headers: { "WWW-Authenticate": /qop="auth"/ } }],
      [10, "alice", "switch", "ACK"],
      [20, "alice", "switch", "INVITE", { sdp: OFFER, credentials: ALICE }],
      [20, "switch", "alice", "100 Trying"],
      [20, "switch", "alice", "180 Ringing", { headers: { "Alert-Info": "<urn:alert:tone>" } }],
      [
        20,
        "switch",
        "alice",
        "200 OK",
        { sdp: ANSWER, headers: { Contact: /^<sip:bob@192\.0\.2\.1:5060>/ } },
      ],
      [30, "alice", "switch", "ACK"],
      [5000, "alice", "switch", "BYE"],
      [5000, "switch", "alice", "200 OK"],
    ]);
    t.strictSame(bench.causes, ["new", "answered", "ended"]);
    t.match(bench.lastInfo, {
      domain: DOMAIN,
      from: "alice",
      to: "bob",
      authenticated: true,
      originator: false,
      ring: true,
      answered: true,
      hangup: true,
      sdp: { them: OFFER, us: ANSWER },
      remote: { host: "198.51.100.10", port: 5060 },
    });
    await bench.leavesNothing(t);
  },
);

t.test("RFC 3261 §13.3.1.4: a lost 200 is repeated after T1, doubling up to T2, until the ACK", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  const again = { retransmission: true } as const;
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK", { lost: true }],
    [500, "switch", "alice", "200 OK", { ...again, lost: true }],
    [1500, "switch", "alice", "200 OK", { ...again, lost: true }],
    [3500, "switch", "alice", "200 OK", { ...again, lost: true }],
    [7500, "switch", "alice", "200 OK", again],
    [7510, "alice", "switch", "ACK", { lost: true }],
    [11_500, "switch", "alice", "200 OK", again],
    [11_510, "alice", "switch", "ACK", { retransmission: true }],
    [20_000, "alice", "switch", "BYE"],
    [20_000, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §13.3.1.4: no ACK ever: BYE after 64*T1, and control is told", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  const again = { retransmission: true } as const;
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    ...[500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map(
      (at) => [at, "switch", "alice", "200 OK", again] as const,
    ),
    [32_000, "switch", "alice", "BYE"],
    [32_010, "alice", "switch", "200 OK"],
  ]);
  t.strictSame(bench.causes, ["new", "ended"]);
  t.match(bench.lastInfo, { answered: false, hangup: true, error: { code: 408 } });
  await bench.leavesNothing(t);
});

t.test("RFC 3665 §3.8: the caller gives up: 200 to the CANCEL, 487 to the INVITE", async (t) => {
  const bench = await new SipBench({ control: ringing }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "180 Ringing"],
    [9000, "alice", "switch", "CANCEL"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "alice", "487 Request Terminated"],
    [9010, "alice", "switch", "ACK"],
  ]);
  t.strictSame(bench.causes, ["new", "ended"]);
  t.match(bench.lastInfo, { error: { code: 487 }, hangup: true, answered: false });
  await bench.leavesNothing(t);
});

t.test("the 200 crosses the CANCEL: the call stands until somebody ends it (RFC 3261 §9.2)", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    [5, "alice", "switch", "CANCEL"],
    [5, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "ACK"],
    [20, "alice", "switch", "BYE"],
    [20, "switch", "alice", "200 OK"],
  ]);
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test(
  "origin S053 put right: INVITE without SDP, the offer in the 200, the answer in the ACK is read",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE"],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK", { sdp: ANSWER }],
      [10, "alice", "switch", "ACK", { sdp: OFFER }],
      [5000, "alice", "switch", "BYE"],
      [5000, "switch", "alice", "200 OK"],
    ]);
    const answered = bench.events.find((event) => event.type === "dialog" && event.cause === "answered");
    t.match(answered, { info: { sdp: { them: OFFER, us: ANSWER } } });
    await bench.leavesNothing(t);
  },
);

t.test("control rejects: the final response is repeated until its ACK (origin S054 put right)", async (t) => {
  const bench = await new SipBench({
    control: (event, sip) =>
      event.cause === "new" &&
      sip.execute({ type: "dialog.hangup", callid: event.info.callid, code: 486, reason: "Busy here" }),
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "486 Busy here", { lost: true }],
    [500, "switch", "alice", "486 Busy here", { retransmission: true }],
    [510, "alice", "switch", "ACK"],
  ]);
  t.strictSame(bench.causes, ["new", "ended"]);
  await bench.leavesNothing(t);
});

t.test("control does not take the call: 480 (origin H070)", async (t) => {
  const bench = await new SipBench({ control: () => Promise.reject(new Error("no such control")) }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [10, "alice", "switch", "ACK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("control takes the call and does nothing: 480 after three minutes (origin S013)", async (t) => {
  const bench = await new SipBench().ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [180_000, "switch", "alice", "480 Temporarily Unavailable"],
    [180_010, "alice", "switch", "ACK"],
  ]);
  t.match(bench.lastInfo, { error: { code: 408 }, hangup: true });
  await bench.leavesNothing(t);
});

t.test("we hang up an answered call: BYE, and both sides of a lost one", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      if (event.cause === "new")
        await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: ANSWER });
      if (event.cause === "answered") await sip.execute({ type: "dialog.hangup", callid: event.info.callid });
    },
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "ACK"],
    [10, "switch", "alice", "BYE", { lost: true, headers: { CSeq: "1 BYE" } }],
    [510, "switch", "alice", "BYE", { retransmission: true }],
    [520, "alice", "switch", "200 OK"],
  ]);
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("RFC 3261 §15: hung up before the ACK: the BYE waits for it", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      if (event.cause !== "new") return;
      await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: ANSWER });
      await sip.execute({ type: "dialog.hangup", callid: event.info.callid });
    },
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    [100, "alice", "switch", "ACK"],
    [100, "switch", "alice", "BYE"],
    [110, "alice", "switch", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("both hang up at once: each BYE is answered", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  let callid = "";
  bench.sip.attach(async (event) => {
    bench.events.push(event);
    if (event.type !== "dialog") return;
    callid = event.info.callid;
    await answering(event, bench.sip);
    if (event.cause === "answered") void bench.sip.execute({ type: "dialog.hangup", callid });
  });
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "ACK"],
    [10, "switch", "alice", "BYE"],
    [12, "alice", "switch", "BYE"],
    [12, "switch", "alice", "200 OK"],
    [15, "alice", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test(
  "re-INVITE: control answers it with ok, its 200 is repeated, the CSeq guards (RFC 3261 §14.2)",
  async (t) => {
    const HELD = sdp("198.51.100.10", "sendonly");
    const ON_HOLD = sdp("192.0.2.1", "recvonly");
    const bench = await new SipBench({
      isHold: (text) => text.includes("a=sendonly"),
      control: async (event, sip) => {
        const { callid } = event.info;
        if (event.cause === "new") await sip.execute({ type: "dialog.answer", callid, sdp: ANSWER });
        if (event.cause === "reinvite") await sip.execute({ type: "dialog.ok", callid, sdp: ON_HOLD });
      },
    }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      [1000, "alice", "switch", "INVITE", { sdp: HELD }],
      [1000, "switch", "alice", "100 Trying"],
      [1000, "switch", "alice", "200 OK", { sdp: ON_HOLD, lost: true }],
      [1500, "switch", "alice", "200 OK", { retransmission: true }],
      [1510, "alice", "switch", "ACK"],
      [2000, "alice", "switch", "OPTIONS", { headers: { CSeq: "1 OPTIONS" } }],
      [2000, "switch", "alice", "500 CSeq out of order"],
      [5000, "alice", "switch", "BYE"],
      [5000, "switch", "alice", "200 OK"],
    ]);
    t.strictSame(bench.causes, ["new", "answered", "reinvite", "answered", "ended"]);
    t.equal(bench.lastInfo.hold, true);
    t.equal(bench.lastInfo.sdp.them, HELD);
    await bench.leavesNothing(t);
  },
);

t.test(
  "a re-INVITE nobody answers is refused after 30 s and the call goes on; BYE in one gives it 487",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      [1000, "alice", "switch", "INVITE", { sdp: OFFER }],
      [1000, "switch", "alice", "100 Trying"],
      [31_000, "switch", "alice", "500 No answer from call control"],
      [31_010, "alice", "switch", "ACK"],
      [40_000, "alice", "switch", "INVITE", { sdp: OFFER }],
      [40_000, "switch", "alice", "100 Trying"],
      [41_000, "alice", "switch", "BYE"],
      [41_000, "switch", "alice", "200 OK"],
      [41_000, "switch", "alice", "487 Request Terminated"],
      [41_010, "alice", "switch", "ACK", { lost: true }],
      [41_500, "switch", "alice", "487 Request Terminated", { retransmission: true }],
      [41_510, "alice", "switch", "ACK", { retransmission: true }],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test(
  "a trusted source that names no domain of ours: its events go to the one control there is",
  async (t) => {
    const bench = new SipBench({ control: ringing });
    const control = "http://127.0.0.1:9001";
    await bench.sip.execute({ type: "directory.put", domain: DOMAIN, control, users: [] });
    await bench.flow(t, [
      [
        0,
        "alice",
        "switch",
        "INVITE",
        { sdp: OFFER, uri: "sip:500@192.0.2.1:5060", headers: { From: "<sip:trunk@198.51.100.10>;tag=1" } },
      ],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "180 Ringing"],
    ]);
    t.match(bench.events, [{ control, info: { domain: "192.0.2.1", to: "500", from: "trunk" } }]);
  },
);
