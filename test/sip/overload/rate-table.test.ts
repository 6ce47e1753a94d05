import fc from "fast-check";
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { RateTable, type Rating } from "../../../ts/sip/overload/rate-table.js";

const LIMIT = { perSecond: 10, burst: 30 };

/** What comes of `count` requests at one instant. */
const take = (table: RateTable<string>, key: string, count: number, at = 0): Record<Rating, number> => {
  const found = { within: 0, beyond: 0, "far beyond": 0 };
  for (let each = 0; each < count; each += 1) found[table.take(key, ms(at))] += 1;
  return found;
};

t.test(
  "a burst is served, some of the rest is refused, what is beyond that is not even answered",
  async (t) => {
    const table = new RateTable<string>(LIMIT);
    t.strictSame(take(table, "a", 100), { within: 30, beyond: 10, "far beyond": 60 });
    t.strictSame(take(table, "b", 5), { within: 5, beyond: 0, "far beyond": 0 }, "others have their own");
    t.strictSame(take(table, "a", 100, 1000), { within: 10, beyond: 10, "far beyond": 80 });
    t.strictSame(take(table, "a", 100, 60_000), { within: 30, beyond: 10, "far beyond": 60 });
  },
);

t.test("under a steady flood as much is served as without it", async (t) => {
  const table = new RateTable<string>(LIMIT);
  take(table, "a", 1000);
  let served = 0;
  for (let at = 1; at <= 10_000; at += 1) served += take(table, "a", 1, at).within;
  t.equal(served, 100);
});

t.test("0 a second: no limit, and no rows", async (t) => {
  const table = new RateTable<string>({ perSecond: 0, burst: 0 });
  t.equal(take(table, "a", 10_000).within, 10_000);
  t.equal(table.size, 0);
});

t.test("nobody gets a fresh bucket by filling the table with strangers", async (t) => {
  const table = new RateTable<string>(LIMIT, 100);
  take(table, "attacker", 100);
  for (let n = 0; n < 10_000; n += 1) table.take(`stranger ${String(n)}`, ms(1));
  t.equal(table.size, 100);
  t.strictSame(take(table, "attacker", 100, 1).within, 0, "its row is still there");
  t.ok(take(table, "newcomer", 1000, 2).within === 0, "newcomers share one bucket, which is spent");
  t.ok(take(table, "newcomer", 1000, 1000).within <= 10 * LIMIT.perSecond);
});

t.test("a row that is full again makes room", async (t) => {
  const table = new RateTable<string>(LIMIT, 2);
  take(table, "a", 30);
  take(table, "b", 1);
  t.equal(take(table, "c", 31, 3100).within, 30, "of its own: a was forgotten");
  t.equal(take(table, "b", 30, 3100).within, 30);
  t.equal(table.size, 2);
});

t.test(
  "property: never more rows than allowed, and in no second more than burst and rate for one key",
  async (t) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 700 })), {
          maxLength: 400,
        }),
        (rows, requests) => {
          const table = new RateTable<number>({ perSecond: 5, burst: 7 }, rows);
          const served: [key: number, at: number][] = [];
          let now = 0;
          for (const [key, pause] of requests) {
            now += pause;
            if (table.take(key, ms(now)) === "within") served.push([key, now]);
            if (table.size > rows) return false;
          }
          // Those who found the table full may have had the shared bucket, and later a row besides.
          const most = 7 + 5 + 1 + (rows > 20 ? 0 : 10 * (7 + 5));
          return served.every(
            ([key, at]) =>
              served.filter((other) => other[0] === key && other[1] >= at && other[1] < at + 1000).length <=
              most,
          );
        },
      ),
    );
    t.equal(seconds(1), 1000);
  },
);
