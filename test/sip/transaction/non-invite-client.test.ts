import t from "tap";
import { overUdp } from "../../support/fake-network.js";
import { ms } from "../../../ts/core/brand.js";
import { callFlow, type LadderRow } from "../../support/ladder.js";
import { PHONE, requestTo, transactionRig } from "../../support/transaction-rig.js";

const again = { retransmission: true } as const;

const repeats = (times: readonly number[]): LadderRow[] =>
  times.map((at): LadderRow => [at, "switch", "phone", "OPTIONS", again]);

t.test("no answer: timer E doubles up to T2, timer F ends it (RFC 3261 §17.1.2.2)", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  at(0, () => layer.request(requestTo("OPTIONS"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "OPTIONS"],
    ...repeats([500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]),
  ]);
  t.same(user.told, ["32000 failed timeout"]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test("Proceeding goes on retransmitting, every T2, and timer F still ends it", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  at(0, () => layer.request(requestTo("OPTIONS"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "OPTIONS"],
    ...repeats([500]),
    [700, "phone", "switch", "100 Trying"],
    // Timer E was set at 500 for 1000 ms; after that every 4 s.
    ...repeats([1500, 5500, 9500, 13_500]),
    [14_000, "phone", "switch", "100 Trying", again],
    ...repeats([17_500, 21_500, 25_500, 29_500]),
  ]);
  t.same(user.told, ["700 response 100", "14000 response 100", "32000 failed timeout"]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test("Completed absorbs copies of the final response until timer K", async (t) => {
  const { flow, layer, user, at, clock } = transactionRig();
  at(0, () => layer.request(requestTo("OPTIONS"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "OPTIONS"],
    ...repeats([500]),
    [600, "phone", "switch", "200 OK"],
    [700, "phone", "switch", "100 Trying"],
    [5599, "phone", "switch", "200 OK", again],
    [5601, "phone", "switch", "200 OK", again],
  ]);
  t.same(user.told, ["600 response 200"]);
  t.same([...layer.refused], [["unmatched-response", 1]]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});

t.test("a lost answer is asked for again", async (t) => {
  const { flow, layer, user, at } = transactionRig();
  at(0, () => layer.request(requestTo("BYE"), overUdp(PHONE), user.client()));
  await callFlow(t, flow, [
    [0, "switch", "phone", "BYE"],
    [10, "phone", "switch", "200 OK", { lost: true }],
    [500, "switch", "phone", "BYE", again],
    [510, "phone", "switch", "200 OK", again],
  ]);
  t.same(user.told, ["510 response 200"]);
});

t.test("a transport error ends it, in Trying and in Proceeding (§17.1.4)", async (t) => {
  const { network, layer, user, phone, clock } = transactionRig();
  layer.request(requestTo("OPTIONS"), overUdp(PHONE), user.client());
  await clock.advance(ms(100));
  phone.send("100 Trying");
  await clock.advance(ms(100));
  network.refuse(PHONE, new Error("ENETUNREACH"));
  await clock.advance(ms(40_000));
  t.same(user.told, ["100 response 100", "500 failed transport"]);
  layer.request(requestTo("OPTIONS", "call-2"), overUdp(PHONE), user.client());
  await clock.advance(ms(1));
  t.same(user.told.slice(2), ["40200 failed transport"]);
  t.equal(layer.size, 0);
  t.equal(clock.pendingTimers, 0);
});
