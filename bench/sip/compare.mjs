// What did a change bring? Calls through two builds or more, in turns, in one run: `node bench/sip/compare.mjs <folder> <folder> …`
// Each folder is a checkout with its own dist; the first is what the others are held to. Warmed up once, then round by round.
//
//   node bench/sip/compare.mjs [--rounds 8] [--seconds 4] [--warm-up 15] [--rate 170] [--real-media] <folder> <folder> …
import { parseArgs } from "node:util";
import { goFirst } from "../media/priority.mjs";
import { median, textTable } from "../media/results.mjs";
import { NodeServer, cpuTime } from "../media/servers/child.mjs";
import { load, startCallee } from "./load.mjs";
import { CALLERS, freePort } from "./plan.mjs";

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "8" },
    seconds: { type: "string", default: "4" },
    "warm-up": { type: "string", default: "15" },
    rate: { type: "string", default: "170" },
    "real-media": { type: "boolean", default: false },
  },
});
if (folders.length < 2) throw new Error("name at least two folders, each with a built checkout");
const rate = Number(options.rate);

async function start(folder) {
  const calleePort = await freePort();
  const callee = startCallee(calleePort);
  const server = new NodeServer(
    [
      "--max-semi-space-size=64",
      `${folder}/bench/sip/servers/switch-process.mjs`,
      "--shared-thread",
      ...(options["real-media"] ? [] : ["--fake-media"]),
    ],
    { cwd: folder, env: { ...process.env, BENCH_CALLEE_PORT: String(calleePort) } },
  );
  const { port } = await server.ask("ready");
  return { folder, server, callee, port, micros: [], repeated: 0 };
}

async function callsFor(one, seconds) {
  const before = cpuTime(one.server.pid);
  const count = Math.round(rate * seconds);
  const { done, repeated } = await load("caller", { port: one.port, from: CALLERS, rate, count });
  one.repeated += repeated;
  return (cpuTime(one.server.pid) - before) / 1e3 / done;
}

goFirst();
const all = [];
for (const folder of folders) all.push(await start(folder));
for (const one of all) await callsFor(one, Number(options["warm-up"]));
for (let round = 0; round < Number(options.rounds); round += 1) {
  const order = round % 2 === 0 ? all : all.toReversed();
  for (const one of order) one.micros.push(await callsFor(one, Number(options.seconds)));
}
const [first] = all;
console.log(
  textTable(
    all.map(({ folder, micros, repeated }) => ({
      folder,
      "µs a call": median(micros).toFixed(0),
      "least–most": `${Math.min(...micros).toFixed(0)}–${Math.max(...micros).toFixed(0)}`,
      "times the first's": median(micros.map((value, round) => value / first.micros[round])).toFixed(3),
      repeated,
    })),
  ),
);
for (const one of all) {
  await one.server.stop();
  await one.callee.stop();
}
process.exit(0);
