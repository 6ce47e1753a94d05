import t from "tap";
import type { SrvRecord } from "../../../ts/sip/locate/dns.js";
import { orderSrv } from "../../../ts/sip/locate/srv-order.js";
import { SeededRandom } from "../../support/seeded-random.js";

const record = (target: string, priority: number, weight: number): SrvRecord => ({
  target,
  priority,
  weight,
  port: 5060,
});
const names = (records: readonly SrvRecord[]): string => records.map(({ target }) => target).join(" ");

t.test("RFC 2782: the lowest priority first, whatever the weights", (t) => {
  const random = new SeededRandom(1);
  const records = [record("c", 20, 65_535), record("a", 0, 0), record("b", 10, 5)];
  for (let turn = 0; turn < 20; turn++) t.equal(names(orderSrv(records, random)), "a b c");
  t.end();
});

t.test("RFC 2782: in one priority the share of first places is the weight's", (t) => {
  const random = new SeededRandom(2);
  const weights = { heavy: 60, middle: 30, light: 10 };
  const records = Object.entries(weights).map(([name, weight]) => record(name, 0, weight));
  const turns = 20_000;
  const first = new Map<string, number>();
  const second = new Map<string, number>();
  for (let turn = 0; turn < turns; turn++) {
    const [one, two] = orderSrv(records, random);
    first.set(one?.target ?? "", (first.get(one?.target ?? "") ?? 0) + 1);
    if (one?.target === "heavy") second.set(two?.target ?? "", (second.get(two?.target ?? "") ?? 0) + 1);
  }
  // Four standard deviations of a share of 0.6 in 20,000 draws are 0.014; the draw includes the sum, so the first
  // record's chance is one in 101 higher than its weight says.
  for (const [name, weight] of Object.entries(weights)) {
    const share = (first.get(name) ?? 0) / turns;
    t.ok(Math.abs(share - weight / 100) < 0.02, `${name}: ${share}`);
  }
  const afterHeavy = (second.get("middle") ?? 0) / (first.get("heavy") ?? 1);
  t.ok(Math.abs(afterHeavy - 0.75) < 0.03, `30 of the 40 that are left: ${afterHeavy}`);
  t.end();
});

t.test("RFC 2782: weight 0 is drawn seldom beside others, and evenly among its own", (t) => {
  const random = new SeededRandom(3);
  let zeroFirst = 0;
  for (let turn = 0; turn < 10_000; turn++) {
    const [first] = orderSrv([record("full", 0, 100), record("zero", 0, 0)], random);
    if (first?.target === "zero") zeroFirst += 1;
  }
  t.ok(zeroFirst > 40 && zeroFirst < 180, `about one in 101: ${zeroFirst}`);
  let aFirst = 0;
  for (let turn = 0; turn < 10_000; turn++) {
    if (names(orderSrv([record("a", 0, 0), record("b", 0, 0)], random)) === "a b") aFirst += 1;
  }
  t.ok(Math.abs(aFirst - 5000) < 250, `about half: ${aFirst}`);
  t.end();
});

t.test("each record stands once, those that name no server never", (t) => {
  const random = new SeededRandom(4);
  const records = [
    record("a", 1, 1),
    record("b", 1, 0),
    record("c", 0, 3),
    record(".", 0, 0),
    record("", 0, 0),
  ];
  for (let turn = 0; turn < 20; turn++) {
    t.strictSame(names(orderSrv(records, random)).split(" ").sort(), ["a", "b", "c"]);
  }
  t.strictSame(orderSrv([{ ...record("a", 0, 0), port: 0 }], random), []);
  t.strictSame(orderSrv([], random), []);
  t.end();
});

t.test("the same seed gives the same order", (t) => {
  const records = Array.from({ length: 12 }, (_none, index) => record(`s${index}`, 0, index));
  t.equal(names(orderSrv(records, new SeededRandom(5))), names(orderSrv(records, new SeededRandom(5))));
  t.not(names(orderSrv(records, new SeededRandom(5))), names(orderSrv(records, new SeededRandom(6))));
  t.end();
});
