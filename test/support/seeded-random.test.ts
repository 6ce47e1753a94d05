import t from "tap";
import { below, SeededRandom, uniform } from "./seeded-random.js";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");

t.test("the same seed gives the same octets, another seed others", (t) => {
  t.equal(hex(new SeededRandom(7).bytes(64)), hex(new SeededRandom(7).bytes(64)));
  t.not(hex(new SeededRandom(7).bytes(64)), hex(new SeededRandom(8).bytes(64)));
  const random = new SeededRandom(7);
  t.not(hex(random.bytes(16)), hex(random.bytes(16)), "and goes on");
  t.equal(random.bytes(5).length, 5);
  t.end();
});

t.test("a fork is not moved by what its parent draws", (t) => {
  const quiet = new SeededRandom(7);
  const busy = new SeededRandom(7);
  busy.bytes(1000);
  t.equal(hex(quiet.fork("network").bytes(16)), hex(busy.fork("network").bytes(16)));
  t.not(hex(quiet.fork("network").bytes(16)), hex(quiet.fork("switch").bytes(16)));
  t.end();
});

t.test("octets and numbers are spread evenly", (t) => {
  const random = new SeededRandom(1);
  const counts = new Array<number>(256).fill(0);
  for (const octet of random.bytes(256 * 400)) counts[octet] = (counts[octet] ?? 0) + 1;
  t.ok(
    Math.min(...counts) > 300 && Math.max(...counts) < 500,
    `${String(Math.min(...counts))} of 400 at least`,
  );
  const dice = new Array<number>(6).fill(0);
  for (let roll = 0; roll < 6000; roll++) {
    const side = below(random, 6);
    dice[side] = (dice[side] ?? 0) + 1;
  }
  t.ok(Math.min(...dice) > 850 && Math.max(...dice) < 1150, dice.join(" "));
  for (let draw = 0; draw < 1000; draw++) {
    const number = uniform(random);
    if (!(number >= 0 && number < 1)) t.fail(`${String(number)} is not in [0, 1)`);
  }
  t.end();
});
