/**
 * All kinds of media work at once, with faults in every stream, for a while; then the books of every channel have to
 * balance: what was sent to it was received, what was received was forwarded, consumed or dropped, and every drop counter
 * tells exactly the faults that were made. `npm run soak`; `tsx test/soak/run.ts --seconds 60 [--seed 1] [--output <file>]`
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import { SeededRandom } from "../support/seeded-random.js";
import type { Stage, Verdict } from "./scene.js";
import { scenesIn } from "./scenes.js";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    seed: { type: "string", default: "1" },
    output: { type: "string" },
  },
});
const seconds = Number(options.seconds);

const SHARDS = 2;
const TURN_MILLIS = 5;

const folder = await mkdtemp(join(tmpdir(), "mediaswitch-soak-"));
const random = new SeededRandom(Number(options.seed));
const service = await NativeMediaService.start({
  bind: "127.0.0.1",
  ports: { low: 30_000, high: 30_999 },
  shards: SHARDS,
  recordingsRoot: folder,
  random,
});

let opened = 0;
const stage: Stage = {
  service,
  chance: () => random.fork(`phone ${String(++opened)}`),
  phones: new Set(),
  now: () => performance.now(),
  wait: (millis) => wait(Math.max(0, millis)),
  closed: new Map(),
  events: [],
};
service.attach((event) => {
  if (event.type === "closed") stage.closed.set(event.uuid, event.statistics);
  else stage.events.push(event);
  return Promise.resolve();
});

const turns = setInterval(() => {
  const now = stage.now();
  for (const phone of stage.phones) phone.tick(now);
}, TURN_MILLIS);

const began = stage.now();
const telling = setInterval(() => {
  const elapsed = Math.round((stage.now() - began) / 1000);
  const sent = [...stage.phones].reduce((sum, phone) => sum + phone.sent, 0);
  const line = `${String(elapsed)} of ${String(seconds)} s, ${String(stage.phones.size)} telephones, ${String(sent)} datagrams`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
  else if (elapsed % 30 === 0) process.stderr.write(`${line}\n`);
}, 1000);

const until = began + seconds * 1000;
const verdicts = await Promise.all(scenesIn(folder).map((scene) => scene(stage, until)));
clearInterval(telling);
clearInterval(turns);
if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");

const { channels, eventsLost } = await service.execute({ type: "health" });
await service.close();
await rm(folder, { recursive: true });

const told = ({ scene, lines, datagrams, late, faults }: Verdict): string[] => [
  `${faults.length === 0 ? "balanced" : "WRONG   "}  ${scene.padEnd(16)} ${String(lines).padStart(5)} channels  ${String(datagrams).padStart(8)} datagrams${late > 0 ? `, ${String(late)} late of themselves` : ""}`,
  ...faults.slice(0, 20).map((fault) => `            ${fault}`),
];
const left: string[] = [];
if (channels !== 0) left.push(`${String(channels)} channels are still open`);
if (eventsLost !== 0) left.push(`${String(eventsLost)} events were lost`);
const sum = (pick: (verdict: Verdict) => number): number =>
  verdicts.reduce((total, verdict) => total + pick(verdict), 0);
const wrong = sum(({ faults }) => (faults.length > 0 ? 1 : 0)) + (left.length > 0 ? 1 : 0);
const lines = [
  ...verdicts.flatMap(told),
  ...left,
  `${String(verdicts.length - sum(({ faults }) => (faults.length > 0 ? 1 : 0)))} of ${String(verdicts.length)} scenes balanced: ` +
    `${String(sum((verdict) => verdict.datagrams))} datagrams to ${String(sum((verdict) => verdict.lines))} channels in ${String(seconds)} s`,
];
console.log(lines.join("\n"));
if (options.output !== undefined) await writeFile(options.output, `${lines.join("\n")}\n`);
process.exitCode = wrong === 0 ? 0 : 1;
