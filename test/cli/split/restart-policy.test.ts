import t from "tap";
import { afterDeath, NO_DEATHS } from "../../../ts/cli/split/restart-policy.js";
import { ms } from "../../../ts/core/brand.js";

await t.test("the pause doubles with each quick death up to ten seconds, and then it is given up", (t) => {
  const pauses: number[] = [];
  let deaths = NO_DEATHS;
  for (;;) {
    const decided = afterDeath(deaths, ms(9_999));
    if (decided === "give up") break;
    pauses.push(decided.pause);
    deaths = decided.deaths;
  }
  t.same(pauses, [250, 500, 1000, 2000, 4000, 8000, 10_000]);
  t.end();
});

await t.test("who ran for ten seconds begins anew", (t) => {
  t.same(afterDeath({ quick: 7 }, ms(10_000)), { deaths: { quick: 0 }, pause: 250 });
  t.end();
});
