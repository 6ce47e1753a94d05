import { spawn } from "node:child_process";
import type { Test } from "tap";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly pid: number;
  /** Standard output and error so far, as they came. */
  output(): string;
  /** To its standard input, where `input` was asked for. */
  write(text: string): void;
  /** Resolves when the output matches; rejects when the process ends first or `withinMillis` is over. */
  printed(pattern: RegExp, withinMillis: number): Promise<RegExpExecArray>;
  readonly ended: Promise<Ended>;
  /** SIGTERM, and SIGKILL if that is not heeded in ten seconds. */
  stop(): Promise<Ended>;
}

const STOP_MILLIS = 10_000;

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gives it a standard input that is written to; without it, there is nothing to read. */
  readonly input?: "written";
}

/** Starts a process that cannot outlive its test. Its output is shown when the test has failed. */
export function startProcess(
  t: Test,
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): RunningProcess {
  const child = spawn(command, args, {
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
  });
  let output = "";
  const listeners = new Set<() => void>();
  const tell = (): void => listeners.forEach((listener) => listener());
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      tell();
    });
  }

  // Its end is told by `ended`.
  child.stdin?.on("error", () => undefined);

  let result: Ended | undefined;
  const ended = new Promise<Ended>((resolve) => {
    const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
      result = { code, signal };
      resolve(result);
      tell();
    };
    child.on("close", finish);
    child.on("error", (error) => {
      output += `${command}: ${error.message}\n`;
      finish(null, null);
    });
  });

  const stop = async (): Promise<Ended> => {
    if (result !== undefined) return result;
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_MILLIS);
    try {
      return await ended;
    } finally {
      clearTimeout(hard);
    }
  };

  t.teardown(async () => {
    await stop();
    if (!t.passing()) t.comment(`${command} ${args.join(" ")}\n${output}`);
  });

  const printed = (pattern: RegExp, withinMillis: number): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const refuse = (why: string): void =>
        done(() => reject(new Error(`${command} ${why} without printing ${String(pattern)}:\n${output}`)));
      const look = (): void => {
        const match = pattern.exec(output);
        if (match !== null) done(() => resolve(match));
        else if (result !== undefined) refuse("ended");
      };
      const timer = setTimeout(() => refuse(`ran ${String(withinMillis)} ms`), withinMillis);
      listeners.add(look);
      look();
    });

  const write = (text: string): void => void child.stdin?.write(text);
  return { pid: child.pid ?? 0, output: () => output, write, printed, ended, stop };
}
