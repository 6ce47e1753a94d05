/**
 * Throws a million broken messages at the SIP server, in virtual time, ten thousand at one server: `npm run fuzz:sip`
 *
 *   tsx test/fuzz/sip-fuzz.ts [--messages 1000000] [--seed 1] [--output bench/results/sip-fuzz.txt]
 *
 * The exit code is 1 where a server threw, logged an error, left an OPTIONS without its 200, or held something after its
 * timers had run. The seed of each round is printed with what went wrong: `sipStorm(seed, 10_000)` shows it again.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { held, sipStorm, type StormOutcome } from "../support/sip-storm.js";

const ROUND = 10_000;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    output: { type: "string" },
  },
});
const messages = Number(values.messages);
const firstSeed = Number(values.seed);
if (!Number.isInteger(messages) || messages < 1 || !Number.isInteger(firstSeed)) {
  throw new Error("--messages and --seed take whole numbers");
}

function faultsOf(outcome: StormOutcome): string[] {
  const faults = [...outcome.troubles];
  if (outcome.probesAnswered !== outcome.probes) {
    faults.push(`${String(outcome.probesAnswered)} of ${String(outcome.probes)} OPTIONS were answered`);
  }
  if (!isDeepStrictEqual(held(outcome.after), held(outcome.before))) {
    faults.push(`left over: ${JSON.stringify(held(outcome.after))}`);
  }
  return faults;
}

/** What runs: it was read from the disk just now. */
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();

const add = <Key>(sums: Map<Key, number>, key: Key, count: number): void => {
  sums.set(key, (sums.get(key) ?? 0) + count);
};

const statuses = new Map<number, number>();
const refused = new Map<string, number>();
const faults: string[] = [];
let probes = 0;
let done = 0;
let memory = 0;
const cpuBefore = process.cpuUsage();
for (let round = 0; done < messages; round += 1) {
  const seed = firstSeed + round;
  const size = Math.min(ROUND, messages - done);
  try {
    const outcome = await sipStorm(seed, size);
    faults.push(...faultsOf(outcome).map((fault) => `seed ${String(seed)}: ${fault}`));
    for (const [status, count] of outcome.statuses) add(statuses, status, count);
    for (const [reason, count] of Object.entries(outcome.refused)) add(refused, reason, count);
    probes += outcome.probes;
  } catch (error) {
    faults.push(
      `seed ${String(seed)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
  done += size;
  memory = Math.max(memory, process.memoryUsage().rss);
  if (round % 10 === 9) console.error(`${String(done)} messages, ${String(faults.length)} faults`);
}
const cpu = process.cpuUsage(cpuBefore);

const byCount = <Key>(sums: ReadonlyMap<Key, number>): string =>
  [...sums]
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => `  ${String(count).padStart(9)}  ${String(key)}`)
    .join("\n");

const report = `${String(done)} messages to the whole SIP server, a fifth of them whole, the others with one to six changes
commit ${commit}, node ${process.version}, seeds ${String(firstSeed)} to ${String(firstSeed + Math.ceil(done / ROUND) - 1)}, ${String(ROUND)} messages to one server
CPU ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s, largest resident memory ${(memory / 2 ** 20).toFixed(0)} MiB
OPTIONS sent in between: ${String(probes)}
faults (thrown, error logged, OPTIONS unanswered, something left over): ${String(faults.length)}
${faults.map((fault) => `  ${fault}\n`).join("")}
messages that left the server, by status:
${byCount(statuses)}

messages that were refused where they are read, and others that were not let in, by reason:
${byCount(refused)}
`;
console.log(report);
if (values.output !== undefined) writeFileSync(values.output, report);
process.exitCode = faults.length === 0 ? 0 : 1;
