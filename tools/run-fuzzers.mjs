// Builds the fuzz targets of test/fuzz with clang's libFuzzer and the address and undefined-behaviour sanitizers, and runs
// each for a while, from the corpus that is committed. `npm run fuzz`; `npm run fuzz:long` for ten minutes each.
//
//   node tools/run-fuzzers.mjs [--seconds 20] [--only rtp,wav] [--jobs 1] [--output <file>] [--minimise]
//
// What a fuzzer finds goes to build/fuzz/<name>/; an input that breaks something is kept there, and named. --minimise:
// instead of fuzzing, writes the smallest set of inputs that reaches as much code back into the corpus.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "test/fuzz");
const build = join(root, "build/fuzz");

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    only: { type: "string" },
    jobs: { type: "string", default: String(availableParallelism()) },
    output: { type: "string" },
    minimise: { type: "boolean", default: false },
  },
});
const seconds = Number(options.seconds);

const names = readdirSync(sources)
  .flatMap((file) => /^(.+)_fuzz\.cpp$/.exec(file)?.[1] ?? [])
  .filter((name) => options.only === undefined || options.only.split(",").includes(name))
  .sort();

function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  if (error !== undefined) throw new Error(`${command} can't be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`);
}

function compiler() {
  const version = ["-14", ""].find(
    (suffix) => spawnSync(`clang++${suffix}`, ["--version"], { stdio: "ignore" }).status === 0,
  );
  if (version === undefined) throw new Error("clang is missing: apt-get install clang-14 libclang-rt-14-dev");
  return { c: `clang${version}`, cpp: `clang++${version}` };
}

function buildTargets() {
  const { c, cpp } = compiler();
  const compilers = [`-DCMAKE_C_COMPILER=${c}`, `-DCMAKE_CXX_COMPILER=${cpp}`];
  run("cmake", ["-S", sources, "-B", build, "-G", "Ninja", ...compilers]);
  const targets = names.map((name) => `${name}_fuzz`);
  run("cmake", ["--build", build, "--parallel", options.jobs, "--target", ...targets]);
}

/** libFuzzer's last account of itself: executions, coverage. */
function account(output) {
  const last = [...output.matchAll(/^#(\d+)\s.*cov: (\d+) ft: (\d+) corp: (\d+)/gm)].at(-1);
  const executed = /^Done (\d+) runs/m.exec(output)?.[1] ?? last?.[1];
  return { executions: Number(executed ?? 0), edges: Number(last?.[2] ?? 0), inputs: Number(last?.[4] ?? 0) };
}

const corpusOf = (name) => join(sources, "corpus", name);

function fuzzerArguments(name) {
  const found = join(build, name);
  mkdirSync(found, { recursive: true });
  const seeds = existsSync(corpusOf(name)) ? [corpusOf(name)] : [];
  if (seeds.length === 0) throw new Error(`test/fuzz/corpus/${name} is missing`);
  const limits = ["-max_len=4096", "-rss_limit_mb=1024", "-timeout=10", `-artifact_prefix=${found}/`];
  return options.minimise
    ? ["-merge=1", ...limits, corpusOf(name), found]
    : [`-max_total_time=${String(seconds)}`, "-print_final_stats=1", ...limits, found, ...seeds];
}

/** Runs one target. `tell` is called with how far it is, about once a second. */
function fuzz(name, tell) {
  return new Promise((resolve) => {
    const child = spawn(join(build, `${name}_fuzz`), fuzzerArguments(name), {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ASAN_OPTIONS: "detect_leaks=1", UBSAN_OPTIONS: "print_stacktrace=1" },
    });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (output = (output + text).slice(-200_000)));
    const ticking = setInterval(() => tell(account(output)), 1000);
    child.on("error", (error) => (output += error.message));
    child.on("close", (code) => {
      clearInterval(ticking);
      resolve({ name, passed: code === 0, output, ...account(output) });
    });
  });
}

const count = (number) => number.toLocaleString("en");

function line({ name, passed, executions, edges, inputs }) {
  const verdict = passed ? "passed" : "FAILED";
  return `${verdict}  ${name.padEnd(16)} ${count(executions).padStart(12)} runs  ${count(edges).padStart(6)} edges  ${count(inputs).padStart(5)} inputs`;
}

/** Shows how far one is, where somebody looks. */
function show(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** As many at once as there are jobs. */
async function fuzzAll() {
  const results = [];
  const waiting = [...names];
  const began = performance.now();
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await fuzz(name, ({ executions }) => {
        const elapsed = Math.round((performance.now() - began) / 1000);
        show(
          `${String(results.length)}/${String(names.length)} done, ${String(elapsed)} s; ${name}: ${count(executions)} runs`,
        );
      });
      show("");
      console.log(line(result));
      if (!result.passed) {
        console.log(result.output.slice(-6000));
        console.log(`what it found is in ${relative(root, join(build, name))}`);
      }
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(Number(options.jobs), names.length) }, work));
  return results;
}

if (names.length === 0) throw new Error("there is no such fuzz target");
console.log(`building ${names.join(", ")}`);
buildTargets();
const results = await fuzzAll();
const failed = results.filter(({ passed }) => !passed).length;
const closing = `${String(results.length - failed)} of ${String(results.length)} fuzz targets passed, ${String(seconds)} s each`;
console.log(closing);
if (options.output !== undefined)
  writeFileSync(options.output, `${results.map(line).sort().join("\n")}\n${closing}\n`);
process.exitCode = failed === 0 ? 0 : 1;
