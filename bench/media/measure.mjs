// One measurement: a server is started, its legs are opened, the generator runs, the server is ended.
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { payloads, programs } from "./build.mjs";
import { FAR_ADDRESS, flowLines, legsOf } from "./legs.mjs";
import { GENERATOR_CPU, cpuTime, pinned } from "./servers/child.mjs";

const PACKETS_PER_SECOND = 50;

/** With less than this delivered, the cost of a packet means nothing. */
const USABLE_SHARE = 0.9;

/** Runs the generator against legs that are open; what it printed. */
export async function generate({
  legs,
  places,
  pid,
  warmUp,
  measured,
  isSpinning = false,
  measure,
  audio = "speech",
  options = [],
}) {
  const args = ["--payloads", payloads, "--audio", audio, "--local", FAR_ADDRESS, "--measure", measure];
  args.push("--warm-up", String(warmUp), "--measured", String(measured), "--server", String(pid));
  args.push("--spin", isSpinning ? "yes" : "no", ...options);
  const child = pinned(GENERATOR_CPU, programs.generator, args, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  child.stdin.end(flowLines(legs, places));
  const [printed, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  if (code !== 0) throw new Error(complaint.trim());
  return JSON.parse(printed);
}

/** Share of a processor that the server takes while nothing comes. */
async function idleShare(pid, seconds) {
  const before = cpuTime(pid);
  const began = performance.now();
  await wait(seconds * 1000);
  return (cpuTime(pid) - before) / 1e6 / (performance.now() - began);
}

const perLeg = (before, after, legs) => (before === undefined ? undefined : (after - before) / legs / 1024);

/** A row that has traffic. */
export async function measureTraffic(kind, row, times) {
  const server = await kind.start();
  try {
    const legs = legsOf(row);
    const before = await server.memory();
    const places = await server.open(legs);
    const { measure = "marks", audio } = row;
    const result = await generate({ legs, places, pid: server.pid, ...times, measure, audio });
    const after = await server.memory();
    const delivered = result.received / (result.sent - result.duplicated);
    if (delivered < USABLE_SHARE) throw new Error(`only ${(delivered * 100).toFixed(1)} % came back`);
    return {
      legs: row.count,
      microsPerPacket: (result.serverCpuSeconds / result.received) * 1e6,
      cpuShare: result.serverCpuSeconds / result.seconds,
      delivered,
      packetsPerSecond: result.received / result.seconds,
      ...(result.delayMicros && { delayMicros: result.delayMicros }),
      kibPerLeg: perLeg(before, after, row.count),
      generator: {
        cpuShare: result.generatorCpuSeconds / result.seconds,
        /** Of the rate at which these legs speak. */
        pace: result.sent / result.seconds / (row.count * PACKETS_PER_SECOND),
        latestSendMillis: result.latestSendMicros / 1000,
        strange: result.strange,
        refused: result.refused,
      },
    };
  } finally {
    await server.stop();
  }
}

/** A row where nobody says anything. */
export async function measureIdle(kind, row, { measured }) {
  const server = await kind.start();
  try {
    const before = await server.memory();
    await server.open(legsOf(row));
    const after = await server.memory();
    await wait(1000);
    return {
      legs: row.count,
      cpuShare: await idleShare(server.pid, measured / 1000),
      kibPerLeg: perLeg(before, after, row.count),
    };
  } finally {
    await server.stop();
  }
}
