/** `npm run simulate -- --seeds 10000 [--from 1] [--output bench/results/simulation.txt]`: many seeds, and what came of them. */
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { simulate } from "./random-calls.js";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    output: { type: "string" },
  },
});
const [count, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(from)) {
  throw new Error("--seeds and --from have to be whole numbers");
}

const began = performance.now();
const totals = { calls: 0, verbs: 0, messages: 0, lost: 0 };
const did = new Map<string, number>();
const failed: string[] = [];
for (let seed = from; seed < from + count; seed++) {
  const result = await simulate(seed);
  totals.calls += result.calls;
  totals.verbs += result.verbs;
  totals.messages += result.messages;
  totals.lost += result.lost;
  for (const [what, times] of Object.entries(result.did)) did.set(what, (did.get(what) ?? 0) + times);
  if (result.broken.length === 0) continue;
  failed.push(`seed ${String(seed)}: ${result.broken.join("; ")}`);
  console.log(`seed ${String(seed)}\n${result.ladder}\n`);
}

const taken = (performance.now() - began) / 1000;
const acts = [...did]
  .sort(([, one], [, other]) => other - one)
  .map(([what, times]) => `${what} ${String(times)}`);
const report = [
  "Random calls: whatever callers, callees, scripts and the network do, the promises of the switch hold.",
  `npm run simulate -- --seeds ${String(count)} --from ${String(from)}`,
  "",
  `node ${process.version}, ${cpus()[0]?.model ?? "unknown processor"}`,
  `seeds     ${String(count)}`,
  `failed    ${String(failed.length)}`,
  `calls     ${String(totals.calls)}`,
  `verbs     ${String(totals.verbs)} waited for`,
  `messages  ${String(totals.messages)}, of which lost ${String(totals.lost)}`,
  `seconds   ${taken.toFixed(1)}`,
  `acts      ${acts.join(", ")}`,
  "",
  "Held at every seed but those named below: one final response for each INVITE, one end and one record for each call,",
  "every verb settled, and nothing left of SIP transactions, dialogs, timers, channels and calls.",
  ...(failed.length === 0 ? [] : ["", "NOT SO:", ...failed]),
  "",
].join("\n");
console.log(report);
if (values.output !== undefined) writeFileSync(values.output, report);
process.exitCode = failed.length === 0 ? 0 : 1;
