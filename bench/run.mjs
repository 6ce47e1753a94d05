// Runs every benchmark, one after the other, and tells what has changed since the last run. `npm run bench`
//
//   node bench/run.mjs [--quick] [--only name,…] [--list] [--json] [--output bench/results] [--benches file.mjs]
//
// --quick only shows that everything runs: those that can't be brief are left out, figures mean nothing and are neither
// written nor compared. --json prints the result as JSON and nothing else on standard output. --benches takes another list.
// Exit code 1 when a benchmark fails or a figure is worse than the last time by more than 10 %.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { compared } from "./compare.mjs";
import { ratioPlot, reportText } from "./report.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    list: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    output: { type: "string", default: join(root, "bench/results") },
    benches: { type: "string", default: join(root, "bench/benches.mjs") },
  },
});
const { BENCHES } = await import(pathToFileURL(resolve(options.benches)).href);
const wanted = options.only?.split(",");
const unknown = wanted?.filter((name) => !BENCHES.some((bench) => bench.name === name)) ?? [];
const names = BENCHES.map(({ name }) => name).join(" ");

if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(", ")}; there are: ${names}`);
  process.exit(2);
}
if (options.list) {
  for (const { name, title, minutes } of BENCHES)
    console.log(`${name.padEnd(18)}${title}, about ${String(minutes)} min`);
  process.exit(0);
}

/** A result file, read; undefined where there is none. */
function resultOf({ result }) {
  const file = join(options.output, result);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8");
  return result.endsWith(".json") ? JSON.parse(text) : text;
}

const processor = () => `${cpus()[0]?.model ?? "unknown"}, ${String(cpus().length)} processors`;
const lastRun = resultOf({ result: "bench.json" });

const figuresOf = (bench, result) => (result === undefined ? [] : bench.figures(result));

/** Runs one; its progress is shown behind ours. */
function run({ command, quick = [] }, show) {
  return new Promise((done) => {
    const [program, ...args] = [...command, ...(options.quick ? quick : [])];
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let complaints = "";
    let line = "";
    child.stdout.resume();
    child.stderr.setEncoding("utf8").on("data", (text) => {
      complaints = `${complaints}${text}`.slice(-4000);
      line =
        text
          .trimEnd()
          .split(/[\r\n]/)
          .at(-1) || line;
      show(line);
    });
    const timer = setInterval(() => show(line), 1000);
    const end = (failure) => {
      clearInterval(timer);
      done(failure);
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => {
      const last = complaints.trimEnd().split("\n").at(-1) ?? "";
      end(
        code === 0 ? undefined : `it ended with ${String(signal ?? code)}${last === "" ? "" : `: ${last}`}`,
      );
    });
  });
}

const isTerminal = process.stderr.isTTY === true;
const clock = (millis) => {
  const seconds = Math.round(millis / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
};

const chosen = BENCHES.filter(
  ({ name, quick }) => (wanted?.includes(name) ?? true) && (!options.quick || quick !== undefined),
);
const isSameMachine = lastRun === undefined || lastRun.machine.processor === processor();
const results = [];
for (const [index, bench] of chosen.entries()) {
  const before = figuresOf(bench, resultOf(bench));
  const began = performance.now();
  const left = chosen.slice(index).reduce((sum, { minutes }) => sum + minutes, 0);
  const head = `[${String(index + 1)}/${String(chosen.length)}] ${bench.title}`;
  const more = options.quick ? "" : `, about ${String(left)} min for the rest`;
  if (!isTerminal) console.error(`${head}${more}`);
  const failure = await run(bench, (line) => {
    if (!isTerminal) return;
    const text = `${head} ${clock(performance.now() - began)}${more}  ${line}`;
    process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  });
  if (isTerminal) process.stderr.write("\r\u001b[K");
  const now = failure === undefined && !options.quick ? figuresOf(bench, resultOf(bench)) : [];
  results.push({
    name: bench.name,
    title: bench.title,
    ...(failure === undefined ? {} : { failure }),
    seconds: Math.round((performance.now() - began) / 1000),
    figures: compared(before, now, { isSameMachine }),
  });
}

const said = (command, ...args) => {
  const { status, stdout } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "unknown";
};
const summary = {
  command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
  commit: said("git", "describe", "--always", "--dirty"),
  machine: {
    processor: processor(),
    kernel: release(),
    node: process.version,
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
  },
  results,
};
const failed = results.filter(({ failure }) => failure !== undefined);
const worse = results.flatMap(({ figures }) => figures.filter(({ verdict }) => verdict === "worse"));

if (!options.quick) {
  mkdirSync(options.output, { recursive: true });
  writeFileSync(join(options.output, "bench.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
  const about = `${summary.commit}, ${summary.machine.processor}, Node ${summary.machine.node}`;
  writeFileSync(join(options.output, "bench.svg"), ratioPlot(results, about));
}
if (options.json) console.log(JSON.stringify(summary));
else {
  console.log(
    reportText(results, { isColoured: process.stdout.isTTY === true && process.env.NO_COLOR === undefined }),
  );
  console.log(
    `${String(results.length - failed.length)} of ${String(results.length)} benchmarks ran; ` +
      (options.quick
        ? "a quick run, whose figures mean nothing"
        : `${String(worse.length)} figures are worse than last time by more than 10 %`),
  );
}
process.exitCode = failed.length > 0 || worse.length > 0 ? 1 : 0;
