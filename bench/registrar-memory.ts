/**
 * What memory does a registration take? `npx tsx bench/registrar-memory.ts`
 * 100,000 users are put into a directory and register once, by messages that are parsed as those of the network are.
 * What counts is the heap and the buffers outside of it after garbage was collected, before and after. Half of the
 * phones are behind a NAT, so that pings are due for them. Writes bench/results/registrar-memory.json.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { SystemClock } from "../ts/core/system-clock.js";
import { systemRandom } from "../ts/core/system-random.js";
import { parseMessage } from "../ts/sip/message/parse.js";
import { Directory } from "../ts/sip/registrar/directory.js";
import { Registrar } from "../ts/sip/registrar/registrar.js";
import { StateWriter } from "../ts/sip/state/state-writer.js";

const COUNT = 100_000;
const DOMAIN = "example.org";
/** Bytes of a binding, from the plan. */
const TARGET = 1500;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use. */
function memory(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const user = (index: number): string => `user${String(100_000 + index)}`;

/** @returns a REGISTER as phones send it after the challenge, some 900 octets. */
function registerOctets(index: number, cseq: number): Buffer {
  const name = user(index);
  const number = String(index).padStart(12, "0");
  const inside = index % 2 === 0 ? "192.168.1.20" : source(index);
  return Buffer.from(
    [
      `REGISTER sip:${DOMAIN} SIP/2.0`,
      `Via: SIP/2.0/UDP ${inside}:5060;branch=z9hG4bK-524287-1---${number};rport`,
      "Max-Forwards: 70",
      `From: <sip:${name}@${DOMAIN}>;tag=8a1b${number}`,
      `To: <sip:${name}@${DOMAIN}>`,
      `Call-ID: ${number}-5f2c1b9e8d7a4c3b@${inside}`,
      `CSeq: ${String(cseq)} REGISTER`,
      `Contact: <sip:${name}@${inside}:5060;transport=udp>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-${number}>"`,
      "Expires: 3600",
      "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY, MESSAGE, PRACK",
      "Supported: replaces, timer, path, outbound, gruu",
      `User-Agent: Desk phone ${String(index % 7)}.4.1`,
      `Authorization: Digest username="${name}", realm="${DOMAIN}", nonce="${"0".repeat(66)}", uri="sip:${DOMAIN}", ` +
        'response="5ccc069c403ebaf9f0171e9517f40e41", cnonce="0a4f113b", nc=00000001, qop=auth, algorithm=MD5',
      "Content-Length: 0",
      "",
      "",
    ].join("\r\n"),
    "latin1",
  );
}

const source = (index: number): string => `198.18.${String((index >> 8) & 255)}.${String(index & 255)}`;

const microsSince = (before: NodeJS.CpuUsage, count: number): number => {
  const { user: inUser, system } = process.cpuUsage(before);
  return Number(((inUser + system) / count).toFixed(2));
};

const clock = new SystemClock();
const directory = new Directory();
let told = 0;
const registrar = new Registrar({
  clock,
  random: systemRandom,
  directory,
  ping: (_binding, answered) => {
    answered(true);
  },
  events: () => {
    told += 1;
  },
});

function registerAll(cseq: number): void {
  for (let index = 0; index < COUNT; index += 1) {
    const message = parseMessage(registerOctets(index, cseq));
    if (message.kind !== "request") throw new Error(JSON.stringify(message));
    const flow = {
      protocol: "UDP",
      remote: { address: source(index), port: 1024 + (index % 60_000) },
      listener: "udp:192.0.2.1:5060",
    } as const;
    const { status } = registrar.handle(message, flow, { username: user(index), domain: DOMAIN });
    if (status !== 200) throw new Error(`${user(index)} was answered ${String(status)}`);
  }
}

directory.put(DOMAIN, { control: "http://127.0.0.1:9001", users: [] });
const empty = memory();
for (let index = 0; index < COUNT; index += 1) {
  directory.patch(DOMAIN, { users: [{ username: user(index), secret: `secret-${String(index)}-4711` }] });
}
const withUsers = memory();
const beforeRegister = process.cpuUsage();
registerAll(1);
const microsPerRegister = microsSince(beforeRegister, COUNT);
const withBindings = memory();
registerAll(2);
const afterRefresh = memory();

const beforeLookup = process.cpuUsage();
let found = 0;
for (let index = 0; index < COUNT; index += 1) found += registrar.lookup(DOMAIN, user(index)).length;
const microsPerLookup = microsSince(beforeLookup, COUNT);
if (found !== COUNT || registrar.count !== COUNT || told !== 2 * COUNT)
  throw new Error("not all are registered");

const NOTHING_ELSE = {
  gateways: { put: () => undefined, settings: () => [] },
  calls: { resume: () => undefined, stored: () => [] },
};
const beforeState = process.cpuUsage();
let stateOctets = 0;
for (const piece of new StateWriter({ directory, registrar, clock, ...NOTHING_ELSE }).pieces())
  stateOctets += piece.length;
const microsPerSaved = microsSince(beforeState, COUNT);
const timers = clock.pendingTimers;
registrar.close();

const perOne = (bytes: number): number => Math.round(bytes / COUNT);
const results = {
  count: COUNT,
  bytesPerUser: perOne(withUsers - empty),
  bytesPerBinding: perOne(withBindings - withUsers),
  bytesPerBindingAfterRefresh: perOne(afterRefresh - withUsers),
  target: TARGET,
  timers,
  microsPerRegister,
  microsPerLookup,
  microsPerSavedUserAndBinding: microsPerSaved,
  stateFileOctets: stateOctets,
};
console.table(results);
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
mkdirSync(new URL("results", import.meta.url), { recursive: true });
writeFileSync(
  new URL("results/registrar-memory.json", import.meta.url),
  `${JSON.stringify({ command: "npx tsx bench/registrar-memory.ts", commit, machine, results }, undefined, 2)}\n`,
);
if (results.bytesPerBinding > TARGET) process.exitCode = 1;
