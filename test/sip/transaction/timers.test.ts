import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import { timerValues } from "../../../ts/sip/transaction/timers.js";

t.test("RFC 3261 Table 4 and RFC 6026 over UDP", (t) => {
  t.same(timerValues(), {
    T2: 4000,
    A: 500,
    B: 32_000,
    C: 181_000,
    D: 32_000,
    E: 500,
    F: 32_000,
    G: 500,
    H: 32_000,
    I: 5000,
    J: 32_000,
    K: 5000,
    L: 32_000,
    M: 32_000,
  });
  t.end();
});

t.test("a reliable transport retransmits nothing and waits for no copies", (t) => {
  const values = timerValues({}, "reliable");
  t.match(values, { A: "off", E: "off", G: "off", D: 0, I: 0, J: 0, K: 0 });
  t.match(values, { B: 32_000, F: 32_000, H: 32_000, L: 32_000, M: 32_000 }, "the others stay");
  t.end();
});

t.test("T1, T2 and T4 move what is made of them, single values win; D is never below 32 s by itself", (t) => {
  const values = timerValues({ T1: ms(100), T2: ms(1000), T4: ms(2000), C: ms(300_000) });
  t.match(values, { A: 100, B: 6400, E: 100, G: 100, T2: 1000, I: 2000, K: 2000, L: 6400, M: 6400 });
  t.match(values, { C: 300_000, D: 32_000, J: 6400 });
  t.equal(timerValues({ T1: ms(1000) }).D, 64_000);
  t.equal(timerValues({ D: ms(1) }).D, 1);
  t.end();
});
