// Runs `tap` with the given arguments, shows its failures only, and ends with one plain line that people and
// CI can read: `N passed, N failed, N skipped`. Exits as tap does.
//
//   node tools/tap-summary.mjs [--all] [tap arguments and test files]
//
// --all shows the whole TAP output instead of the failures.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { failuresOnly, readTotals, verdict } from "./tap-output.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const tap = fileURLToPath(new URL("../node_modules/@tapjs/run/dist/esm/index.js", import.meta.url));
const all = process.argv[2] === "--all";
const args = process.argv.slice(all ? 3 : 2);

const child = spawn(process.execPath, [tap, "--reporter=tap", ...args], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));

let totals;
const shown = failuresOnly();
createInterface({ input: child.stdout, crlfDelay: Infinity }).on("line", (line) => {
  totals = readTotals(line) ?? totals;
  for (const kept of all ? [line] : shown(line)) console.log(kept);
});

child.on("close", (code, signal) => {
  if (signal !== null) console.log(`tap was ended by ${signal}`);
  const { line, exitCode } = verdict(totals, code ?? 1);
  console.log(line);
  process.exitCode = exitCode;
});
