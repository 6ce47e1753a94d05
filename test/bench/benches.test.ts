/** The figures in the committed results: whoever changes what a benchmark writes is told here. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
// @ts-expect-error: a tool, in plain JavaScript
import { BENCHES } from "../../bench/benches.mjs";
// @ts-expect-error: a tool, in plain JavaScript
import { compared } from "../../bench/compare.mjs";

interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly against?: string;
  readonly isTime?: boolean;
  readonly verdict?: string;
}
interface Bench {
  readonly name: string;
  readonly command: readonly string[];
  readonly result: string;
  readonly figures: (result: unknown) => readonly Figure[];
}

const results = fileURLToPath(new URL("../../bench/results/", import.meta.url));
const compare = compared as (
  last: readonly Figure[],
  now: readonly Figure[],
  about: { isSameMachine: boolean },
) => readonly Figure[];

for (const { name, command, result, figures } of BENCHES as readonly Bench[]) {
  await t.test(name, (t) => {
    t.ok(existsSync(command.at(-1) ?? ""), "its program is there");
    const file = join(results, result);
    if (existsSync(file)) {
      const text = readFileSync(file, "utf8");
      const found = figures(result.endsWith(".json") ? JSON.parse(text) : text);
      t.ok(found.length > 0, "its result has figures");
      for (const { name, unit, ours, peers, against } of found) {
        t.ok(ours > 0, `${name}, ${unit}: ${String(ours)}`);
        t.ok(Object.values(peers).every((value) => value > 0));
        if (against !== undefined) t.ok((peers[against] ?? 0) > 0, `${name} is compared by ${against}`);
      }
      t.equal(new Set(found.map((one) => `${one.name} ${one.unit}`)).size, found.length, "each once");
    }
    t.end();
  });
}

await t.test("a time without a peer says nothing on another machine; memory does", (t) => {
  const time: Figure = { name: "a", unit: "µs", ours: 10, peers: {}, isTime: true };
  const memory: Figure = { name: "b", unit: "octets", ours: 10, peers: {} };
  const last = [
    { ...time, ours: 5, better: "less" },
    { ...memory, ours: 5, better: "less" },
  ];
  const now = [time, memory].map((figure) => ({ ...figure, better: "less" }));
  const verdicts = (isSameMachine: boolean): unknown[] =>
    compare(last, now, { isSameMachine }).map(({ verdict }) => verdict);
  t.same(verdicts(false), ["other machine", "worse"]);
  t.same(verdicts(true), ["worse", "worse"]);
  t.end();
});
