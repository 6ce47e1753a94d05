/** The orchestrator of benchmarks, over a list of made-up ones. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";

const program = fileURLToPath(new URL("../../bench/run.mjs", import.meta.url));

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Bench {
  readonly folder: string;
  /** Has the made-up benchmark measure this, and runs all. */
  run(figures: object, ...args: string[]): Ran;
}

/** One that writes `next.json` as its result, one that always fails. */
function madeUp(t: Test): Bench {
  const folder = t.testdir();
  const copy = `require("fs").copyFileSync(${JSON.stringify(join(folder, "next.json"))}, ${JSON.stringify(join(folder, "speed.json"))})`;
  const benches = join(folder, "benches.mjs");
  writeFileSync(
    benches,
    `const node = (code) => [process.execPath, "-e", code];
     export const BENCHES = [
       { name: "speed", title: "speed of things", minutes: 1, result: "speed.json", quick: [],
         command: node(${JSON.stringify(copy)}),
         figures: ({ ours, peer, memory }) => [
           { name: "a thing", unit: "µs", better: "less", ours, peers: { floor: peer }, against: "floor", isTime: true },
           { name: "memory", unit: "octets", better: "less", ours: memory, peers: {} } ] },
       { name: "broken", title: "what is broken", minutes: 1, result: "broken.json",
         command: node('console.error("no such peer"); process.exit(3)'), figures: () => [] },
     ];`,
  );
  return {
    folder,
    run(figures, ...args) {
      writeFileSync(join(folder, "next.json"), JSON.stringify(figures));
      const words = [program, "--benches", benches, "--output", folder, ...args];
      return spawnSync(process.execPath, words, {
        encoding: "utf8",
        env: { ...process.env, NODE_OPTIONS: "" },
      });
    },
  };
}

await t.test("a run is compared with the last one by what a peer does on the same machine", (t) => {
  const { folder, run } = madeUp(t);
  const first = run({ ours: 10, peer: 20, memory: 1000 }, "--only", "speed");
  t.equal(first.status, 0, first.stderr);
  t.match(first.stdout, /a thing +µs +10\.0 +new +floor 20\.0/);
  t.match(first.stderr, /^\[1\/1\] speed of things, about 1 min/m);

  const busy = run({ ours: 20, peer: 40, memory: 1050 }, "--only", "speed");
  t.equal(busy.status, 0, "everything took twice as long: the machine was busy");
  t.match(busy.stdout, /a thing +µs +20\.0 +10\.0 +\+0 %/);
  t.match(busy.stdout, /memory +octets +1050 +1000 +\+5 %\n/);

  const slower = run({ ours: 24, peer: 40, memory: 900 }, "--only", "speed");
  t.equal(slower.status, 1);
  t.match(slower.stdout, /a thing +µs +24\.0 +20\.0 +\+20 % +worse/);
  t.match(slower.stdout, /memory .*−14 % +better/);
  t.match(slower.stdout, /1 figures are worse/);

  const summary = JSON.parse(readFileSync(join(folder, "bench.json"), "utf8")) as Record<string, unknown>;
  t.match(summary, { commit: String, machine: { processor: String, node: process.version } });
  t.match(readFileSync(join(folder, "bench.svg"), "utf8"), /a thing, µs: floor.*× 1\.67/s);
  t.end();
});

await t.test("one that fails is told, does not keep the others from running, and ends with 1", (t) => {
  const { run } = madeUp(t);
  const { status, stdout } = run({ ours: 1, peer: 1, memory: 1 });
  t.equal(status, 1);
  t.match(stdout, /what is broken\nnot measured: it ended with 3: no such peer/);
  t.match(stdout, /1 of 2 benchmarks ran/);
  t.match(stdout, /a thing/);
  t.end();
});

await t.test("--json, --list, --quick, and a name that is none", (t) => {
  const { run } = madeUp(t);
  const json = JSON.parse(run({ ours: 1, peer: 1, memory: 1 }, "--json", "--only", "speed").stdout) as object;
  t.match(json, { results: [{ name: "speed", figures: [{ name: "a thing", verdict: "new" }, {}] }] });
  t.match(run({}, "--list").stdout, /^speed +speed of things, about 1 min\nbroken/);
  t.match(run({}, "--quick").stdout, /1 of 1 benchmarks ran; a quick run/);
  t.match(run({}, "--only", "spede"), {
    status: 2,
    stderr: /there is no benchmark spede; there are: speed broken/,
  });
  t.end();
});
