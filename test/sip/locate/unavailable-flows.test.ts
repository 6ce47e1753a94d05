import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { failureOf } from "../../../ts/sip/locate/flow-failure.js";
import { TargetSet } from "../../../ts/sip/locate/target-set.js";
import { UnavailableFlows } from "../../../ts/sip/locate/unavailable-flows.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import type { Flow } from "../../../ts/sip/transport/transport.js";
import { ManualClock } from "../../support/manual-clock.js";
import { requestTo } from "../../support/transaction-rig.js";

const flow = (last: number, protocol: Flow["protocol"] = "UDP"): Flow => ({
  protocol,
  remote: { address: `192.0.2.${last}`, port: 5060 },
});
const [A, B, C] = [flow(1), flow(2), flow(3)];
const numbers = (flows: readonly Flow[]): string =>
  flows.map(({ remote }) => remote.address.split(".").at(-1)).join(" ");

t.test("who failed comes last, for a time", async (t) => {
  const clock = new ManualClock();
  const unavailable = new UnavailableFlows(clock);
  unavailable.note(A, { kind: "timeout" });
  await clock.advance(seconds(1));
  unavailable.note(B, { kind: "transport" });
  t.equal(numbers(unavailable.usable([A, B, C])), "3 1 2");
  t.equal(numbers(unavailable.usable([A, B])), "1 2", "better than nobody");
  t.equal(numbers(unavailable.usable([flow(1, "TCP"), A])), "1 1", "another protocol is another server");
  await clock.advance(ms(18_999));
  t.equal(numbers(unavailable.usable([A, B, C])), "3 1 2");
  await clock.advance(ms(1));
  t.equal(numbers(unavailable.usable([A, B, C])), "1 3 2", "20 s after A failed");
  await clock.advance(seconds(1));
  t.equal(numbers(unavailable.usable([A, B, C])), "1 2 3");
  t.equal(unavailable.size, 0, "what is over takes no room");
});

t.test(
  "RFC 3261 §21.5.4: who asked for time with Retry-After is left alone, five minutes at most",
  async (t) => {
    const clock = new ManualClock();
    const unavailable = new UnavailableFlows(clock);
    unavailable.note(A, { kind: "unavailable", retryAfter: 30 });
    unavailable.note(B, { kind: "unavailable", retryAfter: 86_400 });
    unavailable.note(C, { kind: "unavailable" });
    t.equal(numbers(unavailable.usable([A, B, C])), "3", "without a time it only comes last");
    t.equal(numbers(unavailable.usable([A, B])), "");
    await clock.advance(seconds(30));
    t.equal(numbers(unavailable.usable([A, B])), "1");
    await clock.advance(seconds(269));
    t.equal(numbers(unavailable.usable([A, B])), "1");
    await clock.advance(seconds(1));
    t.equal(numbers(unavailable.usable([A, B])), "1 2");
  },
);

t.test("bounded: the one noted first is forgotten first", async (t) => {
  const unavailable = new UnavailableFlows(new ManualClock());
  const at = (index: number): Flow => ({
    protocol: "UDP",
    remote: { address: "192.0.2.1", port: index + 1 },
  });
  for (let index = 0; index < 1500; index++)
    unavailable.note(at(index), { kind: "unavailable", retryAfter: 60 });
  t.equal(unavailable.size, 1000);
  t.equal(unavailable.usable([at(499), at(500), at(1499)]).length, 1);
});

t.test("a set is worked off once, and notes who failed", async (t) => {
  const unavailable = new UnavailableFlows(new ManualClock());
  const targets = new TargetSet([A, B], unavailable);
  t.equal(targets.current, A);
  t.equal(targets.failed({ kind: "timeout" }), B);
  t.equal(targets.current, B);
  t.equal(targets.failed({ kind: "transport" }), undefined);
  t.equal(targets.current, undefined);
  t.equal(targets.failed({ kind: "transport" }), undefined);
  t.equal(unavailable.size, 2);
  t.equal(new TargetSet([], unavailable).current, undefined);
});

t.test("which responses are failures of the server", async (t) => {
  const response = (status: number, retryAfter?: number) =>
    makeResponse(requestTo("OPTIONS"), status, {
      headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
    });
  t.strictSame(failureOf(response(503)), { kind: "unavailable" });
  t.strictSame(failureOf(response(503, 7)), { kind: "unavailable", retryAfter: 7 });
  for (const status of [200, 401, 404, 486, 500, 600]) t.equal(failureOf(response(status)), undefined);
});
