import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import type { SocketAddress } from "../../../ts/core/socket-address.js";
import type { SipRequest } from "../../../ts/sip/message/message.js";
import { makeResponse } from "../../../ts/sip/message/response.js";
import { SipTransactionLayer } from "../../../ts/sip/transaction/layer.js";
import type { ServerTransaction, TransactionUser } from "../../../ts/sip/transaction/transaction.js";
import { overUdp, FakeNetwork } from "../../support/fake-network.js";
import { ManualClock } from "../../support/manual-clock.js";
import { below, SeededRandom, uniform } from "../../support/seeded-random.js";
import { requestTo } from "../../support/transaction-rig.js";

const CALLER: SocketAddress = { address: "192.0.2.1", port: 5060 };
const CALLED: SocketAddress = { address: "192.0.2.2", port: 5060 };
const METHODS = ["INVITE", "INVITE", "OPTIONS", "BYE"] as const;
const FINAL = [200, 200, 404, 486, 603] as const;

interface Outcome {
  readonly method: string;
  finals: number;
  failures: number;
  /** Told of something after it had ended: after a failure, or a second final that is not a 2xx to INVITE. */
  strays: number;
}

/** Two layers that talk over a bad network: random requests, answers, cancellations, and noise. */
async function storm(seed: number) {
  const clock = new ManualClock();
  const random = new SeededRandom(seed);
  const network = new FakeNetwork({
    clock,
    random: random.fork("network"),
    conditions: {
      loss: 0.3 * uniform(random),
      duplicate: 0.2 * uniform(random),
      delay: ms(below(random, 300)),
      jitter: ms(below(random, 300)),
      reorder: 0.2 * uniform(random),
      heldBack: ms(below(random, 3000)),
    },
  });
  const later = (within: number, run: () => void): void => {
    clock.after(ms(below(random, within)), run);
  };
  const answer = (transaction: ServerTransaction, status: number): void => {
    transaction.respond(makeResponse(transaction.request, status, { toTag: "called" }));
  };
  const calledUser: TransactionUser = {
    request: (transaction) => {
      if (uniform(random) < 0.4) later(2000, () => answer(transaction, 180));
      // Only the user ends an INVITE in Proceeding, so each one gets its final response some time.
      const isAnswered = transaction.request.method === "INVITE" || uniform(random) < 0.8;
      if (isAnswered) later(60_000, () => answer(transaction, FINAL[below(random, FINAL.length)] ?? 200));
      if (uniform(random) < 0.05) throw new Error("a fault of the user");
    },
    cancel: (invite) => answer(invite, 487),
    ack: () => undefined,
    flowClosed: () => undefined,
    failed: () => undefined,
  };
  const options = { clock, random: random.fork("layers") };
  const called = new SipTransactionLayer({ ...options, transport: network.transport(CALLED) }, calledUser);
  const callerTransport = network.transport(CALLER);
  const caller = new SipTransactionLayer({ ...options, transport: callerTransport }, calledUser);

  const outcomes: Outcome[] = [];
  const send = (request: SipRequest): void => {
    const outcome: Outcome = { method: request.method, finals: 0, failures: 0, strays: 0 };
    outcomes.push(outcome);
    const transaction = caller.request(request, overUdp(CALLED), {
      response: ({ status }) => {
        if (outcome.failures > 0) outcome.strays += 1;
        if (status < 200) return;
        const isFurther2xx = request.method === "INVITE" && status < 300;
        if (outcome.finals > 0 && !isFurther2xx) outcome.strays += 1;
        outcome.finals += 1;
        if (isFurther2xx) caller.sendAck(requestTo("ACK", request.headers["call-id"]), overUdp(CALLED));
      },
      failed: () => {
        outcome.failures += 1;
      },
    });
    if (request.method === "INVITE" && uniform(random) < 0.3) later(30_000, () => caller.cancel(transaction));
  };
  for (let count = 0; count < 3; count++) {
    const method = METHODS[below(random, METHODS.length)] ?? "OPTIONS";
    later(5000, () => send(requestTo(method, `call-${String(count)}`)));
  }
  const noise = network.transport({ address: "192.0.2.99", port: 9 });
  for (let count = 0; count < 3; count++) {
    later(60_000, () => {
      // Octets from nowhere, or a copy of something seen on the wire with one octet changed.
      const seen = network.log[below(random, Math.max(1, network.log.length))]?.octets;
      const octets = seen === undefined ? random.bytes(below(random, 200)) : Uint8Array.from(seen);
      if (octets.length > 0) octets[below(random, octets.length)] = below(random, 256);
      noise.send(octets, overUdp(uniform(random) < 0.5 ? CALLED : CALLER));
    });
  }
  await clock.advance(ms(600_000));
  const left = { caller: caller.size, called: called.size, timers: clock.pendingTimers };
  const faults = [caller, called].reduce((sum, layer) => sum + (layer.refused.get("internal-error") ?? 0), 0);
  return { outcomes, left, faults, datagrams: network.log.length };
}

for (const first of [1, 251, 501, 751]) {
  const last = first + 249;
  t.test(
    `storms ${String(first)}–${String(last)}: every transaction ends, each request has one outcome`,
    async (t) => {
      let finals = 0;
      let failures = 0;
      for (let seed = first; seed <= last; seed++) {
        const { outcomes, left, faults } = await storm(seed);
        for (const outcome of outcomes) {
          finals += outcome.finals > 0 ? 1 : 0;
          failures += outcome.failures;
          const isRight = outcome.strays === 0 && outcome.finals > 0 !== (outcome.failures === 1);
          if (!isRight) t.fail(`seed ${String(seed)}: ${JSON.stringify(outcome)}`);
        }
        if (left.caller + left.called + left.timers + faults > 0) {
          t.fail(`seed ${String(seed)} leaves ${JSON.stringify({ ...left, faults })}`);
        }
      }
      t.ok(finals > 400, `${String(finals)} requests answered`);
      t.ok(failures > 30, `${String(failures)} requests failed`);
    },
  );
}

t.test("the same seed gives the same storm", async (t) => {
  t.same(await storm(77), await storm(77));
});
