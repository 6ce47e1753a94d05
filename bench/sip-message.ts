/**
 * What does it cost to read and to print a SIP message, next to the `sip` package? `npm run bench:sip`
 * Both do the same work in one process, in short rounds that alternate; the ratio of a round is what counts, as
 * absolute times depend on the machine. Our reading includes all the checks that a message must pass; the package
 * makes few (docs/decisions/0005-own-parser.md). Writes bench/results/sip-message.json.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import sip from "sip";
import type { SipMessage } from "../ts/sip/message/message.js";
import { parseMessage } from "../ts/sip/message/parse.js";
import { serializeMessage } from "../ts/sip/message/serialize.js";

const ROUNDS = 61;
const WARM_UP_ROUNDS = 10;
const MESSAGES_PER_ROUND = 2000;

const sdp =
  "v=0\r\no=- 20518 0 IN IP4 203.0.113.1\r\ns= \r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\n" +
  "m=audio 54400 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" +
  "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";

const VIAS = [
  "Via: SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bK776asdhds;rport",
  "Via: SIP/2.0/UDP 10.1.3.3:5060;branch=z9hG4bK77ef4c230;received=192.0.2.1",
];
const FROM = 'From: "Alice" <sip:alice@example.org>;tag=9fxced76sl';
const CALL_ID = "Call-ID: 3848276298220188511@example.org";
const PHONE = [
  "Contact: <sip:alice@203.0.113.1:5060;transport=udp>",
  "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER, NOTIFY",
  "Supported: replaces, timer, path",
  "User-Agent: Desk phone 12.4.1",
];

const withBody = (...lines: string[]): string =>
  [...lines, "Content-Type: application/sdp", `Content-Length: ${String(sdp.length)}`, "", sdp].join("\r\n");
const withoutBody = (...lines: string[]): string => [...lines, "Content-Length: 0", "", ""].join("\r\n");

const samples: Readonly<Record<string, string>> = {
  "INVITE with SDP": withBody(
    "INVITE sip:bob@example.org SIP/2.0",
    ...VIAS,
    "Max-Forwards: 69",
    FROM,
    "To: Bob <sip:bob@example.org>",
    CALL_ID,
    "CSeq: 1 INVITE",
    ...PHONE,
  ),
  "REGISTER with credentials": withoutBody(
    "REGISTER sip:example.org SIP/2.0",
    ...VIAS,
    "Max-Forwards: 69",
    FROM,
    "To: <sip:alice@example.org>",
    CALL_ID,
    "CSeq: 2 REGISTER",
    ...PHONE,
    "Expires: 3600",
    'Authorization: Digest username="alice", realm="example.org", nonce="8d1f4c7a9f3c41b2", uri="sip:example.org", ' +
      'response="5ccc069c403ebaf9f0171e9517f40e41", cnonce="0a4f113b", nc=00000001, qop=auth, algorithm=MD5',
  ),
  "200 with Record-Routes": withBody(
    "SIP/2.0 200 OK",
    ...VIAS,
    "Record-Route: <sip:192.0.2.10;lr;ftag=9fxced76sl>, <sip:edge.example.org:5061;transport=tls;lr>",
    FROM,
    "To: Bob <sip:bob@example.org>;tag=as6f3b2c1d",
    CALL_ID,
    "CSeq: 1 INVITE",
    "Contact: <sip:bob@198.51.100.7:49152;ob>",
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE",
    "Session-Expires: 1800;refresher=uac",
    "Server: Example 2.1",
  ),
  BYE: withoutBody(
    "BYE sip:alice@203.0.113.1:5060;transport=udp SIP/2.0",
    "Via: SIP/2.0/UDP 198.51.100.7:49152;branch=z9hG4bK5d2e1;rport",
    "Max-Forwards: 70",
    "Route: <sip:192.0.2.10;lr;ftag=9fxced76sl>",
    'From: "Bob" <sip:bob@example.org>;tag=as6f3b2c1d',
    'To: "Alice" <sip:alice@example.org>;tag=9fxced76sl',
    CALL_ID,
    "CSeq: 102 BYE",
    'Reason: Q.850;cause=16;text="Normal call clearing"',
    "User-Agent: Desk phone 12.4.1",
  ),
};

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** CPU microseconds of this process per call of `work`. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  for (let count = 0; count < MESSAGES_PER_ROUND; count += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / MESSAGES_PER_ROUND;
}

interface Task {
  readonly message: string;
  readonly octets: number;
  readonly task: "parse" | "print";
  readonly ours: () => unknown;
  readonly theirs: () => unknown;
}

function read(name: string, octets: Uint8Array): SipMessage {
  const message = parseMessage(octets);
  if (message.kind === "refusal")
    throw new Error(`${name} is refused: ${message.reason} in ${message.field}`);
  return message;
}

const tasks = Object.entries(samples).flatMap(([message, text]): Task[] => {
  const octets = Buffer.from(text, "latin1");
  const ours = read(message, octets);
  const theirs = sip.parse(octets.toString("latin1"));
  if (theirs === undefined) throw new Error(`${message} is not read by sip`);
  return [
    {
      message,
      octets: octets.length,
      task: "parse",
      ours: () => parseMessage(octets),
      theirs: () => sip.parse(octets.toString("latin1")),
    },
    {
      message,
      octets: octets.length,
      task: "print",
      ours: () => serializeMessage(ours),
      // What a socket takes is octets.
      theirs: () => Buffer.from(sip.stringify(theirs), "latin1"),
    },
  ];
});

const rounds = tasks.map(() => [] as { ours: number; theirs: number }[]);
for (let round = 0; round < ROUNDS; round += 1) {
  tasks.forEach(({ ours, theirs }, index) => {
    // Who is first changes, so that what one leaves to the garbage collector is not always the other's.
    const oursFirst = round % 2 === 0 ? cost(ours) : undefined;
    const cut = { theirs: cost(theirs), ours: oursFirst ?? cost(ours) };
    if (round >= WARM_UP_ROUNDS) rounds[index]?.push(cut);
  });
}

const rows = tasks.map(({ message, octets, task }, index) => {
  const measured = rounds[index] ?? [];
  return {
    message,
    octets,
    task,
    oursMicros: Number(median(measured.map(({ ours }) => ours)).toFixed(2)),
    sipPackageMicros: Number(median(measured.map(({ theirs }) => theirs)).toFixed(2)),
    ratio: Number(median(measured.map(({ ours, theirs }) => ours / theirs)).toFixed(2)),
  };
});

console.table(rows);
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
  load: Number((loadavg()[0] ?? NaN).toFixed(1)),
};
mkdirSync(new URL("results", import.meta.url), { recursive: true });
writeFileSync(
  new URL("results/sip-message.json", import.meta.url),
  `${JSON.stringify({ command: "npm run bench:sip", commit, machine, rounds: ROUNDS - WARM_UP_ROUNDS, rows }, undefined, 2)}\n`,
);
