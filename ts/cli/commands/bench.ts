import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { MediaswitchError } from "../../core/errors.js";
import { EXIT_FAILED } from "../exit-code.js";
import { JSON_FLAG, type Flag } from "../flags.js";
import { makeCommand } from "../make-command.js";

export interface BenchOptions {
  readonly quick?: boolean;
  readonly list?: boolean;
  readonly only?: string;
  readonly output?: string;
  readonly json?: boolean;
}

const FLAGS: readonly Flag[] = [
  { flags: "--quick", text: "only show that everything runs, in minutes; figures mean nothing" },
  { flags: "--list", text: "tell which there are, and how long they take" },
  { flags: "--only <names>", text: "run these alone, separated by commas" },
  { flags: "--output <folder>", text: "write results here (default: bench/results)" },
  JSON_FLAG,
];

type Run = (options: BenchOptions) => Promise<void>;

export const benchCommand = (run: Run = bench): Command =>
  makeCommand(
    "bench",
    "measure speed and memory beside peers, and tell what changed since the last run",
    FLAGS,
  ).action((options: BenchOptions) => run(options));

const program = fileURLToPath(new URL("../../../bench/run.mjs", import.meta.url));

async function bench(options: BenchOptions): Promise<void> {
  if (!existsSync(program)) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      "benchmarks are not part of the npm package: clone the repository, and run npm run bench there",
    );
  }
  const child = spawn(process.execPath, [program, ...wordsOf(options)], { stdio: "inherit" });
  const [code] = (await once(child, "close")) as [number | null];
  process.exitCode = code ?? EXIT_FAILED;
}

/** As bench/run.mjs takes them. */
export const wordsOf = (options: BenchOptions): readonly string[] =>
  Object.entries(options).flatMap(([name, value]: [string, string | boolean]) =>
    value === true ? [`--${name}`] : typeof value === "string" ? [`--${name}`, value] : [],
  );
