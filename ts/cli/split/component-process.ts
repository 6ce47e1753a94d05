import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { MediaswitchError } from "../../core/errors.js";
import type { RunningJson } from "../summary-json.js";
import type { Component } from "./component-arguments.js";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A component that runs in a process of its own. */
export interface ComponentProcess {
  readonly pid: number | undefined;
  /** What it says once it is up. Rejects when it ended before. */
  readonly up: Promise<RunningJson>;
  /** Never rejects. */
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

export interface SpawnOptions {
  /** Words after `mediaswitch`, with `--json` among them. */
  readonly words: readonly string[];
  /** Takes its lines: logs as they are, which name their component, and others with its name before them. */
  readonly tell: (stream: "out" | "err", line: string) => void;
}

/**
 * Starts one with this process's Node, program and environment. It is in a process group of its own, so that Ctrl-C reaches
 * us alone and we choose the order of ending; and it ends by itself when we are gone, since its channel to us closes then.
 */
export function spawnComponent(component: Component, { words, tell }: SpawnOptions): ComponentProcess {
  const program = process.argv[1] ?? "";
  const child = spawn(process.execPath, [...process.execArgv, program, ...words], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  let hasEnded: Ended | undefined;
  const ended = new Promise<Ended>((resolve) => {
    const end = (result: Ended): void => {
      hasEnded ??= result;
      resolve(hasEnded);
    };
    child.on("close", (code, signal) => {
      end({ code, signal });
    });
    child.on("error", (error) => {
      tell("err", `${component}: ${error.message}`);
      // Of what has a pid `close` tells.
      if (child.pid === undefined) end({ code: null, signal: null });
    });
  });
  const up = new Promise<RunningJson>((resolve, reject) => {
    let isUp = false;
    const labelled = (line: string): string => (line.startsWith("{") ? line : `${component}: ${line}`);
    eachLine(child.stdout, (line) => {
      const summary = isUp ? undefined : summaryIn(line, component);
      if (summary === undefined) {
        tell("out", labelled(line));
        return;
      }
      isUp = true;
      resolve(summary);
    });
    eachLine(child.stderr, (line) => {
      tell("err", labelled(line));
    });
    void ended.then((result) => {
      reject(new MediaswitchError("INTERNAL", `${component} ended before it was up, ${howItEnded(result)}`));
    });
  });
  // Whoever does not wait for it is told by `ended`.
  up.catch(() => undefined);
  return {
    pid: child.pid,
    up,
    ended,
    kill: (signal) => {
      if (hasEnded === undefined) child.kill(signal);
    },
  };
}

export const howItEnded = ({ code, signal }: Ended): string =>
  signal === null ? `with exit code ${String(code)}` : `by ${signal}`;

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream === null) return;
  createInterface({ input: stream, crlfDelay: Infinity }).on("line", take);
}

function summaryIn(line: string, component: Component): RunningJson | undefined {
  if (!line.startsWith(`{"running":"${component}"`)) return undefined;
  try {
    return JSON.parse(line) as RunningJson;
  } catch {
    return undefined;
  }
}
