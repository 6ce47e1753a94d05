import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { callFlow } from "../../support/ladder.js";
import { PHONE, transactionRig } from "../../support/transaction-rig.js";

const again = { retransmission: true } as const;
const tag = { toTag: "switch-tag" };

t.test(
  "copies get nothing in Trying, the last response later, until timer J (RFC 3261 §17.2.2)",
  async (t) => {
    const { flow, layer, user, at, clock } = transactionRig();
    const answer = (status: number) => () =>
      user.requests[0]?.respond(makeResponse(user.requests[0].request, status, tag));
    at(700, answer(100));
    at(2000, answer(200));
    at(2100, answer(404));
    at(2100, answer(100));
    await callFlow(t, flow, [
      [0, "phone", "switch", "OPTIONS"],
      [500, "phone", "switch", "OPTIONS", again],
      [700, "switch", "phone", "100 Trying"],
      [1500, "phone", "switch", "OPTIONS", again],
      [1500, "switch", "phone", "100 Trying", again],
      [2000, "switch", "phone", "200 OK"],
      [33_999, "phone", "switch", "OPTIONS", again],
      [33_999, "switch", "phone", "200 OK", again],
      // Timer J has run out: the same octets are a new request.
      [34_001, "phone", "switch", "OPTIONS", again],
    ]);
    t.same(user.told, ["0 request OPTIONS", "34001 request OPTIONS"]);
    t.equal(layer.size, 0, "the second one, never answered, is gone after 64*T1 too");
    t.equal(clock.pendingTimers, 0);
  },
);

t.test("a request that the user never answers is forgotten after 64*T1, in Proceeding as well", async (t) => {
  const { layer, user, phone, clock } = transactionRig();
  phone.send("OPTIONS");
  phone.send("INFO");
  await clock.advance(ms(1000));
  user.requests[1]?.respond(makeResponse(user.requests[1].request, 100));
  t.equal(layer.size, 2);
  await clock.advance(ms(30_999));
  t.equal(layer.size, 2);
  await clock.advance(ms(1));
  t.equal(layer.size, 0);
  user.requests[0]?.respond(makeResponse(user.requests[0].request, 200, tag));
  await clock.advance(ms(1));
  t.equal(phone.received.length, 1, "an answer then is not sent (RFC 4320 §4)");
  t.equal(clock.pendingTimers, 0);
});

t.test(
  "a transport error changes no state (RFC 6026); the answered request is over for the user (§17.2.4)",
  async (t) => {
    const { network, user, phone, layer, clock } = transactionRig();
    user.onRequest = (transaction) => {
      transaction.respond(makeResponse(transaction.request, 200, tag));
    };
    network.refuse(PHONE, new Error("ENETUNREACH"));
    phone.send("OPTIONS");
    await clock.advance(ms(1));
    t.same(user.told, ["0 request OPTIONS"]);
    network.refuse(PHONE, undefined);
    phone.send("OPTIONS", again);
    await clock.advance(ms(1));
    t.equal(phone.received.length, 1);
    await clock.advance(ms(32_000));
    t.equal(layer.size, 0);
    t.equal(clock.pendingTimers, 0);
  },
);
