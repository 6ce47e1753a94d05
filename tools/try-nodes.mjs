// `npm run test:nodes`: the tap suite on other versions of Node than the one at hand. The npm package `node` carries
// them; they are kept under build/nodes. The addon is not built again: it speaks Node-API, so one build serves all.
// Exits with 1 when a version failed.
//
//   node tools/try-nodes.mjs [--versions 22,24] [--jobs 2] [test files; all but test/interop unless given]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Files that `npm test` gives to tap in one go, without those that need other programs. */
function allTests() {
  const interop = join("test", "interop");
  return readdirSync(join(root, "test"), { recursive: true })
    .map((name) => join("test", name))
    .filter((name) => /\.test\.ts$/.test(name) && !name.startsWith(interop))
    .sort();
}

function versionOf(binary) {
  if (!existsSync(binary)) return undefined;
  const { status, stdout } = spawnSync(binary, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** @returns the path of a Node of that version (`22`, `24.1.0`), fetched where it is not there yet. */
function fetchNode(wanted) {
  const folder = join(root, "build", "nodes", wanted);
  const binary = join(folder, "node_modules", "node", "bin", "node");
  if (versionOf(binary)?.startsWith(`v${wanted}.`) || versionOf(binary) === `v${wanted}`) return binary;
  mkdirSync(folder, { recursive: true });
  // A root of its own, so that npm does not take ours.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const npm = ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error", `node@${wanted}`];
  const { status } = spawnSync("npm", npm, { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw new Error(`npm could not install node@${wanted}`);
  if (versionOf(binary) === undefined) throw new Error(`${binary} does not run`);
  return binary;
}

/** @returns whether the suite passed. */
function runOn(wanted, files, jobs) {
  const binary = fetchNode(wanted);
  console.log(`\n=== Node ${versionOf(binary)}: ${files.length} test files`);
  const { status } = spawnSync(binary, [join("tools", "tap-summary.mjs"), `--jobs=${jobs}`, ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NO_COLOR: "1", PATH: `${dirname(binary)}${delimiter}${process.env.PATH ?? ""}` },
  });
  return status === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    versions: { type: "string", default: "22,24" },
    jobs: { type: "string", default: "2" },
  },
});
const files = positionals.length > 0 ? positionals : allTests();
const results = values.versions.split(",").map((wanted) => {
  try {
    return { wanted, passed: runOn(wanted, files, values.jobs) };
  } catch (error) {
    console.error(`Node ${wanted}: ${error.message}`);
    return { wanted, passed: false };
  }
});

console.log("");
for (const { wanted, passed } of results)
  console.log(`Node ${wanted.padEnd(8)} ${passed ? "passed" : "FAILED"}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
