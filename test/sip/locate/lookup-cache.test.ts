import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import type { DnsAnswer } from "../../../ts/sip/locate/dns.js";
import { LOOKUP_LIMITS, LookupCache, type LookupLimits } from "../../../ts/sip/locate/lookup-cache.js";
import { ManualClock } from "../../support/manual-clock.js";

const NEVER = new AbortController().signal;

/** A cache before a resolver that is told what to answer, and notes what it was asked. */
function bench(limits: Partial<LookupLimits> = {}) {
  const clock = new ManualClock();
  const asked: string[] = [];
  let signal = NEVER;
  let answer: () => Promise<DnsAnswer<string>> = async () => ({ records: ["192.0.2.1"], ttl: 30 });
  const cache = new LookupCache<string>(
    (name, given) => {
      asked.push(name);
      signal = given;
      return answer();
    },
    clock,
    { ...LOOKUP_LIMITS, ...limits },
  );
  return {
    clock,
    asked,
    cache,
    signal: () => signal,
    answers: (next: () => Promise<DnsAnswer<string>>) => {
      answer = next;
    },
    look: (name: string) => cache.lookup(name, NEVER),
  };
}

t.test("an answer is kept as long as it lives", async (t) => {
  for (const [ttl, life] of [
    [30, 30],
    [undefined, 60],
    [86_400, 3600],
  ] as const) {
    const { clock, asked, answers, look } = bench();
    answers(async () => ({ records: ["192.0.2.1"], ...(ttl === undefined ? {} : { ttl }) }));
    await look("example.com");
    await clock.advance(ms(life * 1000 - 1));
    t.strictSame((await look("EXAMPLE.com.")).records, ["192.0.2.1"]);
    t.equal(asked.length, 1);
    await clock.advance(ms(1));
    await look("example.com");
    t.strictSame(asked, ["example.com", "example.com"], `ttl ${ttl}`);
  }
});

t.test("TTL 0 serves those who wait, and nobody after them", async (t) => {
  const { asked, cache, answers, look } = bench();
  answers(async () => ({ records: ["192.0.2.1"], ttl: 0 }));
  await Promise.all([look("a"), look("a")]);
  t.equal(asked.length, 1);
  await look("a");
  t.equal(asked.length, 2);
  t.equal(cache.size, 0);
});

t.test("RFC 2308 §5: that there is nothing is kept, too", async (t) => {
  const { clock, asked, answers, look } = bench();
  answers(async () => ({ records: [], ttl: 900 }));
  await look("a");
  await clock.advance(seconds(59));
  await look("a");
  t.equal(asked.length, 1);
  await clock.advance(seconds(1));
  await look("a");
  t.equal(asked.length, 2);
});

t.test("RFC 2308 §7: so is a failure, for a moment", async (t) => {
  const { clock, asked, answers, look } = bench();
  answers(async () => Promise.reject(new Error("SERVFAIL")));
  await t.rejects(look("a"), { message: "SERVFAIL" });
  await clock.advance(ms(4999));
  await t.rejects(look("a"), { message: "SERVFAIL" });
  t.equal(asked.length, 1);
  await clock.advance(ms(1));
  answers(async () => ({ records: ["192.0.2.1"], ttl: 30 }));
  t.strictSame((await look("a")).records, ["192.0.2.1"]);
});

t.test("who asks the same at once waits together, and each may leave", async (t) => {
  const { clock, asked, answers, cache, look, signal } = bench();
  let answer: (value: DnsAnswer<string>) => void = () => undefined;
  answers(() => new Promise((resolve) => (answer = resolve)));
  const controller = new AbortController();
  const leaves = cache.lookup("a", controller.signal);
  const stays = look("a");
  controller.abort();
  await t.rejects(leaves, { code: "ABORTED" });
  t.equal(signal().aborted, false, "one still waits");
  answer({ records: ["192.0.2.1"] });
  t.strictSame((await stays).records, ["192.0.2.1"]);
  t.equal(asked.length, 1);
  t.equal(clock.pendingTimers, 0);
});

t.test("when the last one leaves, the lookup is dropped and not remembered", async (t) => {
  const { clock, asked, answers, cache, look, signal } = bench();
  answers(() => new Promise(() => undefined));
  const controllers = [new AbortController(), new AbortController()];
  const waiting = controllers.map((controller) => cache.lookup("a", controller.signal));
  for (const controller of controllers) controller.abort();
  for (const one of waiting) await t.rejects(one, { code: "ABORTED" });
  t.equal(signal().aborted, true);
  await clock.settle();
  t.equal(clock.pendingTimers, 0);
  answers(async () => ({ records: ["192.0.2.1"] }));
  t.strictSame((await look("a")).records, ["192.0.2.1"]);
  t.equal(asked.length, 2);
});

t.test("bounded: names, lookups under way, records, time", async (t) => {
  const { clock, asked, answers, cache, look } = bench({
    names: 3,
    running: 2,
    records: 2,
    patience: seconds(4),
  });
  for (const name of ["a", "b", "c"]) await look(name);
  await look("a");
  await look("d");
  t.equal(cache.size, 3);
  await look("a");
  t.strictSame(asked, ["a", "b", "c", "d"], "b was asked for longest ago");
  await look("b");
  t.equal(asked.length, 5);

  answers(async () => ({ records: ["1", "2", "3"] }));
  t.strictSame((await look("long")).records, ["1", "2"]);

  answers(() => new Promise(() => undefined));
  const refusal = { message: /could not be looked up in time/ };
  const waiting = [t.rejects(look("x"), refusal), t.rejects(look("y"), refusal)];
  await t.rejects(look("z"), { code: "DESTINATION_UNREACHABLE" });
  await clock.advance(ms(3999));
  t.equal(clock.pendingTimers, 2);
  await clock.advance(ms(1));
  await Promise.all(waiting);
  t.equal(clock.pendingTimers, 0);
});
