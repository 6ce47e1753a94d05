import t from "tap";
import { ms } from "../../ts/core/brand.js";
import { Leases } from "../../ts/rtp/leases.js";
import { ManualClock } from "../support/manual-clock.js";

function leasing(): { clock: ManualClock; leases: Leases; expired: string[] } {
  const clock = new ManualClock();
  const expired: string[] = [];
  const leases = new Leases(clock, (uuid) => {
    leases.remove(uuid);
    expired.push(uuid);
  });
  return { clock, leases, expired };
}

t.test("a channel lives for as long as heartbeats come in time", async (t) => {
  const { clock, leases, expired } = leasing();
  leases.add("a", { holder: "h", seconds: 10 });
  for (let beat = 0; beat < 5; beat++) {
    await clock.advance(ms(9_999));
    t.equal(leases.renew("h"), 1);
  }
  t.same(expired, []);
  await clock.advance(ms(9_999));
  t.same(expired, []);
  await clock.advance(ms(1));
  t.same(expired, ["a"]);
  t.equal(leases.renew("h"), 0);
  t.equal(clock.pendingTimers, 0);
});

t.test("one heartbeat is for all of a holder, each for its own time, and for nobody else", async (t) => {
  const { clock, leases, expired } = leasing();
  leases.add("a10", { holder: "a", seconds: 10 });
  leases.add("a20", { holder: "a", seconds: 20 });
  leases.add("b10", { holder: "b", seconds: 10 });
  await clock.advance(ms(5_000));
  t.equal(leases.renew("a"), 2);
  await clock.advance(ms(5_000));
  t.same(expired, ["b10"]);
  await clock.advance(ms(5_000));
  t.same(expired, ["b10", "a10"]);
  t.equal(leases.renew("a"), 1);
  await clock.advance(ms(20_000));
  t.same(expired, ["b10", "a10", "a20"]);
});

t.test("opening another is a heartbeat; what is closed is forgotten", async (t) => {
  const { clock, leases, expired } = leasing();
  leases.add("a", { holder: "h", seconds: 10 });
  await clock.advance(ms(8_000));
  leases.add("b", { holder: "h", seconds: 10 });
  await clock.advance(ms(8_000));
  t.same(expired, []);
  leases.remove("a");
  leases.remove("a");
  leases.remove("never");
  t.equal(leases.renew("h"), 1);
  leases.remove("b");
  t.equal(clock.pendingTimers, 0, "nobody left to wait for");
  leases.add("c", { holder: "h", seconds: 10 });
  leases.clear();
  t.equal(clock.pendingTimers, 0);
  t.same(expired, []);
});

t.test("hundreds of one holder take one timer", (t) => {
  const { clock, leases } = leasing();
  for (let index = 0; index < 500; index++) leases.add(String(index), { holder: "h", seconds: 30 });
  t.equal(clock.pendingTimers, 1);
  t.equal(leases.renew("h"), 500);
  t.end();
});

t.test("a lease has a holder and a time", (t) => {
  for (const [field, lease] of [
    ["lease.holder", { holder: "", seconds: 1 }],
    ["lease.holder", { holder: "x".repeat(257), seconds: 1 }],
    ["lease.holder", { holder: 7, seconds: 1 }],
    ["lease.seconds", { holder: "h", seconds: 0 }],
    ["lease.seconds", { holder: "h", seconds: -1 }],
    ["lease.seconds", { holder: "h", seconds: 86_401 }],
    ["lease.seconds", { holder: "h", seconds: "10" }],
  ] as const) {
    const given = lease as { holder: string; seconds: number };
    t.throws(
      () => {
        Leases.check(given);
      },
      { code: "ARGUMENT_INVALID", field },
    );
  }
  t.doesNotThrow(() => {
    Leases.check({ holder: "h", seconds: 0.5 });
  });
  t.end();
});
