// What memory the addon takes while a session goes on, by valgrind's massif. `npm run massif`
// Writes a summary and a plot into bench/results.
//
//   node tools/run-massif.mjs [--rounds 20] [--output bench/results]
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { closingLine, root, underValgrind } from "./valgrind-session.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    output: { type: "string", default: join(root, "bench/results") },
  },
});
const build = join(root, "build/massif");
const recorded = join(build, "massif.out");

/** Octets held by calls that go through the addon, by a snapshot's tree of who allocated. */
function heldByAddon(tree) {
  // A line of the tree that names the addon stands for all that is below it.
  let total = 0;
  let inside = Infinity;
  for (const [, indent, octets, where] of tree.matchAll(/^( *)n\d+: (\d+) (.*)$/gm)) {
    if (indent.length > inside) continue;
    inside = Infinity;
    if (where.includes("mediaswitch.node")) {
      total += Number(octets);
      inside = indent.length;
    }
  }
  return total;
}

/** Of every snapshot: milliseconds, the heap with what its keeping costs, and the addon's part of it. */
const snapshots = (text) =>
  text
    .split(/^snapshot=\d+$/m)
    .slice(1)
    .map((snapshot) => {
      const number = (key) => Number(new RegExp(`^${key}=(\\d+)$`, "m").exec(snapshot)?.[1]);
      return {
        time: number("time"),
        octets: number("mem_heap_B") + number("mem_heap_extra_B"),
        ours: heldByAddon(snapshot),
      };
    });

const MIB = 1024 * 1024;
const WIDTH = 860;
const HEIGHT = 320;
const EDGE = 60;

/** The heap over time, as SVG. */
function plot(points) {
  const last = points.at(-1).time;
  const most = Math.max(...points.map(({ octets }) => octets));
  const x = (time) => EDGE + (time / last) * (WIDTH - 2 * EDGE);
  const y = (octets) => HEIGHT - EDGE + 20 - (octets / most) * (HEIGHT - 2 * EDGE);
  const line = (colour, pick) => {
    const at = points.map((point) => `${x(point.time).toFixed(1)},${y(pick(point)).toFixed(1)}`).join(" ");
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${at}"/>`;
  };
  const label = (at, height, content, anchor) =>
    `<text x="${String(at)}" y="${String(height)}" text-anchor="${anchor}">${content}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(HEIGHT)}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    label(20, 24, "Heap during the session, MiB: all of node (grey), the addon (blue)", "start"),
    line("#9aa5b1", ({ octets }) => octets),
    line("#1565c0", ({ ours }) => ours),
    `<path d="M${String(EDGE)} ${String(y(0))}H${String(WIDTH - EDGE)}M${String(EDGE)} ${String(y(0))}V${String(y(most))}" stroke="black" fill="none"/>`,
    label(EDGE - 6, y(most) + 4, (most / MIB).toFixed(1), "end"),
    label(EDGE - 6, y(0) + 4, "0", "end"),
    label(WIDTH - EDGE, y(0) + 18, `${(last / 1000).toFixed(0)} s`, "end"),
    "</svg>",
    "",
  ].join("\n");
}

mkdirSync(build, { recursive: true });
const { code, output } = await underValgrind(
  [
    "--tool=massif",
    "--time-unit=ms",
    "--detailed-freq=1",
    "--depth=12",
    "--threshold=0.1",
    `--massif-out-file=${recorded}`,
  ],
  Number(options.rounds),
);
const session = closingLine(output);
if (code !== 0 || session === undefined) {
  console.log(output.slice(-4000));
  throw new Error("the session did not come to its end");
}
const text = readFileSync(recorded, "utf8");
const points = snapshots(text);
const { stdout } = spawnSync("ms_print", [recorded], { encoding: "utf8", maxBuffer: 1 << 28 });
// Its graph and the list of snapshots' times stand before the first table.
const graph = stdout.slice(stdout.indexOf("\n\n") + 2, stdout.indexOf("Number of snapshots")).trimEnd();
const most = (pick) => Math.max(...points.map(pick));
const end = points.at(-1);
const mib = (octets) => `${(octets / MIB).toFixed(2)} MiB`;
const summary = [
  graph,
  "",
  session,
  `all of node: at most ${mib(most(({ octets }) => octets))}, at the end ${mib(end.octets)}`,
  `the addon: at most ${mib(most(({ ours }) => ours))}, at the end ${mib(end.ours)}`,
  "",
].join("\n");
mkdirSync(options.output, { recursive: true });
writeFileSync(join(options.output, "massif.txt"), summary);
writeFileSync(join(options.output, "massif.svg"), plot(points));
console.log(summary);
