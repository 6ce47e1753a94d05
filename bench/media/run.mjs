// What does a packet cost, next to two other media servers and to the least that sockets allow? `npm run bench:media`
// All in one run, one after the other, so that ratios mean something: bench/README.md.
//
//   node bench/media/run.mjs [--quick] [--check] [--repetitions 3] [--scale 0.5] [--only bridge,idle,…]
//     [--servers mediaswitch,floor,…] [--output <folder>]
//
// --quick: small counts and a few seconds, to see that everything runs; its figures are held to nothing and not written.
// Exit code 1 when a row of ours could not be measured, and with --check also when a figure misses its bound.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildPrograms } from "./build.mjs";
import { measureIdle, measureTraffic } from "./measure.mjs";
import { barPlot } from "./plot.mjs";
import { goFirst } from "./priority.mjs";
import { Progress } from "./progress.mjs";
import { boundTable, heldToBounds, medianOf, tableOf, textTable } from "./results.mjs";
import { CLEAN_SHARE, HALF_LOAD, MOST_LEGS, ROWS, unfit } from "./rows.mjs";
import { floor } from "./servers/floor.mjs";
import { ours } from "./servers/ours.mjs";
import { PROJECTRTP_VERSION, projectrtp } from "./servers/projectrtp.mjs";
import { rtpengine } from "./servers/rtpengine.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    repetitions: { type: "string" },
    scale: { type: "string", default: "1" },
    only: { type: "string" },
    servers: { type: "string" },
    output: { type: "string" },
  },
});

const TIMES = options.quick
  ? { warmUp: 1000, measured: 1500, isSpinning: false }
  : { warmUp: 3500, measured: 6000, isSpinning: true };
const SEARCH_TIMES = { ...TIMES, measured: Math.min(TIMES.measured, 4000) };
const QUICK_LEGS = 60;
/** A send that is later than this makes a measurement worth repeating. */
const LATE_MILLIS = 20;

const repetitions = Number(options.repetitions ?? (options.quick ? 1 : 3));
const wanted = options.only?.split(",");
const isWanted = ({ id }) => wanted === undefined || wanted.includes(id);
const kinds = [floor, ours, rtpengine, projectrtp].filter(
  ({ name }) => options.servers === undefined || options.servers.split(",").includes(name),
);

const scale = Number(options.scale);
if (!(scale > 0 && scale <= 1)) throw new Error("--scale must be above 0, and 1 at most");
const wholeGroups = ({ count, groupSize = 1 }) =>
  Math.max(1, Math.round((count * scale) / groupSize)) * groupSize;
const sized = (row) => ({
  ...row,
  count: options.quick ? Math.min(row.count, QUICK_LEGS) : wholeGroups(row),
});
const timesOf = (row) => (row.measure === "bursts" && options.quick ? { ...TIMES, measured: 4500 } : TIMES);

/** Figures, or why there are none. Once more when the generator was late: then something else was running. */
async function measured(kind, row, times) {
  const measure = row.groupSize === undefined ? measureIdle : measureTraffic;
  try {
    const figures = await measure(kind, row, times);
    const isLate = (figures.generator?.latestSendMillis ?? 0) > LATE_MILLIS;
    return { figures: isLate && !options.quick ? await measure(kind, row, times) : figures };
  } catch (error) {
    return { unavailable: error.message.split("\n")[0] };
  }
}

/** What the generator sent was what so many telephones send. */
const hasKeptPace = ({ figures }) => figures === undefined || figures.generator.pace >= 0.99;
const isClean = (result) =>
  result.figures !== undefined && result.figures.delivered >= CLEAN_SHARE && hasKeptPace(result);

/** From a count that is thought to be clean, down until it is and up until it is not. */
async function mostLegs(kind, start, progress) {
  const { step, last, title } = MOST_LEGS;
  const tried = new Map();
  const attempt = async (count) => {
    if (!tried.has(count)) {
      progress.expect(1);
      progress.begin(`${title}: ${kind.name}, ${String(count)}`);
      const row = { count, groupSize: 2, formats: ["PCMU"] };
      let result = await measured(kind, row, SEARCH_TIMES);
      if (!isClean(result)) result = await measured(kind, row, SEARCH_TIMES);
      progress.step();
      tried.set(count, result);
    }
    return tried.get(count);
  };
  let count = start;
  while (count > step && !isClean(await attempt(count))) count -= step;
  while (count < last && isClean(await attempt(count + step))) count += step;
  const best = await attempt(count);
  if (!isClean(best)) return { unavailable: best.unavailable ?? `loses packets at ${String(count)} legs` };
  const next = tried.get(count + step);
  const isLimit = count >= last || (next !== undefined && !hasKeptPace(next));
  return { figures: { ...best.figures, isGeneratorsLimit: isLimit ? 1 : 0 } };
}

const gathered = new Map();
function gather(row, kind, { figures, unavailable }) {
  const key = `${row.id} ${kind.name}`;
  const entry = gathered.get(key) ?? { row: row.id, title: row.title, server: kind.name, repetitions: [] };
  if (figures === undefined) entry.unavailable = unavailable;
  else entry.repetitions.push(figures);
  gathered.set(key, entry);
}

async function measureRows(rows, progress) {
  for (const row of rows) {
    for (const kind of kinds) {
      const reason = unfit(kind, row);
      progress.begin(`${row.title}: ${kind.name}`);
      const result = reason === undefined ? await measured(kind, row, timesOf(row)) : { unavailable: reason };
      gather(row, kind, result);
      progress.step();
    }
  }
}

/** Last time's clean counts: where the next search begins. */
const clean = new Map();

async function measureMostLegs(progress) {
  for (const kind of kinds) {
    const reason = unfit(kind, { formats: ["PCMU"], groupSize: 2 });
    const start = clean.get(kind.name) ?? (options.quick ? MOST_LEGS.step : 1500);
    const result = reason === undefined ? await mostLegs(kind, start, progress) : { unavailable: reason };
    if (result.figures !== undefined) clean.set(kind.name, result.figures.legs);
    gather(MOST_LEGS, kind, result);
  }
}

function context() {
  /** What a program prints; undefined where it can't be run. */
  const said = (command, ...args) => {
    const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
  };
  return {
    command: ["npm run bench:media --", ...process.argv.slice(2)].join(" "),
    commit: said("git", "describe", "--always", "--dirty") ?? "unknown",
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      kernel: release(),
      node: process.version,
      loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
    },
    peers: { projectrtp: PROJECTRTP_VERSION, rtpengine: said("rtpengine", "--version") ?? "not installed" },
    repetitions,
    scale,
    ...TIMES,
  };
}

function plots(rows) {
  const groups = (pick) =>
    [...new Set(rows.map(({ title }) => title))].map((title) => ({
      title,
      bars: rows
        .filter((row) => row.title === title && row.median !== undefined)
        .map(({ server, median }) => ({ server, value: pick(median) }))
        .filter(({ value }) => value > 0),
    }));
  const inTraffic = (figures) =>
    figures.isGeneratorsLimit === undefined ? figures.microsPerPacket : undefined;
  const delay = (quantile) => (figures) =>
    figures.isGeneratorsLimit === undefined ? figures.delayMicros?.[quantile] / 1000 : undefined;
  return {
    cost: { title: "Server CPU per delivered packet", unit: "µs", groups: groups(inTraffic) },
    delay: {
      title: "Added delay, 99 of 100 packets within",
      unit: "ms",
      groups: groups(delay("p99")),
      isLogarithmic: true,
      digits: 2,
    },
    memory: { title: "Memory per leg", unit: "KiB", groups: groups((figures) => figures.kibPerLeg) },
  };
}

buildPrograms();
goFirst();
const about = context();
const rows = ROWS.filter(isWanted).map(sized);
const wantsSearch = isWanted(MOST_LEGS) && !options.quick;
const wantsHalf = isWanted(HALF_LOAD);
const progress = new Progress(repetitions * kinds.length * (rows.length + (wantsHalf ? 1 : 0)));
for (let repetition = 0; repetition < repetitions; repetition += 1) {
  await measureRows(rows, progress);
  if (wantsSearch) await measureMostLegs(progress);
  const most = clean.get(ours.name) ?? 2 * QUICK_LEGS;
  if (wantsHalf) await measureRows([{ ...HALF_LOAD, count: Math.ceil(most / 4) * 2 }], progress);
}
progress.end();

const measuredRows = [...gathered.values()].map((row) =>
  row.repetitions.length === 0 ? row : { ...row, median: medianOf(row.repetitions) },
);
const bounds = options.quick
  ? []
  : heldToBounds(measuredRows, repetitions).filter(({ row }) => isWanted({ id: row }));
const tables = [tableOf(measuredRows), boundTable(bounds)].filter((table) => table.length > 0);
const text = `${tables.map(textTable).join("\n\n")}\n`;
console.log(text);

const folder =
  options.output ?? (options.quick ? undefined : fileURLToPath(new URL("../results", import.meta.url)));
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  const result = { ...about, rows: measuredRows, bounds };
  writeFileSync(join(folder, "media.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  writeFileSync(join(folder, "media.txt"), text);
  for (const [name, plot] of Object.entries(plots(measuredRows))) {
    if (plot.groups.some(({ bars }) => bars.length > 0))
      writeFileSync(join(folder, `media-${name}.svg`), barPlot(plot));
  }
}
/** Of ours: a row without figures is a fault of the package or of the bench. */
const without = measuredRows.filter(({ server, median }) => server === ours.name && median === undefined);
const missed = bounds.filter(({ isMet }) => isMet === false);
const unmeasured = bounds.filter(({ isMet }) => isMet === undefined);
const count = (list) => String(list.length);
const closing = options.quick
  ? `a quick run, whose figures mean nothing: ${count(measuredRows)} rows, ${count(without)} of ours without figures`
  : `${String(bounds.length - missed.length - unmeasured.length)} of ${count(bounds)} bounds met, ${count(missed)} missed, ${count(unmeasured)} not measured`;
console.log(closing);
if (without.length > 0 || (options.check && missed.length > 0)) process.exitCode = 1;
