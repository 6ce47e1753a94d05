import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import t from "tap";
import { ownCopy } from "../../ts/core/own-copy.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

void t.test("the same text", (t) => {
  for (const text of ["", "a", "ab", "z9hG4bK-524287-1---abcdef;rport", "Zoë ✆ 𝄞", "𝄞"])
    t.equal(ownCopy(text), text);
  t.end();
});

void t.test("what it was cut from is let go", (t) => {
  const messages = 300;
  const length = 50_000;
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: messages }, (_, index) =>
    ownCopy(
      Buffer.alloc(length, 65 + (index % 26))
        .toString("latin1")
        .slice(1000, 1040),
    ),
  );
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  t.ok(grown < (messages * length) / 4, `${String(grown)} octets for ${String(kept.length)} names`);
  t.equal(new Set(kept).size, 26);
  t.end();
});
