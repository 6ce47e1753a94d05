import t from "tap";
import { pauseAfterGlare } from "../../../ts/sip/dialog/glare.js";
import { SeededRandom } from "../../support/seeded-random.js";

t.test(
  "RFC 3261 §14.1: 2.1 to 4 s for the side that made the Call-ID, 0 to 2 s for the other, in units of 10 ms",
  (t) => {
    const random = new SeededRandom(7);
    const drawn = (madeCallId: boolean): number[] =>
      Array.from({ length: 2000 }, () => pauseAfterGlare(madeCallId, random));
    for (const [values, least, most] of [
      [drawn(true), 2100, 4000],
      [drawn(false), 0, 2000],
    ] as const) {
      t.ok(values.every((value) => value >= least && value <= most && value % 10 === 0));
      t.ok(Math.min(...values) < least + 100 && Math.max(...values) > most - 100, "all of the range");
    }
    t.end();
  },
);
