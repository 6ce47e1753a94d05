/** Cases that have broken other servers; docs/flows.md says where those are that other tests show. */
import t from "tap";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import { ALICE_SDP, PbxBench, ringing, talking } from "../support/pbx-bench.js";
import { header } from "../support/sip-text.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");
const callid = "our-call";

const answering: SipBenchOptions["control"] = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });

const call = (sip: LocalSipService): Promise<unknown> =>
  sip.execute({
    type: "dialog.invite",
    request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS },
  });

t.test(
  "a callee that rings and never answers: given up after three minutes, 480 to the caller",
  async (t) => {
    const pbx = await new PbxBench().started();
    await pbx.bench.flow(t, [
      ...ringing,
      [60_100, "switch", "alice", "180 Ringing", { retransmission: true }],
      [120_100, "switch", "alice", "180 Ringing", { retransmission: true }],
      // Each leg has its own three minutes; the caller's began first.
      [180_000, "switch", "alice", "480 Temporarily Unavailable"],
      [180_000, "switch", "bob", "CANCEL"],
      [180_010, "alice", "switch", "ACK"],
      [180_010, "bob", "switch", "200 OK", { to: "CANCEL" }],
      [180_010, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
      [180_010, "switch", "bob", "ACK"],
    ]);
    await pbx.endsClean(t);
  },
);

t.test(
  "a callee that takes the CANCEL and never ends its INVITE: forgotten after 64*T1 (RFC 3261 §9.1)",
  async (t) => {
    const bench = new SipBench();
    await bench.registered(bench.bob);
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "180 Ringing"],
        [1000, "switch", "bob", "CANCEL"],
        [1010, "bob", "switch", "200 OK", { to: "CANCEL" }],
      ],
      [
        [0, call],
        [1000, (sip) => sip.execute({ type: "dialog.hangup", callid })],
      ],
    );
    t.strictSame(bench.causes, ["ringing", "ended"]);
    await bench.leavesNothing(t);
  },
);

t.test("a relayed failure carries the caller's own From, To, Via and CSeq", async (t) => {
  const pbx = await new PbxBench().started();
  const trace = await pbx.bench.flow(t, [
    ...ringing.slice(0, 3),
    [100, "bob", "switch", "603 Decline"],
    [100, "switch", "bob", "ACK"],
    [100, "switch", "alice", "480 Temporarily Unavailable"],
    [110, "alice", "switch", "ACK"],
  ]);
  const invite = trace[0]?.text;
  const refusal = trace.find(({ to, message }) => to === "alice" && message.startsWith("480"))?.text;
  if (invite === undefined || refusal === undefined) throw new Error("no refusal");
  for (const name of ["from", "cseq", "call-id"]) t.equal(header(refusal, name), header(invite, name), name);
  t.match(header(refusal, "via"), /^SIP\/2\.0\/UDP 198\.51\.100\.10:5060;branch=/);
});

t.test("what looks in-dialog after a CANCEL, or of a call that is over: 481", async (t) => {
  const bench = await new SipBench({
    control: (event, sip) =>
      event.cause === "new" && sip.execute({ type: "dialog.ring", callid: event.info.callid }),
  }).ready();
  const trace = await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "180 Ringing"],
    [100, "alice", "switch", "CANCEL"],
    [100, "switch", "alice", "200 OK"],
    [100, "switch", "alice", "487 Request Terminated"],
    [110, "alice", "switch", "ACK"],
  ]);
  const invite = Buffer.from(trace[0]?.datagram.octets ?? []).toString("latin1");
  const tag = /tag=\S+/.exec(
    header(trace[2]?.text ?? { firstLine: "", headers: [], body: "" }, "to") ?? "",
  )?.[0];
  const again = invite
    .replace(/branch=z9hG4bK/, "branch=z9hG4bKlater")
    .replace(/^(To: .*)$/m, `$1;${tag ?? ""}`)
    .replace("CSeq: 1", "CSeq: 2");
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { raw: again }],
    [0, "switch", "alice", "481 Call/Transaction Does Not Exist"],
    [10, "alice", "switch", "ACK", { raw: again.replaceAll("INVITE", "ACK") }],
  ]);
  await bench.leavesNothing(t);
});

t.test("a 200 that comes again after the BYE gets its ACK, and nothing wakes up", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "200 OK", { sdp: OFFER }],
      [10, "switch", "bob", "ACK", { lost: true }],
      [300, "switch", "bob", "BYE"],
      [510, "bob", "switch", "200 OK", { to: "INVITE", sdp: OFFER, headers: { Server: "again" } }],
      [510, "switch", "bob", "ACK"],
      [520, "bob", "switch", "200 OK", { to: "BYE" }],
    ],
    [
      [0, call],
      [300, (sip) => sip.execute({ type: "dialog.hangup", callid })],
    ],
  );
  t.strictSame(bench.causes, ["answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("hung up while ringing in a group of legs: each leg of the caller's is ended once", async (t) => {
  const pbx = await new PbxBench({
    script: (call) =>
      call.newcall([{ to: { user: "bob" } }, { to: { user: "bob", domain: "198.51.100.21" } }]),
  }).started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "bob", "INVITE"],
    [0, "switch", "bobs", "INVITE"],
    [10, "bob", "switch", "180 Ringing"],
    [10, "switch", "alice", "180 Ringing"],
    [20, "bobs", "switch", "180 Ringing"],
    [500, "alice", "switch", "CANCEL"],
    [500, "switch", "alice", "200 OK"],
    [500, "switch", "alice", "487 Request Terminated"],
    [500, "switch", "bob", "CANCEL"],
    [500, "switch", "bobs", "CANCEL"],
    [510, "alice", "switch", "ACK"],
    [510, "bob", "switch", "200 OK", { to: "CANCEL" }],
    [510, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
    [510, "switch", "bob", "ACK"],
    [520, "bobs", "switch", "200 OK", { to: "CANCEL" }],
    [520, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
    [520, "switch", "bobs", "ACK"],
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3261 §16.7: a 603 ends the search: the other phone of the user gets a CANCEL", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob, bench.bobs);
  await bench.flow(
    t,
    [
      [0, "switch", "bobs", "INVITE"],
      [0, "switch", "bob", "INVITE"],
      [10, "bobs", "switch", "180 Ringing"],
      [20, "bob", "switch", "603 Decline"],
      [20, "switch", "bob", "ACK"],
      [20, "switch", "bobs", "CANCEL", { headers: { Reason: "SIP;cause=603" } }],
      [30, "bobs", "switch", "200 OK", { to: "CANCEL" }],
      [30, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
      [30, "switch", "bobs", "ACK"],
    ],
    [[0, call]],
  );
  t.equal(bench.lastInfo.error.code, 603);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 3261 §8.1.3.5: 420 is tried again without what was not known, 401 again only with a stale nonce",
  async (t) => {
    const bench = new SipBench();
    await bench.registered(bench.bob);
    const challenge = (nonce: string, stale = ""): { headers: Record<string, string> } => ({
      headers: { "WWW-Authenticate": `Digest realm="r", nonce="${nonce}", qop="auth"${stale}` },
    });
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE", { headers: { Supported: "100rel, timer, replaces, norefersub" } }],
        [10, "bob", "switch", "420 Bad Extension", { headers: { Unsupported: "timer" } }],
        [10, "switch", "bob", "ACK"],
        [
          10,
          "switch",
          "bob",
          "INVITE",
          { headers: { Supported: "100rel, replaces, norefersub", CSeq: "2 INVITE" } },
        ],
        [20, "bob", "switch", "401 Unauthorized", challenge("one")],
        [20, "switch", "bob", "ACK"],
        [20, "switch", "bob", "INVITE", { headers: { Authorization: /nonce="one"/, CSeq: "3 INVITE" } }],
        [30, "bob", "switch", "401 Unauthorized", challenge("two", ", stale=true")],
        [30, "switch", "bob", "ACK"],
        [30, "switch", "bob", "INVITE", { headers: { Authorization: /nonce="two"/, CSeq: "4 INVITE" } }],
        [40, "bob", "switch", "401 Unauthorized", challenge("three")],
        [40, "switch", "bob", "ACK"],
      ],
      [
        [
          0,
          (sip) =>
            sip.execute({
              type: "dialog.invite",
              request: {
                callid,
                from: { user: "alice", domain: DOMAIN, authsecret: "wonderland" },
                to: { user: "bob" },
                sdp: OURS,
              },
            }),
        ],
      ],
    );
    t.equal(bench.lastInfo.error.code, 401);
    await bench.leavesNothing(t);
  },
);

t.test("a BYE that is never answered: repeated up to 64*T1, and the call ends all the same", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  const again = { retransmission: true } as const;
  await bench.flow(
    t,
    [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      [1000, "switch", "alice", "BYE"],
      ...[500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map(
        (at) => [1000 + at, "switch", "alice", "BYE", again] as const,
      ),
    ],
    [
      [
        1000,
        (sip) => {
          const [event] = bench.events;
          const id = event?.type === "dialog" ? event.info.callid : "";
          return sip.execute({ type: "dialog.hangup", callid: id });
        },
      ],
    ],
  );
  t.equal(bench.causes.at(-1), "ended");
  await bench.leavesNothing(t);
});

t.test("a key press by INFO is heard by the other phone as telephone-event", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    ...talking,
    [
      5000,
      "alice",
      "switch",
      "INFO",
      { sdp: "Signal=7\r\nDuration=120\r\n", headers: { "Content-Type": "application/dtmf-relay" } },
    ],
    [5000, "switch", "alice", "200 OK"],
    [9000, "alice", "switch", "BYE"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "bob", "BYE"],
    [9010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  t.match(pbx.media.commandsOf("dtmf"), [{ digits: "7", duration: 120 }]);
  await pbx.endsClean(t);
});
