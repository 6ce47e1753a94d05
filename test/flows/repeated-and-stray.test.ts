/** Messages that come again, or from nowhere: each has broken a server somewhere. */
import t from "tap";
import type { LadderRow } from "../support/ladder.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const ANSWER = sdp("192.0.2.1");

const answering: SipBenchOptions["control"] = (event, sip) => {
  const { callid } = event.info;
  if (event.cause === "new") return sip.execute({ type: "dialog.answer", callid, sdp: ANSWER });
  if (event.cause === "reinvite") return sip.execute({ type: "dialog.ok", callid, sdp: ANSWER });
  return undefined;
};

const branch = "z9hG4bKthe-same-again";
const via = `SIP/2.0/UDP 198.51.100.10:5060;branch=${branch};rport`;

const up: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Via: via } }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "alice", "200 OK"],
  [10, "alice", "switch", "ACK"],
];
const down: readonly LadderRow[] = [
  [9000, "alice", "switch", "BYE"],
  [9000, "switch", "alice", "200 OK"],
];

t.test(
  "RFC 3261 §17.2.3: a re-INVITE with the branch of the INVITE is a copy of that, and harms nobody",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...up,
      [1000, "alice", "switch", "INVITE", { sdp: OFFER, headers: { Via: via } }],
      // Taken for a copy of an INVITE that is answered and acknowledged (RFC 6026 §7.1), it is absorbed.
      [2000, "alice", "switch", "INVITE", { sdp: OFFER }],
      [2000, "switch", "alice", "100 Trying"],
      [2000, "switch", "alice", "200 OK", { headers: { CSeq: "3 INVITE" } }],
      [2010, "alice", "switch", "ACK"],
      ...down,
    ]);
    t.strictSame(bench.causes, ["new", "answered", "reinvite", "answered", "ended"]);
    await bench.leavesNothing(t);
  },
);

t.test("ACKs without end: of a call that is up, and of one that is over; nothing answers them", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    ...up,
    ...[20, 30, 40, 50].map((at): LadderRow => [at, "alice", "switch", "ACK", { retransmission: true }]),
    [100, "alice", "switch", "BYE"],
    [100, "switch", "alice", "200 OK"],
    ...[200, 300, 400].map((at): LadderRow => [at, "alice", "switch", "ACK", { retransmission: true }]),
  ]);
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 3261 §17.2.1: a refusal whose ACK comes twice, and late: it is repeated until then, and never after",
  async (t) => {
    const bench = await new SipBench({
      control: ({ cause, info: { callid } }, sip) =>
        cause === "new" && sip.execute({ type: "dialog.hangup", callid, code: 486 }),
    }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "486 Busy Here"],
      [500, "switch", "alice", "486 Busy Here", { retransmission: true }],
      [1500, "switch", "alice", "486 Busy Here", { retransmission: true }],
      [1600, "alice", "switch", "ACK"],
      [1700, "alice", "switch", "ACK", { retransmission: true }],
      [20_000, "alice", "switch", "ACK", { retransmission: true }],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test("a call that was challenged and tried again is cancelled once, by what was tried last", async (t) => {
  const bench = await new SipBench().ready();
  const challenge = 'Digest realm="trunk", nonce="n1", algorithm=MD5, qop="auth"';
  const callid = "our-call";
  const request = {
    callid,
    from: { user: "bob", domain: DOMAIN, authsecret: "open sesame" },
    to: { user: "1234", domain: "198.51.100.10" },
    sdp: ANSWER,
  };
  await bench.flow(
    t,
    [
      [0, "switch", "alice", "INVITE", { headers: { CSeq: "1 INVITE" } }],
      [
        10,
        "alice",
        "switch",
        "407 Proxy Authentication Required",
        { headers: { "Proxy-Authenticate": challenge } },
      ],
      [10, "switch", "alice", "ACK", { headers: { CSeq: "1 ACK" } }],
      [
        10,
        "switch",
        "alice",
        "INVITE",
        { headers: { CSeq: "2 INVITE", "Call-ID": callid, "Proxy-Authorization": /username="bob"/ } },
      ],
      [20, "alice", "switch", "180 Ringing"],
      [1000, "switch", "alice", "CANCEL", { headers: { CSeq: "2 CANCEL" } }],
      [1010, "alice", "switch", "200 OK", { to: "CANCEL" }],
      [1010, "alice", "switch", "487 Request Terminated"],
      [1010, "switch", "alice", "ACK", { headers: { CSeq: "2 ACK" } }],
    ],
    [
      [0, (sip) => sip.execute({ type: "dialog.invite", request })],
      [1000, (sip) => sip.execute({ type: "dialog.hangup", callid })],
    ],
  );
  await bench.leavesNothing(t);
});

t.test("a Contact that is none is refused: nobody could be reached by it", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "REGISTER", { expires: 60, contact: "None" }],
    [0, "switch", "alice", "400 Bad Request"],
    [100, "alice", "switch", "INVITE", { sdp: OFFER, contact: "None" }],
    [100, "switch", "alice", "400 Bad Request"],
  ]);
});

t.test(
  "a phone moves from UDP to another connection: what the old one leaves behind takes nothing away",
  async (t) => {
    const bench = await new SipBench({ bobBy: "WSS" }).ready();
    const instance = ';+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";reg-id=1';
    const supported = { Supported: "path, outbound" };
    bench.bobs.send("REGISTER", {
      expires: 3600,
      contact: `<sip:bob@198.51.100.21>${instance}`,
      headers: supported,
    });
    await bench.clock.advance(1000 as never);
    bench.bob.send("REGISTER", {
      expires: 3600,
      contact: `<sip:bob@198.51.100.20;transport=ws>${instance}`,
      headers: supported,
    });
    await bench.clock.advance(1000 as never);
    const registered = (): Promise<object> =>
      bench.sip.execute({ type: "registrations.domain", domain: DOMAIN });
    t.match(await registered(), { users: { bob: { registered: true, remote: { host: "198.51.100.20" } } } });
    // The old place takes its own Contact back.
    bench.bobs.send("REGISTER", { expires: 0, contact: "<sip:bob@198.51.100.21>;expires=0" });
    await bench.clock.advance(1000 as never);
    t.match(await registered(), { users: { bob: { registered: true, remote: { host: "198.51.100.20" } } } });
  },
);
