/**
 * What does it cost to read and to print a SIP message, next to the `sip` package? `npm run bench:sip`
 * Both read the same octets in one process, in alternating rounds; the ratio of a round is what counts, as absolute
 * times depend on the machine. Writes bench/results/sip-message.json.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import sip from "sip";
import { parseMessage } from "../ts/sip/message/parse.js";
import { serializeMessage } from "../ts/sip/message/serialize.js";

const ROUNDS = 21;
const MESSAGES_PER_ROUND = 5000;

const sdp =
  "v=0\r\no=- 20518 0 IN IP4 203.0.113.1\r\ns= \r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n" +
  "m=audio 54400 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
  "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

const common = [
  "Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK776asdhds;rport",
  "Via: SIP/2.0/UDP 10.1.3.3:5060;branch=z9hG4bK77ef4c230;received=192.0.2.1",
  "Max-Forwards: 69",
  'From: "Alice" <sip:alice@example.org>;tag=9fxced76sl',
  "Call-ID: 3848276298220188511@example.org",
  "Contact: <sip:alice@203.0.113.1:5060;transport=udp>",
  "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY",
  "Supported: replaces, timer, path",
  "User-Agent: Desk phone 12.4.1",
];

const samples: Readonly<Record<string, string>> = {
  INVITE: [
    "INVITE sip:bob@example.org SIP/2.0",
    ...common,
    "To: Bob <sip:bob@example.org>",
    "CSeq: 1 INVITE",
    "Content-Type: application/sdp",
    `Content-Length: ${String(sdp.length)}`,
    "",
    sdp,
  ].join("\r\n"),
  REGISTER: [
    "REGISTER sip:example.org SIP/2.0",
    ...common,
    "To: <sip:alice@example.org>",
    "CSeq: 2 REGISTER",
    "Expires: 3600",
    'Authorization: Digest username="alice", realm="example.org", nonce="8d1f4c7a9f3c41b2", uri="sip:example.org", ' +
      'response="5ccc069c403ebaf9f0171e9517f40e41", cnonce="0a4f113b", nc=00000001, qop=auth, algorithm=MD5',
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n"),
};

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** CPU microseconds of this process per call of `work`. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  for (let count = 0; count < MESSAGES_PER_ROUND; count += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MESSAGES_PER_ROUND;
}

interface Row {
  readonly message: string;
  readonly octets: number;
  readonly task: "parse" | "parse and print";
  readonly oursMicros: number;
  readonly sipPackageMicros: number;
  readonly ratio: number;
}

function compare(message: string, task: Row["task"], ours: () => unknown, theirs: () => unknown): Row {
  const rounds: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push({ ours: cost(ours), theirs: cost(theirs) });
  rounds.splice(0, 3); // warm-up
  return {
    message,
    octets: Buffer.byteLength(samples[message] ?? ""),
    task,
    oursMicros: Number(median(rounds.map((round) => round.ours)).toFixed(2)),
    sipPackageMicros: Number(median(rounds.map((round) => round.theirs)).toFixed(2)),
    ratio: Number(median(rounds.map((round) => round.ours / round.theirs)).toFixed(2)),
  };
}

const rows = Object.entries(samples).flatMap(([name, text]) => {
  const octets = Buffer.from(text, "latin1");
  const read = (): ReturnType<typeof parseMessage> => parseMessage(octets);
  const print = (): Uint8Array => {
    const message = read();
    if (message.kind === "refusal") throw new Error(`${name} is refused: ${message.reason}`);
    return serializeMessage(message);
  };
  const theirs = (): ReturnType<typeof sip.parse> => sip.parse(octets.toString("latin1"));
  print();
  return [
    compare(name, "parse", read, theirs),
    compare(name, "parse and print", print, () => sip.stringify(theirs())),
  ];
});

console.table(rows);
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
mkdirSync(new URL("results", import.meta.url), { recursive: true });
writeFileSync(
  new URL("results/sip-message.json", import.meta.url),
  `${JSON.stringify({ command: "npm run bench:sip", commit, machine, rounds: ROUNDS - 3, rows }, undefined, 2)}\n`,
);
