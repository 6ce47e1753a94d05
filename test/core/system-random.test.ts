import t from "tap";
import { systemRandom } from "../../ts/core/system-random.js";

t.test("as many octets as asked for, also more than are drawn at once", (t) => {
  for (const count of [0, 1, 8, 4096, 4097, 100_000]) t.equal(systemRandom.bytes(count).length, count);
  t.end();
});

t.test("no octets are given out twice", (t) => {
  const seen = new Set<string>();
  for (let count = 0; count < 5000; count += 1) seen.add(Buffer.from(systemRandom.bytes(16)).toString("hex"));
  t.equal(seen.size, 5000);
  t.end();
});

t.test("what was given out is the caller's own", (t) => {
  const first = systemRandom.bytes(8);
  const copy = Uint8Array.from(first);
  systemRandom.bytes(4096);
  t.strictSame(first, copy);
  t.ok(
    [...systemRandom.bytes(1024)].some((octet) => octet !== 0),
    "and it is chance, not what was wiped",
  );
  t.end();
});
