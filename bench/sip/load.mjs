// sipp as the telephones: on the other processor, at a steady rate, until so many calls are done.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { GENERATOR_CPU, end, pinned } from "../media/servers/child.mjs";
import { CALLEE, SECRET, SERVER, USERS, freePort, userName } from "./plan.mjs";

const scenario = (name) => fileURLToPath(new URL(`scenarios/${name}.xml`, import.meta.url));

/** Files that sipp reads and writes; they go with the run. */
export const folder = mkdtempSync(join(tmpdir(), "mediaswitch-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const users = join(folder, "users.csv");
const line = (index) => {
  const name = userName(index);
  return `${name};[authentication username=${name} password=${SECRET}]`;
};
writeFileSync(users, `SEQUENTIAL\n${Array.from({ length: USERS }, (_, index) => line(index)).join("\n")}\n`);

function sipp(name, { host = SERVER, port, from, ownPort, options }) {
  const args = ["-sf", scenario(name), "-i", from, "-p", String(ownPort), "-mi", from, "-nostdin"];
  const child = pinned(GENERATOR_CPU, "sipp", [`${host}:${String(port)}`, ...args, ...options], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TERM: "dumb" },
  });
  return { child, printed: Promise.all([text(child.stdout), text(child.stderr)]) };
}

/** The last line of sipp's statistics, by column. */
function statistics(file) {
  const [head, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const last = lines.at(-1)?.split(";") ?? [];
  return Object.fromEntries(head.split(";").map((name, index) => [name, Number(last[index])]));
}

let runs = 0;

/**
 * Runs a scenario `count` times at `rate` a second. @returns how many ended well, how many requests had to be repeated.
 * @param hold milliseconds between answer and BYE; @param started is given the child where calls are to stand meanwhile.
 */
export async function load(name, { port, from, rate, count, hold = 0, started }) {
  runs += 1;
  const file = join(folder, `statistics-${String(runs)}.csv`);
  const options = ["-r", String(rate), "-m", String(count), "-l", "30000", "-d", String(hold)];
  options.push(
    "-trace_stat",
    "-stf",
    file,
    "-fd",
    "1",
    "-timeout",
    String(60 + Math.ceil(count / rate) + hold / 1000),
  );
  if (name === "register") options.push("-inf", users);
  const { child, printed } = sipp(name, { port, from, ownPort: await freePort(), options });
  started?.(child);
  const [[code], [output, complaint]] = await Promise.all([once(child, "exit"), printed]);
  if (code !== 0 && code !== 1) {
    throw new Error(`sipp ended with ${String(code)}: ${(complaint.trim() || output.trim()).slice(-200)}`);
  }
  const last = statistics(file);
  return {
    done: last["SuccessfulCall(C)"],
    failed: last["FailedCall(C)"],
    repeated: last["Retransmissions(C)"],
  };
}

/** The one who answers, until `stop`. */
export function startCallee(port) {
  const { child } = sipp("callee", { port: 9, from: CALLEE, ownPort: port, options: [] });
  return { stop: () => end(child) };
}
