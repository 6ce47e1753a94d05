import fc from "fast-check";
import t from "tap";
import { epochMillis } from "../../../ts/core/brand.js";
import { sipDate } from "../../../ts/sip/registrar/sip-date.js";

t.test("the example of RFC 3261 §20.17", (t) => {
  t.equal(sipDate(epochMillis(Date.UTC(2010, 10, 13, 23, 29, 0))), "Sat, 13 Nov 2010 23:29:00 GMT");
  t.end();
});

t.test("every day of a calendar period", (t) => {
  const wrong: string[] = [];
  for (let day = 0; day < 146_097 + 366; day += 1) {
    const instant = epochMillis(day * 86_400_000 + (day % 86_400) * 1000);
    if (sipDate(instant) !== new Date(instant).toUTCString()) wrong.push(sipDate(instant));
  }
  t.strictSame(wrong, []);
  t.end();
});

t.test("any instant, to the second below", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 8_000_000_000_000 }),
      (instant) => sipDate(epochMillis(instant)) === new Date(instant).toUTCString(),
    ),
  );
  t.end();
});
