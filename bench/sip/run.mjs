// What does SIP cost, next to Debian's Kamailio and to the npm package `sip`? `npm run bench:sip-server`
// All in one run, in turns, so that ratios mean something: bench/README.md.
//
//   node bench/sip/run.mjs [--quick] [--check] [--rounds 3] [--only register,call,memory] [--output <folder>]
//
// --quick: a second or two of each, to see that every row gives figures; they are held to nothing and not written.
// Exit code 1 when a row of ours could not be measured, and with --check also when a figure misses its bound.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { goFirst } from "../media/priority.mjs";
import { Progress } from "../media/progress.mjs";
import { median, medianOf, textTable } from "../media/results.mjs";
import { cpuTime } from "../media/servers/child.mjs";
import { load, startCallee } from "./load.mjs";
import { measureMemory } from "./memory.mjs";
import { freePort } from "./plan.mjs";
import { BOUNDS, BUSY, ROWS } from "./rows.mjs";
import { kamailio } from "./servers/kamailio.mjs";
import {
  mediaswitch,
  sipPackage,
  withFakeMedia,
  withFakeMediaApart,
  withOwnThread,
} from "./servers/node-servers.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    rounds: { type: "string" },
    only: { type: "string" },
    output: { type: "string" },
  },
});

/** Seconds; and of memory how much is held. `share` of the rates of the rows; `searches` for the rate that makes a server as busy as `BUSY`. */
const SIZES = options.quick
  ? {
      warmUp: 1,
      search: 0,
      searches: 0,
      measured: 2,
      share: 0.15,
      count: 1000,
      calls: 100,
      rate: 300,
      callRate: 20,
    }
  : {
      warmUp: 20,
      search: 4,
      searches: 3,
      measured: 8,
      share: 1,
      count: 10_000,
      calls: 1000,
      rate: 1000,
      callRate: 50,
    };
/** Fewer done, or more requests sent twice, and the cost of one means nothing. */
const CLEAN = { done: 0.999, repeated: 0.01 };
const KINDS = [kamailio, sipPackage, mediaswitch, withFakeMedia, withOwnThread];
/** Whose memory is measured. A real engine ends calls that nobody speaks in before their transactions are over. */
const HOLDERS = [kamailio, sipPackage, mediaswitch, { ...withFakeMediaApart, holdsDialogs: true }];
const MEMORY = ["an open transaction", "a binding", "a dialog", "a call, in control's thread"];

const rounds = Number(options.rounds ?? (options.quick ? 1 : 3));
const wanted = options.only?.split(",");
const isWanted = (id) => wanted === undefined || wanted.includes(id);

/** Runs `work` with a fresh server and somebody who answers; why there are no figures otherwise. */
async function withServer(kind, work) {
  const missing = kind.missing();
  if (missing !== undefined) return { unavailable: missing };
  const calleePort = await freePort();
  const callee = startCallee(calleePort);
  try {
    const server = await kind.start(calleePort);
    try {
      return { figures: await work(server) };
    } finally {
      await server.stop();
    }
  } catch (error) {
    return { unavailable: error.message.split("\n")[0] };
  } finally {
    await callee.stop();
  }
}

const processorTime = (server) => server.pids().reduce((sum, pid) => sum + cpuTime(pid), 0);

/** So much at that rate, and what it took. */
async function drive(row, server, rate, seconds) {
  const count = Math.round(rate * seconds);
  const before = processorTime(server);
  const began = performance.now();
  const told = await load(row.scenario, { port: server.port, from: row.from, rate, count });
  const took = (performance.now() - began) / 1000;
  const cpuSeconds = (processorTime(server) - before) / 1e9;
  return { ...told, count, seconds: took, cpuSeconds, cpuShare: cpuSeconds / seconds };
}

/** What one of many costs falls with the load, so that servers are told apart only when all are as busy. */
async function rateFor(row, kind, server) {
  let rate = Math.ceil(row.rates[kind.name] * SIZES.share);
  await drive(row, server, rate, SIZES.warmUp);
  for (let search = 0; search < SIZES.searches; search += 1) {
    const { cpuShare } = await drive(row, server, rate, SIZES.search);
    rate = Math.round(rate * (BUSY / cpuShare));
  }
  return rate;
}

async function measureCost(row, kind) {
  return withServer(kind, async (server) => {
    const rate = await rateFor(row, kind, server);
    const { done, failed, repeated, count, seconds, cpuSeconds, cpuShare } = await drive(
      row,
      server,
      rate,
      SIZES.measured,
    );
    if (done < count * CLEAN.done)
      throw new Error(`only ${String(done)} of ${String(done + failed)} came to their end`);
    if (repeated > count * CLEAN.repeated && !options.quick)
      throw new Error(`${String(repeated)} requests had to be repeated at ${String(rate)} a second`);
    return {
      perCpuSecond: done / cpuSeconds,
      microsEach: (cpuSeconds * 1e6) / done,
      cpuShare,
      perSecond: done / seconds,
      repeated,
    };
  });
}

const gathered = new Map();
function gather(id, title, kind, { figures, unavailable }) {
  const key = `${id} ${kind.name}`;
  const entry = gathered.get(key) ?? { row: id, title, server: kind.name, rounds: [] };
  if (figures === undefined) entry.unavailable = unavailable;
  else entry.rounds.push(figures);
  gathered.set(key, entry);
}

async function measureRound(progress) {
  for (const row of ROWS.filter(({ id }) => isWanted(id))) {
    for (const kind of KINDS.filter(({ name }) => row.rates[name] !== undefined)) {
      progress.begin(`${row.title}: ${kind.name}`);
      gather(row.id, row.title, kind, await measureCost(row, kind));
      progress.step();
    }
  }
}

/** All at once: nearly all of it is waiting, and nothing of it is a matter of time. */
async function measureHeld(progress) {
  progress.begin("memory: all servers");
  await Promise.all(
    HOLDERS.map(async (kind) => {
      const { figures, unavailable } = await withServer(kind, (server) => measureMemory(kind, server, SIZES));
      for (const what of MEMORY) {
        const isOfCalls = what === "a dialog" || what === "a call, in control's thread";
        if (isOfCalls && kind.holdsDialogs !== true) continue;
        gather(`memory of ${what}`, `memory of ${what}`, kind, { figures: figures?.[what], unavailable });
      }
    }),
  );
  progress.step();
}

function context() {
  const commit = spawnSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).stdout.trim();
  return {
    command: "npm run bench:sip-server",
    commit,
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      kernel: release(),
      node: process.version,
      loadAverage: loadavg().map((value) => Number(value.toFixed(2))),
    },
    peers: { kamailio: kamailio.version() },
    rounds,
    ...SIZES,
  };
}

const shown = (value, digits = 0) => (value === undefined ? "" : value.toFixed(digits));

const tableOf = (rows) =>
  rows.map(({ title, server, unavailable, rounds: taken, median: figures = {} }) => ({
    what: title,
    server,
    "per CPU second": shown(figures.perCpuSecond),
    "µs each": shown(figures.microsEach),
    "least–most": taken.length > 1 && figures.microsEach ? spread(taken) : "",
    "a second": shown(figures.perSecond),
    CPU: figures.cpuShare === undefined ? "" : `${shown(figures.cpuShare * 100)} %`,
    octets: shown(figures.octets),
    remark: unavailable === undefined ? "" : `not available: ${unavailable}`,
  }));

function spread(taken) {
  const all = taken.map(({ microsEach }) => microsEach);
  return `${shown(Math.min(...all))}–${shown(Math.max(...all))}`;
}

function heldToBounds(rows) {
  return BOUNDS.map(({ what, value, atLeast, atMost }) => {
    const figuresOf = (round) => (id, server) => {
      const taken = rows.find((row) => row.row === id && row.server === server)?.rounds ?? [];
      // Memory is measured once.
      return taken.length === 1 ? taken[0] : taken[round];
    };
    const middle = median(Array.from({ length: rounds }, (_, round) => value(figuresOf(round))));
    const isMet =
      middle === undefined ? undefined : atMost === undefined ? middle >= atLeast : middle <= atMost;
    return { what, value: middle, atLeast, atMost, isMet };
  });
}

const boundTable = (bounds) =>
  bounds.map(({ what, value, atLeast, atMost, isMet }) => ({
    bound: what,
    figure: shown(value, 2),
    "has to be": atMost === undefined ? `≥ ${shown(atLeast, 2)}` : `≤ ${shown(atMost)}`,
    met: isMet === undefined ? "not measured" : isMet ? "met" : "MISSED",
  }));

goFirst();
const about = context();
const hasMemory = isWanted("memory");
const perRound = ROWS.filter(({ id }) => isWanted(id)).reduce(
  (sum, { rates }) => sum + Object.keys(rates).length,
  0,
);
const progress = new Progress(rounds * perRound + (hasMemory ? 1 : 0));
const began = performance.now();
for (let round = 0; round < rounds; round += 1) await measureRound(progress);
if (hasMemory) await measureHeld(progress);
progress.end();

const rows = [...gathered.values()].map((row) =>
  row.rounds.length === 0 ? row : { ...row, median: medianOf(row.rounds) },
);
const bounds = options.quick ? [] : heldToBounds(rows);
const tables = [tableOf(rows), boundTable(bounds)].filter((table) => table.length > 0);
const text = `${about.commit}, ${about.machine.cpu}, Node ${about.machine.node}, ${about.peers.kamailio}\n\n${tables.map(textTable).join("\n\n")}\n`;
console.log(text);

const folder =
  options.output ??
  (options.quick || wanted !== undefined ? undefined : fileURLToPath(new URL("../results", import.meta.url)));
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  const result = { ...about, rows, bounds };
  writeFileSync(join(folder, "sip-server.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(join(folder, "sip-server.txt"), text);
}

/** Of ours: a row without figures is a fault of the package or of the bench. */
const without = rows.filter(
  ({ server, median: figures }) => server.startsWith("mediaswitch") && figures === undefined,
);
const missed = bounds.filter(({ isMet }) => isMet === false);
const unmeasured = bounds.filter(({ isMet }) => isMet === undefined);
const count = (list) => String(list.length);
const minutes = ((performance.now() - began) / 60_000).toFixed(1);
console.log(
  options.quick
    ? `a quick run of ${minutes} min, whose figures mean nothing: ${count(rows)} rows, ${count(without)} of ours without figures`
    : `${String(bounds.length - missed.length - unmeasured.length)} of ${count(bounds)} bounds met, ${count(missed)} missed, ${count(unmeasured)} not measured; ${minutes} min`,
);
process.exitCode = without.length > 0 || (options.check && missed.length > 0) ? 1 : 0;
