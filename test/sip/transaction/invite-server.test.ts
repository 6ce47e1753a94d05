import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { callFlow, type LadderRow } from "../../support/ladder.js";
import { PHONE, transactionRig } from "../../support/transaction-rig.js";

const again = { retransmission: true } as const;
const tag = { toTag: "switch-tag" };

const repeats = (times: readonly number[], message: string): LadderRow[] =>
  times.map((at): LadderRow => [at, "switch", "phone", message, again]);

t.test(
  "a copy of the INVITE gets the last provisional response: 100, then 180 (RFC 3261 §17.2.1)",
  async (t) => {
    const { flow, user, at } = transactionRig();
    at(700, () => user.requests[0]?.respond(makeResponse(user.requests[0].request, 180, tag)));
    at(2000, () => user.requests[0]?.respond(makeResponse(user.requests[0].request, 200, tag)));
    await callFlow(t, flow, [
      [0, "phone", "switch", "INVITE"],
      [0, "switch", "phone", "100 Trying", { headers: { to: "<sip:100@example.org>" } }],
      [500, "phone", "switch", "INVITE", again],
      [500, "switch", "phone", "100 Trying", again],
      [700, "switch", "phone", "180 Ringing"],
      [1500, "phone", "switch", "INVITE", again],
      [1500, "switch", "phone", "180 Ringing", again],
      [2000, "switch", "phone", "200 OK"],
      [2010, "phone", "switch", "ACK"],
    ]);
    t.same(user.told, ["0 request INVITE", "2010 ack 1"]);
    t.equal(user.requests[0]?.open, false);
  },
);

t.test("a lost ACK: timer G doubles up to T2, timer H gives up and tells the user", async (t) => {
  const { flow, layer, user, clock } = transactionRig();
  user.onRequest = (transaction) => {
    transaction.respond(makeResponse(transaction.request, 486, tag));
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "486 Busy Here"],
    ...repeats([500], "486 Busy Here"),
    [600, "phone", "switch", "ACK", { lost: true }],
    ...repeats([1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500], "486 Busy Here"),
  ]);
  t.same(user.told, ["0 request INVITE", "32000 failed INVITE timeout"]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "the ACK ends the repeats; copies of it are absorbed until timer I, then they are strays",
  async (t) => {
    const { flow, layer, user, clock } = transactionRig();
    user.onRequest = (transaction) => {
      transaction.respond(makeResponse(transaction.request, 404, tag));
    };
    await callFlow(t, flow, [
      [0, "phone", "switch", "INVITE"],
      [0, "switch", "phone", "404 Not Found"],
      [100, "phone", "switch", "INVITE", again],
      [100, "switch", "phone", "404 Not Found", again],
      ...repeats([500], "404 Not Found"),
      [600, "phone", "switch", "ACK"],
      [700, "phone", "switch", "ACK", again],
      // A copy of the INVITE that was long under way gets no answer after the ACK.
      [800, "phone", "switch", "INVITE", again],
      [5599, "phone", "switch", "ACK", again],
      [5601, "phone", "switch", "ACK", again],
    ]);
    t.same(user.told, ["0 request INVITE", "5601 ack 1"]);
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("a lost 200 OK: the user repeats it, copies of the INVITE are absorbed (RFC 6026 §7.1)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  user.onRequest = (transaction) => {
    const ok = makeResponse(transaction.request, 200, tag);
    transaction.respond(ok);
    for (const repeat of [500, 1500]) at(repeat, () => transaction.respond(ok));
    // After a final response none of these is sent.
    at(1600, () => transaction.respond(makeResponse(transaction.request, 180, tag)));
    at(1600, () => transaction.respond(makeResponse(transaction.request, 486, tag)));
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "200 OK", { lost: true }],
    [400, "phone", "switch", "INVITE", again],
    [500, "switch", "phone", "200 OK", { ...again, lost: true }],
    [1400, "phone", "switch", "INVITE", again],
    [1500, "switch", "phone", "200 OK", again],
    [1510, "phone", "switch", "ACK"],
    [31_999, "phone", "switch", "INVITE", again],
  ]);
  t.same(user.told, ["0 request INVITE", "1510 ack 1"]);
  t.equal(layer.size, 0, "timer L has ended it");
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "§26.3.2.4: a challenge is repeated for a copy of the INVITE and never by itself; no 100 goes before it",
  async (t) => {
    const { flow, layer, user, clock } = transactionRig();
    user.onRequest = (transaction) => {
      transaction.respond(makeResponse(transaction.request, 401, tag));
    };
    await callFlow(t, flow, [
      [0, "phone", "switch", "INVITE"],
      [0, "switch", "phone", "401 Unauthorized", { lost: true }],
      [500, "phone", "switch", "INVITE", again],
      [500, "switch", "phone", "401 Unauthorized", again],
      [510, "phone", "switch", "ACK"],
      [20_000, "phone", "switch", "OPTIONS"],
      [20_000, "switch", "phone", "401 Unauthorized"],
    ]);
    await clock.advance(ms(40_000));
    t.same(user.told, ["0 request INVITE", "20000 request OPTIONS"], "nobody is told of a lost ACK");
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("timer L runs 64*T1: a copy of the INVITE after it is a new request", async (t) => {
  const { flow, layer, user } = transactionRig();
  user.onRequest = (transaction) => {
    transaction.respond(makeResponse(transaction.request, 200, tag));
  };
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE"],
    [0, "switch", "phone", "200 OK"],
    [31_999, "phone", "switch", "INVITE", again],
    [32_001, "phone", "switch", "INVITE", again],
    ...repeats([32_001], "200 OK"),
  ]);
  t.same(user.told, ["0 request INVITE", "32001 request INVITE"]);
  t.equal(layer.size, 0);
});

t.test("an ACK of a 2xx that wrongly has the INVITE's branch reaches the user all the same", async (t) => {
  const { flow, user } = transactionRig();
  user.onRequest = (transaction) => {
    transaction.respond(makeResponse(transaction.request, 200, tag));
  };
  const via = "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKsame;rport";
  await callFlow(t, flow, [
    [0, "phone", "switch", "INVITE", { headers: { Via: via } }],
    [0, "switch", "phone", "200 OK"],
    [10, "phone", "switch", "ACK", { headers: { Via: via } }],
  ]);
  t.same(user.told, ["0 request INVITE", "10 ack 1"]);
});

t.test(
  "a transport error is told and changes no state: timer G tries again (RFC 6026, §17.2.4)",
  async (t) => {
    const { network, user, phone, layer, clock } = transactionRig();
    user.onRequest = (transaction) => {
      transaction.respond(makeResponse(transaction.request, 486, tag));
    };
    phone.send("INVITE");
    await clock.advance(ms(100));
    network.refuse(PHONE, new Error("ENETUNREACH"));
    await clock.advance(ms(1000));
    network.refuse(PHONE, undefined);
    await clock.advance(ms(1000));
    t.same(user.told, ["0 request INVITE", "500 failed INVITE transport"]);
    t.equal(phone.received.length, 2, "486 at 0, 486 at 1500");
    phone.send("ACK");
    await clock.advance(ms(5000));
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);
