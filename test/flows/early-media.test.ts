import t from "tap";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import type { InviteRequest } from "../../ts/sip/sip-service.js";
import { header } from "../support/sip-text.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");
const THEIRS = sdp("198.51.100.20");
const callid = "our-call";

type Control = NonNullable<SipBenchOptions["control"]>;

/** Control that sends early media at once. */
const early: Control = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.ring", callid: event.info.callid, sdp: OURS });

/** The callid of the only inbound call. */
const inbound = (bench: SipBench): string => {
  const event = bench.events.find((each) => each.type === "dialog");
  return event?.type === "dialog" ? event.info.callid : "";
};

const answerIt =
  (bench: SipBench) =>
  (sip: LocalSipService): Promise<unknown> =>
    sip.execute({ type: "dialog.answer", callid: inbound(bench), sdp: OURS });

const call =
  (more: Partial<InviteRequest> = {}) =>
  (sip: LocalSipService): Promise<unknown> =>
    sip.execute({
      type: "dialog.invite",
      request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS, ...more },
    });

const lateCall = (sip: LocalSipService): Promise<unknown> =>
  sip.execute({
    type: "dialog.invite",
    request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" } },
  });

async function bobRegistered(options: SipBenchOptions = {}): Promise<SipBench> {
  const bench = new SipBench(options);
  return bench.registered(bench.bob);
}

t.test("183 with a description to a caller without 100rel; the 200 repeats it", async (t) => {
  const bench = await new SipBench({ control: early }).ready();
  await bench.flow(
    t,
    [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [
        0,
        "switch",
        "alice",
        "183 Session Progress",
        { sdp: OURS, headers: { RSeq: null, Require: null, Contact: /^<sip:bob@192\.0\.2\.1:5060>/ } },
      ],
      [1000, "switch", "alice", "200 OK", { sdp: OURS }],
      [1010, "alice", "switch", "ACK"],
      [2000, "alice", "switch", "BYE"],
      [2000, "switch", "alice", "200 OK"],
    ],
    [[1000, answerIt(bench)]],
  );
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  t.equal(bench.lastInfo.ring, false, "early media is no ringing");
  await bench.leavesNothing(t);
});

t.test("RFC 3262 §3: a caller with 100rel gets a reliable 183, repeated until its PRACK", async (t) => {
  const bench = await new SipBench({ control: early }).ready();
  const again = { retransmission: true } as const;
  await bench.flow(
    t,
    [
      [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Supported: "100rel" } }],
      [0, "switch", "alice", "100 Trying"],
      [
        0,
        "switch",
        "alice",
        "183 Session Progress",
        { sdp: OURS, lost: true, headers: { Require: "100rel", RSeq: /^\d+$/ } },
      ],
      [500, "switch", "alice", "183 Session Progress", { ...again, lost: true }],
      [1500, "switch", "alice", "183 Session Progress", { ...again, lost: true }],
      [3500, "switch", "alice", "183 Session Progress", { ...again, lost: true }],
      [7500, "switch", "alice", "183 Session Progress", again],
      [7510, "alice", "switch", "PRACK"],
      [7510, "switch", "alice", "200 OK"],
      [9000, "switch", "alice", "200 OK", { sdp: "", headers: { CSeq: "1 INVITE" } }],
      [9010, "alice", "switch", "ACK"],
      [9500, "alice", "switch", "BYE"],
      [9500, "switch", "alice", "200 OK"],
    ],
    [[9000, answerIt(bench)]],
  );
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("field notes §10.8: the 200 waits for the PRACK of an 18x with a description", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      if (event.cause !== "new") return;
      await sip.execute({ type: "dialog.ring", callid: event.info.callid, sdp: OURS });
      await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Supported: "100rel" } }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "183 Session Progress", { sdp: OURS }],
    [300, "alice", "switch", "PRACK"],
    [300, "switch", "alice", "200 OK", { headers: { CSeq: "2 PRACK" } }],
    [300, "switch", "alice", "200 OK", { headers: { CSeq: "1 INVITE" } }],
    [310, "alice", "switch", "ACK"],
    [900, "alice", "switch", "BYE"],
    [900, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("RFC 3262 §3: no PRACK within 64*T1: the INVITE is refused, control is told", async (t) => {
  const bench = await new SipBench({ control: early }).ready();
  const again = { retransmission: true } as const;
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Supported: "100rel" } }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "183 Session Progress"],
    ...[500, 1500, 3500, 7500, 15_500, 31_500].map(
      (at) => [at, "switch", "alice", "183 Session Progress", again] as const,
    ),
    [32_000, "switch", "alice", "504 No PRACK"],
    [32_010, "alice", "switch", "ACK"],
  ]);
  t.strictSame(bench.causes, ["new", "ended"]);
  t.equal(bench.lastInfo.error.code, 504);
  await bench.leavesNothing(t);
});

t.test("a caller that requires 100rel gets every 18x reliably, one after the other", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      if (event.cause !== "new") return;
      await sip.execute({ type: "dialog.ring", callid: event.info.callid });
      await sip.execute({ type: "dialog.ring", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  const rseqs: number[] = [];
  const keep = (value: string): void => void rseqs.push(Number(value));
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Require: "100rel" } }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "180 Ringing", { headers: { RSeq: keep } }],
    [10, "alice", "switch", "PRACK"],
    [10, "switch", "alice", "200 OK"],
    [10, "switch", "alice", "183 Session Progress", { sdp: OURS, headers: { RSeq: keep } }],
    [15, "alice", "switch", "PRACK", { headers: { RAck: "1 1 INVITE" } }],
    [15, "switch", "alice", "481 Call/Transaction Does Not Exist"],
    [20, "alice", "switch", "PRACK"],
    [20, "switch", "alice", "200 OK"],
    [500, "alice", "switch", "CANCEL"],
    [500, "switch", "alice", "200 OK"],
    [500, "switch", "alice", "487 Request Terminated"],
    [510, "alice", "switch", "ACK"],
  ]);
  t.equal((rseqs[1] ?? 0) - (rseqs[0] ?? 0), 1, "RSeq goes up by one");
  await bench.leavesNothing(t);
});

t.test("CANCEL while the answer waits for a PRACK: 487, and no 200 any more", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      if (event.cause !== "new") return;
      await sip.execute({ type: "dialog.ring", callid: event.info.callid, sdp: OURS });
      await sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Supported: "100rel" } }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "183 Session Progress"],
    [
      100,
      "alice",
      "switch",
      "CANCEL",
      { headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } },
    ],
    [100, "switch", "alice", "200 OK"],
    [100, "switch", "alice", "487 Request Terminated"],
    [110, "alice", "switch", "ACK"],
  ]);
  t.strictSame(bench.causes, ["new", "ended"]);
  t.match(bench.lastInfo.reason, { protocol: "SIP", cause: 200, text: "Call completed elsewhere" });
  await bench.leavesNothing(t);
});

t.test(
  "RFC 6337 §3.1: late offer with 100rel: the 183 offers, its PRACK answers, the 200 says nothing",
  async (t) => {
    const bench = await new SipBench({ control: early }).ready();
    await bench.flow(
      t,
      [
        [0, "alice", "switch", "INVITE", { headers: { Supported: "100rel" } }],
        [0, "switch", "alice", "100 Trying"],
        [0, "switch", "alice", "183 Session Progress", { sdp: OURS }],
        [10, "alice", "switch", "PRACK", { sdp: OFFER }],
        [10, "switch", "alice", "200 OK", { sdp: "" }],
        [1000, "switch", "alice", "200 OK", { sdp: "", headers: { CSeq: "1 INVITE" } }],
        [1010, "alice", "switch", "ACK"],
        [2000, "alice", "switch", "BYE"],
        [2000, "switch", "alice", "200 OK"],
      ],
      [[1000, answerIt(bench)]],
    );
    t.strictSame(bench.causes, ["new", "early", "answered", "ended"]);
    t.match(bench.lastInfo.sdp, { us: OURS, them: OFFER });
    await bench.leavesNothing(t);
  },
);

t.test("late offer without 100rel: an 18x may not offer, so the 200 does (RFC 3261 §13.2.1)", async (t) => {
  const bench = await new SipBench({ control: early }).ready();
  await bench.flow(
    t,
    [
      [0, "alice", "switch", "INVITE"],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "180 Ringing", { sdp: "" }],
      [1000, "switch", "alice", "200 OK", { sdp: OURS }],
      [1010, "alice", "switch", "ACK", { sdp: OFFER }],
      [2000, "alice", "switch", "BYE"],
      [2000, "switch", "alice", "200 OK"],
    ],
    [[1000, answerIt(bench)]],
  );
  t.match(bench.lastInfo.sdp, { us: OURS, them: OFFER });
  await bench.leavesNothing(t);
});

t.test("RFC 3262 §5: a PRACK with a new offer: control's answer goes into its 200", async (t) => {
  const bench = await new SipBench({
    control: async (event, sip) => {
      await early(event, sip);
      if (event.cause === "reinvite")
        await sip.execute({ type: "dialog.ok", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  const second = OFFER.replace("40000", "40002");
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Supported: "100rel" } }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "183 Session Progress", { sdp: OURS }],
    [10, "alice", "switch", "PRACK", { sdp: second }],
    [10, "switch", "alice", "200 OK", { sdp: OURS, headers: { CSeq: "2 PRACK" } }],
    [500, "alice", "switch", "BYE"],
    [500, "switch", "alice", "200 OK"],
    [500, "switch", "alice", "487 Request Terminated"],
    [510, "alice", "switch", "ACK", { lost: true }],
    [1000, "switch", "alice", "487 Request Terminated", { retransmission: true }],
    [1010, "alice", "switch", "ACK", { retransmission: true }],
  ]);
  t.equal(bench.lastInfo.sdp.them, second);
  await bench.leavesNothing(t);
});

t.test("183 with a description from the far end is told; an unreliable one needs no PRACK", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE", { headers: { Supported: /100rel/ } }],
      [10, "bob", "switch", "183 Session Progress", { sdp: THEIRS }],
      [20, "bob", "switch", "180 Ringing"],
      [30, "bob", "switch", "183 Session Progress", { sdp: THEIRS, headers: { Server: "again" } }],
      [3000, "bob", "switch", "200 OK", { sdp: THEIRS }],
      [3000, "switch", "bob", "ACK"],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
    ],
    [[0, call()]],
  );
  t.strictSame(bench.causes, ["early", "ringing", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("a reliable 183 gets its PRACK, a repeated one no other, and the 200 need say nothing", async (t) => {
  const bench = await bobRegistered();
  const reliable = { Require: "100rel", RSeq: "7" };
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "183 Session Progress", { sdp: THEIRS, headers: reliable }],
      [10, "switch", "bob", "PRACK", { headers: { RAck: "7 1 INVITE", CSeq: "2 PRACK" } }],
      [12, "bob", "switch", "183 Session Progress", { retransmission: true }],
      [15, "bob", "switch", "200 OK", { to: "PRACK" }],
      [20, "bob", "switch", "180 Ringing", { to: "INVITE", headers: { Require: "100rel", RSeq: "9" } }],
      [30, "bob", "switch", "180 Ringing", { to: "INVITE", headers: { Require: "100rel", RSeq: "8" } }],
      [30, "switch", "bob", "PRACK", { headers: { RAck: "8 1 INVITE", CSeq: "3 PRACK" } }],
      [35, "bob", "switch", "200 OK", { to: "PRACK", headers: { Server: "second" } }],
      [3000, "bob", "switch", "200 OK", { to: "INVITE" }],
      [3000, "switch", "bob", "ACK", { headers: { CSeq: "1 ACK" } }],
      [9000, "switch", "bob", "BYE", { headers: { CSeq: "4 BYE" } }],
      [9010, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call()],
      [9000, (sip) => sip.execute({ type: "dialog.hangup", callid })],
    ],
  );
  t.strictSame(bench.causes, ["early", "ringing", "answered", "ended"]);
  t.equal(bench.lastInfo.sdp.them, THEIRS);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 6337 §3.1: our late offer: the reliable 183 offers, control answers, the PRACK carries it",
  async (t) => {
    const bench = await bobRegistered({
      control: (event, sip) =>
        event.cause === "early-offer" && sip.execute({ type: "dialog.ack", callid, sdp: OURS }),
    });
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE", { sdp: "" }],
        [
          10,
          "bob",
          "switch",
          "183 Session Progress",
          { sdp: THEIRS, headers: { Require: "100rel", RSeq: "1" } },
        ],
        [10, "switch", "bob", "PRACK", { sdp: OURS, headers: { RAck: "1 1 INVITE" } }],
        [20, "bob", "switch", "200 OK", { to: "PRACK" }],
        [3000, "bob", "switch", "200 OK", { to: "INVITE" }],
        [3000, "switch", "bob", "ACK", { sdp: "" }],
        [9000, "bob", "switch", "BYE"],
        [9000, "switch", "bob", "200 OK"],
      ],
      [[0, lateCall]],
    );
    t.strictSame(bench.causes, ["early-offer", "answered", "ended"]);
    t.match(bench.lastInfo.sdp, { us: OURS, them: THEIRS });
    await bench.leavesNothing(t);
  },
);

t.test(
  "field notes §10.4: two forks show themselves before the answer; the one that answers counts",
  async (t) => {
    const bench = await bobRegistered();
    const other = sdp("198.51.100.77");
    const fork = (tag: string): string => `<sip:bob@${DOMAIN}>;tag=${tag}`;
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "183 Session Progress", { sdp: THEIRS, headers: { To: fork("one") } }],
        [
          20,
          "bob",
          "switch",
          "183 Session Progress",
          { sdp: other, headers: { To: fork("two"), Require: "100rel", RSeq: "5" } },
        ],
        [20, "switch", "bob", "PRACK", { headers: { To: fork("two"), RAck: "5 1 INVITE", CSeq: "2 PRACK" } }],
        [25, "bob", "switch", "200 OK", { to: "PRACK" }],
        [3000, "bob", "switch", "200 OK", { to: "INVITE", headers: { To: fork("one") } }],
        [3000, "switch", "bob", "ACK", { headers: { To: fork("one") } }],
        [3010, "bob", "switch", "200 OK", { to: "INVITE", headers: { To: fork("two") } }],
        [3010, "switch", "bob", "ACK", { headers: { To: fork("two") } }],
        [3010, "switch", "bob", "BYE", { headers: { To: fork("two"), CSeq: "3 BYE" } }],
        [3020, "bob", "switch", "200 OK", { to: "BYE" }],
        [3030, "bob", "switch", "200 OK", { to: "INVITE", headers: { To: fork("two"), Server: "again" } }],
        [3030, "switch", "bob", "ACK", { headers: { To: fork("two") } }],
        [9000, "switch", "bob", "BYE", { headers: { To: fork("one") } }],
        [9010, "bob", "switch", "200 OK", { to: "BYE" }],
      ],
      [
        [0, call()],
        [9000, (sip) => sip.execute({ type: "dialog.hangup", callid })],
      ],
    );
    t.strictSame(bench.causes, ["early", "early", "answered", "ended"]);
    const answered = bench.events.find((event) => event.type === "dialog" && event.cause === "answered");
    t.match(answered, { info: { sdp: { them: THEIRS } } }, "what the winner showed, not what came last");
    await bench.leavesNothing(t);
  },
);

t.test("RFC 3261 §13.3.1.1: a call that rings for long is told so every minute", async (t) => {
  const bench = await new SipBench({
    control: (event, sip) =>
      event.cause === "new" && sip.execute({ type: "dialog.ring", callid: event.info.callid }),
  }).ready();
  const again = { retransmission: true } as const;
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "180 Ringing"],
    [60_000, "switch", "alice", "180 Ringing", again],
    [120_000, "switch", "alice", "180 Ringing", again],
    [180_000, "switch", "alice", "480 Temporarily Unavailable"],
    [180_010, "alice", "switch", "ACK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("UPDATE in an early dialog, both ways (RFC 3311 §5)", async (t) => {
  const second = OFFER.replace("40000", "40002");
  const bench = await new SipBench({
    control: async (event, sip) => {
      await early(event, sip);
      if (event.cause === "reinvite")
        await sip.execute({ type: "dialog.ok", callid: event.info.callid, sdp: OURS });
    },
  }).ready();
  await bench.flow(
    t,
    [
      [
        0,
        "alice",
        "switch",
        "INVITE",
        { sdp: OFFER, headers: { Supported: "100rel", Allow: "INVITE, UPDATE" } },
      ],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "183 Session Progress", { sdp: OURS, headers: { Allow: /UPDATE/ } }],
      [5, "alice", "switch", "UPDATE", { sdp: second }],
      [5, "switch", "alice", "500 Another offer is in progress", { headers: { "Retry-After": /^\d+$/ } }],
      [10, "alice", "switch", "PRACK"],
      [10, "switch", "alice", "200 OK"],
      [20, "alice", "switch", "UPDATE", { sdp: second }],
      [20, "switch", "alice", "200 OK", { sdp: OURS, headers: { CSeq: "4 UPDATE" } }],
      [100, "switch", "alice", "UPDATE", { sdp: OURS, headers: { CSeq: "1 UPDATE" } }],
      [110, "alice", "switch", "200 OK", { sdp: second }],
      [500, "alice", "switch", "CANCEL"],
      [500, "switch", "alice", "200 OK"],
      [500, "switch", "alice", "487 Request Terminated"],
      [510, "alice", "switch", "ACK"],
    ],
    [[100, (sip) => sip.execute({ type: "dialog.reinvite", callid: inbound(bench), sdp: OURS })]],
  );
  t.strictSame(bench.causes, ["new", "reinvite", "modified", "ended"]);
  await bench.leavesNothing(t);
});

t.test("what our INVITE says that we can do", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [
        0,
        "switch",
        "bob",
        "INVITE",
        {
          check: (message) => {
            t.match(header(message, "supported"), /100rel, timer, replaces/);
            t.match(header(message, "allow"), /PRACK/);
            t.equal(header(message, "require"), undefined);
            t.equal(header(message, "session-expires"), "1800");
          },
        },
      ],
      [10, "bob", "switch", "486 Busy Here"],
      [10, "switch", "bob", "ACK"],
    ],
    [[0, call()]],
  );
  await bench.leavesNothing(t);
});
