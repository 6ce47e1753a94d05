/** A Q.850 cause value beside the status (RFC 3326, RFC 6432): in BYE, CANCEL and a final response. */
import t from "tap";
import type { LadderRow } from "../support/ladder.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");
const callid = "our-call";

type Control = NonNullable<SipBenchOptions["control"]>;

const up: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: OFFER }],
  [0, "switch", "alice", "100 Trying"],
];

t.test("BYE: both are told", async (t) => {
  let ours = "";
  const answering: Control = (event, sip) => {
    if (event.cause !== "new") return undefined;
    ours = event.info.callid;
    return sip.execute({ type: "dialog.answer", callid: ours, sdp: OURS });
  };
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(
    t,
    [
      ...up,
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK"],
      [
        1000,
        "switch",
        "alice",
        "BYE",
        { headers: { Reason: 'SIP;cause=503;text="No line", Q.850;cause=34' } },
      ],
      [1010, "alice", "switch", "200 OK"],
    ],
    [
      [
        1000,
        (sip) => sip.execute({ type: "dialog.hangup", callid: ours, code: 503, reason: "No line", q850: 34 }),
      ],
    ],
  );
  await bench.leavesNothing(t);
});

t.test("a refusal: the status stands in its first line, the cause value in Reason", async (t) => {
  const refusing: Control = (event, sip) =>
    event.cause === "new" &&
    sip.execute({ type: "dialog.hangup", callid: event.info.callid, code: 503, reason: "No line", q850: 34 });
  const bench = await new SipBench({ control: refusing }).ready();
  await bench.flow(t, [
    ...up,
    [0, "switch", "alice", "503 No line", { headers: { Reason: "Q.850;cause=34" } }],
    [10, "alice", "switch", "ACK"],
  ]);
  await bench.leavesNothing(t);
});

t.test("CANCEL: also without a status", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  const request = { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS };
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "180 Ringing"],
      [1000, "switch", "bob", "CANCEL", { headers: { Reason: "Q.850;cause=26" } }],
      [1010, "bob", "switch", "200 OK", { to: "CANCEL" }],
      [1010, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
      [1010, "switch", "bob", "ACK"],
    ],
    [
      [0, (sip) => sip.execute({ type: "dialog.invite", request })],
      [1000, (sip) => sip.execute({ type: "dialog.hangup", callid, q850: 26 })],
    ],
  );
});
