// A media server in a process of its own, kept to one processor.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** The server has this processor to itself, the generator the other. */
export const SERVER_CPU = 0;
export const GENERATOR_CPU = 1;

export function pinned(cpu, command, args, options) {
  const child = spawn("taskset", ["-c", String(cpu), command, ...args], options);
  child.on("error", () => undefined); // told by `exit` or by what waits for it
  return child;
}

/** Nanoseconds that all threads of a process have run, from schedstat. */
export function cpuTime(pid) {
  const tasks = `/proc/${String(pid)}/task`;
  let total = 0;
  for (const task of readdirSync(tasks)) {
    try {
      total += Number(readFileSync(`${tasks}/${task}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      continue; // the thread has ended since
    }
  }
  return total;
}

/** Octets of memory that a process has for itself. */
export function residentOctets(pid) {
  const text = readFileSync(`/proc/${String(pid)}/smaps_rollup`, "utf8");
  return Number(/^Rss:\s+(\d+) kB/m.exec(text)?.[1]) * 1024;
}

export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = wait(3000, "late", { ref: false });
  if ((await Promise.race([ended, patience])) === "late") {
    child.kill("SIGKILL");
    await ended;
  }
}

/** A Node program that is asked over its IPC channel: `{ id, ask, … }`, answered by `{ id, … }`. */
export class NodeServer {
  #child;
  #waiting = new Map();
  #lastId = 0;
  #said = "";

  constructor(args, options = {}) {
    this.#child = pinned(SERVER_CPU, process.execPath, ["--expose-gc", ...args], {
      ...options,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.#said = (this.#said + text).slice(-2000)));
    }
    this.#child.on("message", ({ id, error, ...answer }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new Error(error));
    });
    this.#child.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`the server ended (${code ?? signal}): ${this.#said.trim()}`));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  ask(question, details = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, ask: question, ...details }, (error) => {
        if (error) reject(new Error(`the server is gone: ${this.#said.trim()}`));
      });
    });
  }

  /** Opens the legs, in their order; where each is to send. */
  async open(legs) {
    return (await this.ask("open", { legs })).places;
  }

  /** Memory after everything that is garbage has been collected. */
  async memory() {
    await this.ask("collect");
    return residentOctets(this.pid);
  }

  async stop() {
    await end(this.#child);
  }
}
