/**
 * What does a call cost in control? `npm run bench:control`
 * 10,000 calls come in, are passed on to a second phone, answered, bridged, and ended by the caller, through the Controller
 * and each of its two faces; sip and media are stand-ins that keep no books. Memory is the heap after garbage was
 * collected while all calls are up; time is this process's CPU. Writes bench/results/control-cost.txt.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { App } from "../../ts/control/app/app.js";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { silentLog } from "../../ts/core/log.js";
import { SystemClock } from "../../ts/core/system-clock.js";
import { systemRandom } from "../../ts/core/system-random.js";
import { QuietMedia, QuietSip, infoOf } from "./quiet-services.js";

const COUNT = 10_000;
const WARM_UP = 2_000;
/** Calls that are brought along at once, as they would be under load. */
const AT_ONCE = 100;
const ROUNDS = 3;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function memory(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface Bench {
  readonly sip: QuietSip;
  readonly media: QuietMedia;
  readonly clock: SystemClock;
  readonly controller: Controller;
}

/** The script of each face: whoever is dialled is called. */
const FACES: Readonly<Record<string, (control: ProjectControl) => Promise<void>>> = {
  projectcontrol: async (control) => {
    control.onnewcall = (call) => {
      call.newcall({ to: { user: call.destination } });
    };
    await control.run();
  },
  app: async (control) => {
    const app = new App({ control });
    await app.directory("example.org", []);
    app.oncall(async (call) => {
      const result = await call.dial(call.to);
      if (result.outcome === "answered") await call.bridge(result.call);
    });
    await app.run();
  },
};

async function open(face: string): Promise<Bench> {
  const [sip, media, clock] = [new QuietSip(), new QuietMedia(), new SystemClock()];
  const controller = new Controller({ sip, media, clock, random: systemRandom, log: silentLog });
  const control = new ProjectControl({
    log: silentLog,
    connect: () => Promise.resolve({ controller, close: () => Promise.resolve() }),
  });
  await FACES[face]?.(control);
  return { sip, media, clock, controller };
}

/** Lets everything that waits for promises happen. */
async function settle(): Promise<void> {
  for (let n = 0; n < 3; n += 1) await turn();
}

const inbound = (n: number): string => `${String(n).padStart(10, "0")}-5f2c1b9e8d7a4c3b@192.168.1.20`;

/** @returns the call-id of the second leg of each. */
async function setUp({ sip }: Bench, first: number, count: number): Promise<string[]> {
  const children: string[] = [];
  for (let from = first; from < first + count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, first + count - from) }, (_, n) => from + n);
    for (const n of numbers) {
      void sip.tell(1, "new", infoOf(inbound(n), { originator: false, address: "192.0.2.1" }));
    }
    await settle();
    const placed = sip.placed.splice(0);
    if (placed.length !== numbers.length) throw new Error(`${String(placed.length)} second legs`);
    children.push(...placed);
    const second = { originator: true, address: "192.0.2.2", ring: true };
    for (const child of placed) void sip.tell(1, "ringing", infoOf(child, { ...second, sdp: {} }));
    await settle();
    for (const child of placed) {
      void sip.tell(2, "answered", infoOf(child, { ...second, answered: true }));
    }
    await settle();
    for (const n of numbers) {
      const info = infoOf(inbound(n), {
        originator: false,
        address: "192.0.2.1",
        ring: true,
        answered: true,
      });
      void sip.tell(2, "answered", info);
    }
    await settle();
  }
  return children;
}

/** The callers hang up, and the second phones are told to. */
async function tearDown({ sip }: Bench, first: number, count: number): Promise<void> {
  const over = { answered: true, hangup: true, ring: true };
  for (let from = first; from < first + count; from += AT_ONCE) {
    for (let n = from; n < Math.min(from + AT_ONCE, first + count); n += 1) {
      void sip.tell(3, "ended", infoOf(inbound(n), { originator: false, address: "192.0.2.1", ...over }));
    }
    await settle();
    for (const child of sip.hungUp.splice(0)) {
      void sip.tell(3, "ended", infoOf(child, { originator: true, address: "192.0.2.2", ...over }));
    }
    await settle();
  }
}

const micros = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return user + system;
};

interface Cost {
  readonly setUpMicros: number;
  readonly tearDownMicros: number;
  readonly bytes: number;
  readonly commands: number;
}

async function measure(face: string): Promise<Cost> {
  const bench = await open(face);
  const { sip, media, clock, controller } = bench;
  await setUp(bench, 0, WARM_UP);
  await tearDown(bench, 0, WARM_UP);
  const before = memory();
  const commandsBefore = sip.commands + media.commands;
  const began = process.cpuUsage();
  let children: string[] | undefined = await setUp(bench, WARM_UP, COUNT);
  const setUpMicros = micros(began);
  if (controller.calls.size !== 2 * COUNT || media.open !== 2 * COUNT) {
    throw new Error(`${String(controller.calls.size)} legs, ${String(media.open)} channels`);
  }
  if (children.length !== COUNT) throw new Error("a second leg is missing");
  children = undefined;
  const bytes = memory() - before;
  const ending = process.cpuUsage();
  await tearDown(bench, WARM_UP, COUNT);
  const tearDownMicros = micros(ending);
  await settle();
  const left = [controller.calls.size, controller.channels.size, media.open, clock.pendingTimers];
  if (left.some((count) => count !== 0)) throw new Error(`left: ${left.join(" ")}`);
  const commands = sip.commands + media.commands - commandsBefore;
  return {
    setUpMicros: setUpMicros / COUNT,
    tearDownMicros: tearDownMicros / COUNT,
    bytes: bytes / COUNT,
    commands: commands / COUNT,
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const lines: string[] = [];
for (const face of Object.keys(FACES)) {
  const costs: Cost[] = [];
  for (let round = 0; round < ROUNDS; round += 1) costs.push(await measure(face));
  const of = (key: keyof Cost): number => median(costs.map((cost) => cost[key]));
  lines.push(
    [
      face.padEnd(16),
      of("setUpMicros").toFixed(0).padStart(8),
      of("tearDownMicros").toFixed(0).padStart(10),
      (of("setUpMicros") + of("tearDownMicros")).toFixed(0).padStart(6),
      of("bytes").toFixed(0).padStart(12),
      (of("bytes") / 2).toFixed(0).padStart(10),
      of("commands").toFixed(1).padStart(10),
    ].join(" "),
  );
}
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
const text = `What a call costs in control: npm run bench:control
${String(COUNT)} calls of two legs, set up, answered, bridged, ended; median of ${String(ROUNDS)} rounds
commit ${commit}, Node ${process.version}, ${cpus()[0]?.model ?? "unknown"}, ${String(cpus().length)} processors

                 µs CPU of one call                bytes of heap       commands
face               set up   tear down    all   a live call      a leg   of a call
${lines.join("\n")}
`;
process.stdout.write(text);
mkdirSync(new URL("../results", import.meta.url), { recursive: true });
writeFileSync(new URL("../results/control-cost.txt", import.meta.url), text);
