/** Two hundred seeds of random calls; `npm run simulate` does as many as one likes. */
import t from "tap";
import { simulate } from "./random-calls.js";

const SEEDS = 200;
/** They take a quarter of a minute; a machine that is busy with other tests gets more. */
const PATIENCE = 300_000;
t.setTimeout(PATIENCE);

t.test(
  "whatever callers, callees, scripts and the network do, the promises of the switch hold",
  async (t) => {
    const did = new Map<string, number>();
    let [calls, lost] = [0, 0];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const result = await simulate(seed);
      for (const [what, times] of Object.entries(result.did)) did.set(what, (did.get(what) ?? 0) + times);
      calls += result.calls;
      lost += result.lost;
      if (result.broken.length > 0) t.comment(result.ladder);
      t.same(result.broken, [], `seed ${seed}`);
    }
    t.ok(calls > 10 * SEEDS && lost > 5 * SEEDS, `${calls} calls, ${lost} messages lost`);
    t.ok(did.size > 45, `${did.size} different things were done`);
  },
);

t.test("the same seed gives the same run", async (t) => {
  t.same(await simulate(17), await simulate(17));
  t.not((await simulate(18)).messages, (await simulate(17)).messages);
});
