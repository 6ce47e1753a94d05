// `npm test`: every check of the project, the fast ones first. All are run even when one fails, so that one run
// tells everything; the exit code is 1 if any failed.
//
//   node tools/run-checks.mjs [--only step[,step…]] [--list]
import { spawn, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { groupTests } from "./test-groups.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const node = (script, ...args) => [process.execPath, script, ...args];
const bin = (path, ...args) => node(join("node_modules", path), ...args);

/** Sources of others, which npm puts there. */
const STAGED = join("native", "deps");
const CPP = /\.(cpp|hpp|h)$/;

/** Paths under `folder` that match, relative to the root, sorted so that two runs are the same. */
function filesIn(folder, pattern) {
  const found = readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => pattern.test(name) && !name.startsWith(STAGED))
    .sort();
  if (found.length === 0) throw new Error(`${folder} has no file that matches ${pattern}`);
  return found;
}

function clangFormat() {
  const command = ["clang-format-14", "clang-format"].find(
    (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
  );
  if (command === undefined) throw new Error("clang-format is missing: bash tools/setup.sh test");
  return [command, "--dry-run", "-Werror", ...filesIn("native", CPP), ...filesIn("test", CPP)];
}

const interop = (name) => name.startsWith(join("test", "interop"));
const testFiles = (isWanted) => filesIn("test", /\.test\.ts$/).filter(isWanted);
const tap = (...args) => node("tools/tap-summary.mjs", ...args);

/**
 * `commands` are made when the step begins, so that what one cannot find fails that step alone. A `live` step's
 * output is shown as it comes; of the others all of it when they fail, the last line when they pass. `verdict` finds
 * a runner's closing line where that is not its last. What goes `alongside` runs at the same time as the step before it,
 * and tells all when it is done.
 */
const STEPS = [
  {
    name: "format",
    commands: () => [bin("prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."), clangFormat()],
    closing: "all files are formatted",
  },
  {
    name: "lint",
    alongside: true,
    commands: () => [bin("eslint/bin/eslint.js", ".")],
    closing: "eslint: 0 problems",
  },
  {
    name: "layers",
    alongside: true,
    commands: () => [
      node("tools/check-native-layers.mjs"),
      bin("dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.cjs", "ts"),
    ],
  },
  {
    name: "types",
    alongside: true,
    commands: () => [
      bin("typescript/bin/tsc", "-p", "tsconfig.check.json"),
      bin("typescript/bin/tsc", "-p", "web"),
    ],
    closing: "tsc: 0 errors",
  },
  { name: "package", alongside: true, commands: () => [node("tools/check-package.mjs")] },
  {
    name: "native",
    live: true,
    commands: () => [["npm", "run", "--silent", "test:native"]],
    verdict: /^\d+% tests passed.*$/m,
  },
  {
    name: "tap",
    live: true,
    // A runner that builds its own set of plugins first, as .taprc wants it, does not use it in that run yet.
    commands: () => [
      bin("@tapjs/run/dist/esm/index.js", "build"),
      tap(...groupTests(testFiles((name) => !interop(name)))),
    ],
  },
  {
    name: "interop",
    live: true,
    commands: () => [tap("--jobs=2", "--timeout=300", ...testFiles(interop))],
  },
  {
    name: "soak",
    alongside: true,
    commands: () => [bin("tsx/dist/cli.mjs", "test/soak/run.ts", "--seconds", "60")],
  },
  // Phones mostly wait for each other; these take what time they leave.
  {
    name: "threads",
    alongside: true,
    commands: () => [["nice", "-n", "10", "npm", "run", "--silent", "test:threads"]],
    verdict: /^\d+% tests passed.*$/m,
  },
  {
    name: "fuzz",
    alongside: true,
    commands: () => [["nice", "-n", "5", ...node("tools/run-fuzzers.mjs", "--seconds", "20", "--jobs", "1")]],
  },
];

/** Runs one command; what it printed is kept, and shown at once where `live`. */
function run([command, ...args], live) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (live) process.stdout.write(text);
      });
    }
    child.on("error", (error) => resolve({ passed: false, output: `${command}: ${error.message}\n` }));
    child.on("close", (code, signal) => {
      if (signal !== null) output += `${command} was ended by ${signal}\n`;
      resolve({ passed: code === 0, output });
    });
  });
}

const closingLine = (output, verdict) =>
  verdict?.exec(output)?.[0] ?? output.trimEnd().split("\n").at(-1)?.trim() ?? "";

/** Runs a step's commands, all of them; its closing line is the last command's. */
async function runStep({ name, commands, closing = "", verdict, ...step }) {
  const began = performance.now();
  const live = step.live === true && step.alongside !== true;
  const told = [];
  const tell = (text) => (step.alongside ? told.push(text) : console.log(text));
  tell(`\n=== ${name}`);
  let passed = true;
  let last = "";
  try {
    for (const command of commands()) {
      const result = await run(command, live);
      passed &&= result.passed;
      if (!result.passed && !live) tell(result.output.trimEnd());
      last = closingLine(result.output, verdict) || last;
    }
  } catch (error) {
    passed = false;
    last = error.message;
    tell(last);
  }
  const text = last === "" && passed ? closing : last;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (!live && passed) tell(text);
  tell(`=== ${name}: ${passed ? "passed" : "FAILED"} in ${seconds} s`);
  if (told.length > 0) console.log(told.join("\n"));
  return { name, passed, seconds, text };
}

/** Steps that run at the same time: each that goes alongside joins the one before it. */
function stagesOf(steps) {
  const stages = [];
  for (const step of steps) {
    if (step.alongside === true && stages.length > 0) stages.at(-1).push(step);
    else stages.push([step]);
  }
  return stages;
}

const { values } = parseArgs({
  options: { only: { type: "string" }, list: { type: "boolean", default: false } },
});
const wanted = values.only?.split(",") ?? STEPS.map(({ name }) => name);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));

if (values.list || unknown.length > 0) {
  for (const name of unknown) console.error(`there is no step named ${name}`);
  console.log(`steps: ${STEPS.map(({ name }) => name).join(" ")}`);
  process.exitCode = unknown.length > 0 ? 1 : 0;
} else {
  const results = [];
  for (const stage of stagesOf(STEPS.filter(({ name }) => wanted.includes(name)))) {
    results.push(...(await Promise.all(stage.map(runStep))));
  }

  console.log("\n=== checks");
  for (const { name, passed, seconds, text } of results) {
    console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(8)} ${seconds.padStart(6)} s  ${text}`);
  }
  const failed = results.filter(({ passed }) => !passed).length;
  console.log(`${results.length - failed} of ${results.length} checks passed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
