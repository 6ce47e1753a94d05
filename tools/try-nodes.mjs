// `npm run test:nodes`: the tap suite on other versions of Node than the one at hand. The npm package `node` carries
// them; they are kept under build/nodes. The addon is not built again: it speaks Node-API, so one build serves all.
// Prints each file as it ends, and in the end one line for each version. Exits with 1 when a version failed.
//
//   node tools/try-nodes.mjs [--versions 22,24] [--jobs 2] [--output FILE] [test files; all but test/interop unless given]
//
// --output writes the last lines into FILE as well: bench/results/nodes.txt is made so.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { failuresOnly, readFileResult, readTotals, verdict } from "./tap-output.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tap = join("node_modules", "@tapjs", "run", "dist", "esm", "index.js");

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

/** What Node warns of once in each process, without the process: one for all files. */
const WARNING = /^\(node:\d+\) (.*Warning.*)$/;

/** Runs tap; shows how far it is, and what fails. @returns what there is to say of it. */
async function runOn(wanted, files, jobs) {
  const binary = fetchNode(wanted);
  const version = versionOf(binary);
  console.log(`\n=== Node ${version}: ${files.length} test files`);
  const began = Date.now();
  const child = spawn(binary, [tap, "--reporter=tap", `--jobs=${jobs}`, ...files], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", PATH: `${dirname(binary)}${delimiter}${process.env.PATH ?? ""}` },
  });
  const stop = (signal) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stop);

  let totals;
  let ended = 0;
  const failed = [];
  const warnings = new Set();
  const shown = failuresOnly();
  createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", (line) => {
    totals = readTotals(line) ?? totals;
    const result = readFileResult(line);
    if (result === undefined) {
      for (const kept of shown(line)) console.log(kept);
      return;
    }
    shown(line);
    ended += 1;
    const { file, passed, seconds } = result;
    if (!passed) failed.push(file);
    const place = `[${String(ended).padStart(String(files.length).length)}/${files.length}]`;
    console.log(`${place} ${passed ? "ok    " : "FAILED"} ${file} ${seconds.toFixed(1)} s`);
  });
  createInterface({ input: child.stderr, crlfDelay: Infinity }).on("line", (line) => {
    const warning = WARNING.exec(line)?.[1];
    if (warning !== undefined) warnings.add(warning);
    console.error(line);
  });
  const code = await new Promise((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, stop);
  const { line, exitCode } = verdict(totals, code);
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  return {
    passed: exitCode === 0,
    lines: [
      `Node ${version}: ${exitCode === 0 ? "passed" : "FAILED"}; ${ended} of ${files.length} files, tests: ${line}; ${minutes} min`,
      ...failed.map((file) => `  failed: ${file}`),
      ...[...warnings].map((warning) => `  warned: ${warning}`),
    ],
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    versions: { type: "string", default: "22,24" },
    jobs: { type: "string", default: "2" },
    output: { type: "string" },
  },
});
const files = positionals.length > 0 ? positionals : allTests();
const results = [];
for (const wanted of values.versions.split(",")) {
  try {
    results.push(await runOn(wanted, files, values.jobs));
  } catch (error) {
    results.push({ passed: false, lines: [`Node ${wanted}: FAILED; ${error.message}`] });
  }
}

const asked = ["npm run test:nodes", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])];
const summary = [
  `$ ${asked.join(" ")}`,
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} processors, one build of the addon for all versions`,
  "",
  ...results.flatMap(({ lines }) => lines),
];
console.log(`\n${summary.join("\n")}`);
if (values.output !== undefined) writeFileSync(join(root, values.output), `${summary.join("\n")}\n`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
