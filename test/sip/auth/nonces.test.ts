import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { NONCE_LIFE, NONCES_REMEMBERED, Nonces } from "../../../ts/sip/auth/nonces.js";
import { ManualClock } from "../../support/manual-clock.js";
import { SeededRandom } from "../../support/seeded-random.js";

function make({ seed = 1, remembered = NONCES_REMEMBERED } = {}): { clock: ManualClock; nonces: Nonces } {
  const clock = new ManualClock();
  return { clock, nonces: new Nonces({ clock, random: new SeededRandom(seed), remembered }) };
}

t.test("a nonce is hexadecimal, differs each time, and costs no memory until it is used", (t) => {
  const { nonces } = make();
  const many = Array.from({ length: 1000 }, () => nonces.issue("192.0.2.7"));
  t.match(many[0], /^[0-9a-f]{66}$/);
  t.equal(new Set(many).size, 1000);
  t.equal(nonces.inUse, 0);
  t.equal(nonces.take(many[500]!, 1), true);
  t.equal(nonces.inUse, 1);
  t.end();
});

t.test("a nonce lives for 300 s and no longer", async (t) => {
  const { clock, nonces } = make();
  const nonce = nonces.issue("192.0.2.7");
  await clock.advance(NONCE_LIFE);
  t.equal(NONCE_LIFE, 300_000);
  t.equal(nonces.take(nonce, 1), true, "at its last instant");
  await clock.advance(ms(1));
  t.equal(nonces.take(nonce, 2), false, "in use, but too old");
});

t.test("what this start did not sign is not taken", (t) => {
  const { nonces } = make();
  const restarted = make({ seed: 2 }).nonces;
  const nonce = nonces.issue("192.0.2.7");
  t.equal(restarted.take(nonce, 1), false);
  const changed = nonce.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
  t.equal(nonces.take(changed, 1), false, "signature changed");
  const younger = (nonce.startsWith("0") ? "1" : "0") + nonce.slice(1);
  t.equal(nonces.take(younger, 1), false, "time changed");
  for (const odd of ["", "0", nonce.slice(0, 28), `${nonce}0`, "é".repeat(60)]) {
    t.equal(nonces.take(odd, 1), false, `"${odd}"`);
  }
  t.equal(nonces.inUse, 0);
  t.equal(nonces.take(nonce, 1), true, "while the nonce itself is good");
  t.end();
});

t.test("counts belong to their nonce", (t) => {
  const { nonces } = make();
  const [a, b] = [nonces.issue("192.0.2.7"), nonces.issue("192.0.2.7")];
  t.equal(nonces.take(a, 1), true);
  t.equal(nonces.take(b, 1), true);
  t.equal(nonces.take(a, 1), false);
  t.equal(nonces.take(a, 2), true);
  t.end();
});

t.test("the table is bounded: the first used is forgotten, and then not taken as new", async (t) => {
  const { clock, nonces } = make({ remembered: 3 });
  const issued: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    issued.push(nonces.issue("192.0.2.7"));
    await clock.advance(ms(10));
  }
  const [neverUsed, a, b, c, d] = issued;
  for (const nonce of [a, b, c]) t.equal(nonces.take(nonce!, 1), true);
  t.equal(nonces.take(d!, 1), true);
  t.equal(nonces.inUse, 3);
  t.equal(nonces.take(a!, 1), false, "a replay of the forgotten one is refused");
  t.equal(nonces.take(a!, 2), false, "and so is its next count");
  t.equal(nonces.take(neverUsed!, 1), false, "an older one might have been used");
  t.equal(nonces.take(b!, 1), false, "those remembered know their counts");
  t.equal(nonces.take(b!, 2), true);
  t.equal(nonces.inUse, 3);
});

t.test("rows of nonces that are too old make room first", async (t) => {
  const { clock, nonces } = make({ remembered: 3 });
  for (let index = 0; index < 3; index += 1) nonces.take(nonces.issue("192.0.2.7"), 1);
  await clock.advance(seconds(200));
  const waiting = nonces.issue("192.0.2.7");
  await clock.advance(seconds(101));
  t.equal(nonces.take(nonces.issue("192.0.2.7"), 1), true);
  t.equal(nonces.inUse, 1);
  t.equal(nonces.take(waiting, 1), true, "nothing that could still be used was forgotten");
});

t.test("100,000 nonces in use are remembered unless told otherwise", (t) => {
  const { nonces } = make();
  const first = nonces.issue("192.0.2.7");
  nonces.take(first, 1);
  for (let index = 1; index < 100_000; index += 1) nonces.take(nonces.issue("192.0.2.7"), 1);
  t.equal(nonces.inUse, 100_000);
  t.equal(nonces.take(first, 2), true, "the first is still known");
  nonces.take(nonces.issue("192.0.2.7"), 1);
  t.equal(nonces.inUse, 100_000);
  t.equal(nonces.take(first, 3), false, "one more, and it is forgotten");
  t.end();
});

t.test("a nonce is marked for who asked for it, and good from anywhere", (t) => {
  const { nonces } = make();
  const nonce = nonces.issue("192.0.2.7");
  t.equal(nonces.isMarked(nonce, "192.0.2.7"), true);
  t.equal(nonces.isMarked(nonce, "192.0.2.8"), false);
  t.equal(nonces.isMarked("", "192.0.2.7"), false);
  t.not(
    nonce.slice(28, 34),
    nonces.issue("192.0.2.7").slice(28, 34),
    "two of one source show nothing in common",
  );
  t.equal(nonces.take(nonce, 1), true);
  t.end();
});
