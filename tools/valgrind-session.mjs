// Runs the scripted session (test/soak/session.ts) under a tool of valgrind.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Everything that was printed, and the exit code. While it runs, seconds go by on a terminal.
 * @param {string[]} valgrind its arguments
 * @param {number} rounds of the session
 */
export function underValgrind(valgrind, rounds) {
  return new Promise((resolve, reject) => {
    const program = [process.execPath, "--import", "tsx", "test/soak/session.ts", String(rounds)];
    const child = spawn("valgrind", ["--fair-sched=yes", ...valgrind, ...program], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    }
    const began = performance.now();
    const telling = setInterval(() => {
      const seconds = Math.round((performance.now() - began) / 1000);
      if (process.stderr.isTTY)
        process.stderr.write(`\r\u001b[Kthe session has run for ${String(seconds)} s`);
    }, 1000);
    child.on("error", (error) => {
      clearInterval(telling);
      const advice =
        error.code === "ENOENT" ? "valgrind is missing: apt-get install valgrind" : error.message;
      reject(new Error(advice));
    });
    child.on("close", (code) => {
      clearInterval(telling);
      if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
      resolve({ code, output });
    });
  });
}

/** Of the session's closing line: `260 channels were opened, …`. */
export const closingLine = (output) => /^\d+ channels were opened.*$/m.exec(output)?.[0];
