import t from "tap";
import { BusyMap } from "../../ts/core/busy-map.js";

t.test("it is a map: what comes and goes, in the order in which it came, and nothing else", async (t) => {
  const busy = new BusyMap<number>();
  const plain = new Map<string, number>();
  for (let index = 0; index < 5000; index += 1) {
    for (const map of [busy, plain]) {
      map.set(`key ${String(index)}`, index);
      map.delete(`key ${String((index * 7) % 4000)}`);
    }
  }
  t.equal(busy.size, plain.size);
  t.same([...busy], [...plain]);
  t.same([...busy.keys()], [...plain.keys()]);
  t.same([...busy.values()], [...plain.values()]);
  const each: [string, number][] = [];
  busy.forEach((value, key) => each.push([key, value]));
  t.same(each, [...plain]);
  t.equal(busy.get("key 4999"), 4999);
  t.equal(busy.has("key 4999"), true);
  t.equal(busy.get("key 0"), undefined);
  t.equal(busy.has(""), false);
});

t.test("when it is cleared it is empty, and goes on", async (t) => {
  const busy = new BusyMap<number>();
  busy.set("a", 1).set("b", 2);
  t.equal(busy.delete("a"), true);
  t.equal(busy.delete("a"), false);
  busy.clear();
  t.equal(busy.size, 0);
  t.same([...busy.keys()], []);
  busy.set("c", 3);
  t.same([...busy], [["c", 3]]);
});
