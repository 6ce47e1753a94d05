import t from "tap";
import { SeededRandom } from "../support/seeded-random.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE, DOMAIN, SipBench, sdp } from "../support/sip-bench.js";

const digestOnly = { trusted: () => false };

t.test("RFC 3665 §2.1: registration with digest, and its list of bindings", async (t) => {
  const bench = await new SipBench(digestOnly).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "REGISTER", { expires: 600 }],
    [
      0,
      "switch",
      "alice",
      "401 Unauthorized",
      { headers: { "WWW-Authenticate": /^Digest realm="example.org"/ } },
    ],
    [10, "alice", "switch", "REGISTER", { expires: 600, credentials: ALICE }],
    [
      10,
      "switch",
      "alice",
      "200 OK",
      { headers: { Contact: /^<sip:alice@198\.51\.100\.10:5060>;expires=600$/ } },
    ],
  ]);
  t.match(bench.events, [
    {
      type: "registered",
      registration: { domain: DOMAIN, user: "alice", host: "198.51.100.10", port: 5060 },
    },
  ]);
  t.strictSame(await bench.sip.execute({ type: "registrations.count" }), { count: 1 });
});

t.test("a retransmitted REGISTER meets its transaction, not the nonce count", async (t) => {
  const bench = await new SipBench(digestOnly).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "REGISTER"],
    [0, "switch", "alice", "401 Unauthorized"],
    [10, "alice", "switch", "REGISTER", { credentials: ALICE }],
    [10, "switch", "alice", "200 OK", { lost: true }],
    [510, "alice", "switch", "REGISTER", { retransmission: true }],
    [510, "switch", "alice", "200 OK", { retransmission: true }],
  ]);
});

t.test("unknown user and wrong password: the same answer, header for header", async (t) => {
  const answers: string[][] = [];
  for (const credentials of [
    { username: "alice", secret: "wrong" },
    { username: "mallory", secret: "wrong" },
  ]) {
    const bench = await new SipBench(digestOnly).ready();
    const trace = await bench.flow(t, [
      [0, "alice", "switch", "REGISTER"],
      [0, "switch", "alice", "401 Unauthorized"],
      [10, "alice", "switch", "REGISTER", { credentials }],
      [10, "switch", "alice", "401 Unauthorized"],
    ]);
    const last = trace.at(-1)?.text;
    answers.push([last?.firstLine ?? "", ...(last?.headers.map(([name]) => name) ?? [])]);
  }
  t.strictSame(answers[0], answers[1]);
  t.equal(answers[0]?.[0], "SIP/2.0 401 Unauthorized");
});

t.test(
  "after a restart the phone's old nonce is stale, not wrong: it goes on without asking its user",
  async (t) => {
    const before = await new SipBench(digestOnly).ready();
    const trace = await before.flow(t, [
      [0, "alice", "switch", "REGISTER"],
      [0, "switch", "alice", "401 Unauthorized"],
      [10, "alice", "switch", "REGISTER", { credentials: ALICE }],
      [10, "switch", "alice", "200 OK"],
    ]);
    const again = trace.filter((row) => row.message === "REGISTER").at(-1);
    const restarted = await new SipBench({ ...digestOnly, random: new SeededRandom(2) }).ready();
    await restarted.flow(t, [
      [
        0,
        "alice",
        "switch",
        "REGISTER",
        { raw: Buffer.from(again?.datagram.octets ?? []).toString("latin1") },
      ],
      [0, "switch", "alice", "401 Unauthorized", { headers: { "WWW-Authenticate": /stale=true/ } }],
    ]);
  },
);

t.test("requests outside a dialog that are refused, each with its status", async (t) => {
  const table: readonly (readonly [
    method: string,
    options: NonNullable<LadderRow[4]>,
    answer: string,
    checks?: LadderRow[4],
  ])[] = [
    [
      "SUBSCRIBE",
      { uri: `sip:bob@${DOMAIN}` },
      "489 Bad Event",
      { headers: { "Allow-Events": "presence, dialog, message-summary" } },
    ],
    ["REFER", { uri: `sip:bob@${DOMAIN}` }, "603 Decline"],
    ...["UPDATE", "PRACK", "INFO", "NOTIFY"].map(
      (method) => [method, { uri: `sip:bob@${DOMAIN}` }, "481 Call/Transaction Does Not Exist"] as const,
    ),
    ["DANCE", { uri: `sip:bob@${DOMAIN}` }, "501 Not Implemented", { headers: { Allow: /INVITE/ } }],
    ["OPTIONS", { uri: "tel:+15551234" }, "416 Unsupported URI Scheme"],
    [
      "OPTIONS",
      { uri: `sip:${DOMAIN}` },
      "200 OK",
      {
        headers: {
          Allow: /INVITE.*UPDATE.*PRACK.*INFO.*REFER/,
          Accept: "application/sdp",
          "Accept-Encoding": "identity",
          "Accept-Language": "en",
          Supported: /100rel.*timer.*replaces/,
        },
      },
    ],
    [
      "OPTIONS",
      { uri: `sip:${DOMAIN}`, headers: { Require: "100rel, foo" } },
      "420 Bad Extension",
      { headers: { Unsupported: "foo" } },
    ],
    [
      "OPTIONS",
      { uri: `sip:${DOMAIN}`, headers: { "Proxy-Require": "nothingSupportsThis" } },
      "420 Bad Extension",
      { headers: { Unsupported: "nothingSupportsThis" } },
    ],
    [
      "INFO",
      { uri: `sip:bob@${DOMAIN}`, headers: { To: `<sip:bob@${DOMAIN}>;tag=gone` } },
      "481 Call/Transaction Does Not Exist",
    ],
  ];
  for (const [method, options, answer, checks] of table) {
    const bench = await new SipBench().ready();
    await bench.flow(t, [
      [0, "alice", "switch", method, options],
      [0, "switch", "alice", answer, checks ?? {}],
    ]);
    await bench.leavesNothing(t);
  }
});

t.test("INVITEs that are refused before control hears of them", async (t) => {
  const offer = sdp("198.51.100.10");
  const refuseBody = (): { status: number; reason: string } => ({ status: 488, reason: "No m= line" });
  const table: readonly (readonly [
    options: NonNullable<LadderRow[4]>,
    answer: string,
    checkBody?: typeof refuseBody,
  ])[] = [
    [{ sdp: offer, headers: { "Max-Forwards": "0" } }, "483 Too Many Hops"],
    [{ sdp: offer, headers: { "Content-Type": "text/plain" } }, "415 Unsupported Media Type"],
    [{ sdp: offer, headers: { "Content-Encoding": "gzip" } }, "415 Unsupported Media Type"],
    [{ sdp: "v=0\r\n" }, "488 No m= line", refuseBody],
    [{ sdp: offer, headers: { Require: "precondition" } }, "420 Bad Extension"],
    [
      { sdp: offer, headers: { Supported: "timer", "Session-Expires": "60" } },
      "422 Session Interval Too Small",
    ],
    [
      { sdp: offer, headers: { Replaces: "nobody;to-tag=1;from-tag=2" } },
      "481 Call/Transaction Does Not Exist",
    ],
  ];
  for (const [options, answer, checkBody] of table) {
    const bench = await new SipBench(checkBody === undefined ? {} : { checkBody }).ready();
    await bench.flow(t, [
      [0, "alice", "switch", "INVITE", options],
      [0, "switch", "alice", answer],
      [10, "alice", "switch", "ACK"],
    ]);
    t.strictSame(bench.causes, []);
    await bench.leavesNothing(t);
  }
});

t.test(
  "digest is asked of everything outside a dialog but ACK and CANCEL, unless the source is trusted",
  async (t) => {
    for (const method of ["REGISTER", "OPTIONS", "INVITE"]) {
      const bench = await new SipBench(digestOnly).ready();
      const isInvite = method === "INVITE";
      await bench.flow(t, [
        [0, "alice", "switch", method, { uri: `sip:bob@${DOMAIN}` }],
        [0, "switch", "alice", "401 Unauthorized"],
        ...(isInvite ? [[10, "alice", "switch", "ACK"] as const] : []),
      ]);
    }
  },
);

t.test("RFC 3261 §8.2.2.2: the same INVITE by another way: 482", async (t) => {
  const bench = await new SipBench().ready();
  const [first] = await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: sdp("198.51.100.10") }],
    [0, "switch", "alice", "100 Trying"],
  ]);
  const copy = Buffer.from(first?.datagram.octets ?? [])
    .toString("latin1")
    .replace(/branch=z9hG4bK/, "branch=z9hG4bKx");
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { raw: copy }],
    [0, "switch", "alice", "482 Loop Detected"],
    [10, "alice", "switch", "ACK", { raw: copy.replaceAll("INVITE", "ACK") }],
  ]);
});
