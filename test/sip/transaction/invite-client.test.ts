import t from "tap";
import { overUdp } from "../../support/fake-network.js";
import { ms } from "../../../ts/core/brand.js";
import { callFlow, type LadderRow } from "../../support/ladder.js";
import { allHeaders, cseqOf, header, headerParam } from "../../support/sip-text.js";
import { PHONE, requestTo, transactionRig } from "../../support/transaction-rig.js";

const again = { retransmission: true } as const;

const repeats = (times: readonly number[], message: string): LadderRow[] =>
  times.map((at): LadderRow => [at, "switch", "phone", message, again]);

t.test("an INVITE to nowhere: timer A doubles, timer B ends it (RFC 3261 §17.1.1.2)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  at(0, () => layer.request(requestTo("INVITE"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    ...repeats([500, 1500, 3500, 7500, 15_500, 31_500], "INVITE"),
  ]);
  t.same(user.told, ["32000 failed timeout"]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "a provisional response stops timer A; the final one is acknowledged and its copies too",
  async (t) => {
    const { flow, layer, user, at, clock } = transactionRig();
    at(0, () => layer.request(requestTo("INVITE"), overUdp(PHONE), user.client()));
    await callFlow(t, flow, [
      [0, "switch", "phone", "INVITE"],
      ...repeats([500], "INVITE"),
      [700, "phone", "switch", "100 Trying"],
      [5000, "phone", "switch", "180 Ringing"],
      [9000, "phone", "switch", "486 Busy Here"],
      [9000, "switch", "phone", "ACK", { lost: true }],
      [9500, "phone", "switch", "486 Busy Here", again],
      [9500, "switch", "phone", "ACK", again],
      [40_999, "phone", "switch", "486 Busy Here", again],
      [40_999, "switch", "phone", "ACK", again],
      [41_001, "phone", "switch", "486 Busy Here", again],
    ]);
    t.same(
      user.told,
      ["700 response 100", "5000 response 180", "9000 response 486"],
      "once, until D at 41000",
    );
    t.same([...layer.refused], [["unmatched-response", 1]]);
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("the ACK of a final response is built as RFC 3261 §17.1.1.3 says", async (t) => {
  const { flow, layer, user, at } = transactionRig();
  const invite = requestTo("INVITE", "c", 7);
  invite.headers.route = [
    { uri: "sip:p1.example.org;lr", params: {} },
    { uri: "sip:p2.example.org;lr", params: {} },
  ];
  at(0, () => layer.request(invite, overUdp(PHONE), user.client()));
  const trace = await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    [10, "phone", "switch", "404 Not Found"],
    [10, "switch", "phone", "ACK", { headers: { "content-type": null, contact: null } }],
  ]);
  const [sent, refused, ack] = trace.map(({ text }) => text);
  t.equal(ack?.firstLine, "ACK sip:alice@192.0.2.10 SIP/2.0");
  for (const name of ["via", "from", "call-id"]) t.equal(header(ack!, name), header(sent!, name), name);
  t.equal(header(ack!, "to"), header(refused!, "to"));
  t.ok(headerParam(header(ack!, "to"), "tag"));
  t.same(cseqOf(ack!), { seq: 7, method: "ACK" });
  t.equal(
    allHeaders(ack!, "route").join(",").replaceAll(" ", ""),
    "<sip:p1.example.org;lr>,<sip:p2.example.org;lr>",
  );
  t.same(invite.headers.via, [], "the request given is not changed");
});

t.test("Accepted lets each 2xx through until timer M (RFC 6026 §7.2)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  at(0, () => layer.request(requestTo("INVITE"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    [100, "phone", "switch", "200 OK"],
    [600, "phone", "switch", "200 OK", again],
    [700, "phone", "switch", "180 Ringing"],
    [800, "phone", "switch", "486 Busy Here"],
    [900, "phone", "switch", "200 OK", { headers: { To: "<sip:alice@example.org>;tag=another-fork" } }],
    [32_099, "phone", "switch", "200 OK", again],
    [32_101, "phone", "switch", "200 OK", again],
  ]);
  t.same(user.told, ["100 response 200", "600 response 200", "900 response 200", "32099 response 200"]);
  t.same([...layer.refused], [["unmatched-response", 1]]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

/** Timer E of the CANCEL's own transaction, without the first. */
const CANCEL_GAPS = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];

t.test(
  "timer C: a phone that rings and falls silent is cancelled, then given up (§16.8, §9.1)",
  async (t) => {
    const { flow, layer, user, at, clock } = transactionRig();
    at(0, () => layer.request(requestTo("INVITE"), overUdp(PHONE), user.client()));
    await callFlow(t, flow, [
      [0, "switch", "phone", "INVITE"],
      [200, "phone", "switch", "100 Trying"],
      [150_000, "phone", "switch", "180 Ringing"],
      [160_000, "phone", "switch", "100 Trying", again],
      [331_000, "switch", "phone", "CANCEL"],
      ...repeats(
        CANCEL_GAPS.map((gap) => 331_000 + gap),
        "CANCEL",
      ),
    ]);
    t.same(user.told.at(-1), "363000 failed timeout");
    t.equal(user.told.length, 4);
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("timer C: a phone that then answers the CANCEL ends it with its 487", async (t) => {
  const { flow, layer, user, at } = transactionRig();
  at(0, () => layer.request(requestTo("INVITE"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    [0, "phone", "switch", "180 Ringing"],
    [181_000, "switch", "phone", "CANCEL"],
    [181_010, "phone", "switch", "200 OK", { to: "CANCEL" }],
    [181_010, "phone", "switch", "487 Request Terminated"],
    [181_010, "switch", "phone", "ACK"],
  ]);
  t.same(user.told, ["0 response 180", "181010 response 487"]);
  t.equal(layer.size, 0);
});

t.test("CANCEL: same branch, CSeq number, Request-URI, Route and To as the INVITE (§9.1)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  const invite = requestTo("INVITE", "c", 9);
  invite.headers.route = [{ uri: "sip:p1.example.org;lr", params: {} }];
  at(0, () => {
    const transaction = layer.request(invite, overUdp(PHONE), user.client());
    at(300, () => layer.cancel(transaction, "SIP;cause=200"));
    at(301, () => layer.cancel(transaction));
  });
  const trace = await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    [100, "phone", "switch", "180 Ringing"],
    [300, "switch", "phone", "CANCEL", { headers: { reason: "SIP;cause=200", contact: null } }],
    [320, "phone", "switch", "200 OK", { to: "CANCEL" }],
    [320, "phone", "switch", "487 Request Terminated"],
    [320, "switch", "phone", "ACK"],
  ]);
  const [sent, , cancel] = trace.map(({ text }) => text);
  t.equal(cancel?.firstLine, "CANCEL sip:alice@192.0.2.10 SIP/2.0");
  for (const name of ["via", "from", "to", "call-id", "route"]) {
    t.equal(header(cancel!, name), header(sent!, name), name);
  }
  t.same(cseqOf(cancel!), { seq: 9, method: "CANCEL" });
  t.same(user.told, ["100 response 180", "320 response 487"]);
  t.equal(clock.pendingTimers, 0);
});

t.test("a CANCEL waits for the first provisional response (§9.1)", async (t) => {
  const { flow, layer, user, at } = transactionRig();
  at(0, () => {
    const transaction = layer.request(requestTo("INVITE"), overUdp(PHONE), user.client());
    at(100, () => layer.cancel(transaction));
  });
  await callFlow(t, flow, [
    [0, "switch", "phone", "INVITE"],
    ...repeats([500], "INVITE"),
    [600, "phone", "switch", "100 Trying"],
    [600, "switch", "phone", "CANCEL"],
    [610, "phone", "switch", "200 OK", { to: "CANCEL" }],
    [610, "phone", "switch", "487 Request Terminated"],
    [610, "switch", "phone", "ACK"],
  ]);
  t.same(user.told, ["600 response 100", "610 response 487"]);
});

t.test("a CANCEL that crosses the 2xx is not sent; one that meets silence ends after 64*T1", async (t) => {
  const answered = transactionRig();
  answered.at(0, () => {
    const transaction = answered.layer.request(requestTo("INVITE"), overUdp(PHONE), answered.user.client());
    answered.at(20, () => answered.layer.cancel(transaction));
  });
  await callFlow(t, answered.flow, [
    [0, "switch", "phone", "INVITE"],
    [10, "phone", "switch", "200 OK"],
  ]);

  const silent = transactionRig();
  silent.at(0, () => {
    const transaction = silent.layer.request(requestTo("INVITE"), overUdp(PHONE), silent.user.client());
    silent.at(1000, () => silent.layer.cancel(transaction));
  });
  await callFlow(t, silent.flow, [
    [0, "switch", "phone", "INVITE"],
    [10, "phone", "switch", "180 Ringing"],
    [1000, "switch", "phone", "CANCEL"],
    [1005, "phone", "switch", "200 OK", { to: "CANCEL" }],
  ]);
  t.same(silent.user.told, ["10 response 180", "33000 failed timeout"]);
  t.equal(silent.layer.size, 0);
});

t.test("a transport error ends an INVITE that has no final response (§17.1.4)", async (t) => {
  const { network, layer, user, clock } = transactionRig();
  network.refuse(PHONE, new Error("EHOSTUNREACH"));
  layer.request(requestTo("INVITE"), overUdp(PHONE), user.client());
  await clock.advance(ms(40_000));
  t.same(user.told, ["0 failed transport"]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});
