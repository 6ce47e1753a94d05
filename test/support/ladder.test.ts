import t from "tap";
import { ms } from "../../ts/core/brand.js";
import type { SocketAddress } from "../../ts/core/socket-address.js";
import { overUdp, FakeNetwork } from "./fake-network.js";
import { callFlow, renderLadder, runLadder, type LadderRow } from "./ladder.js";
import { ManualClock } from "./manual-clock.js";
import { ScriptedParty } from "./scripted-party.js";
import { SeededRandom } from "./seeded-random.js";
import { allHeaders, cseqOf, header, headerParam, messageName, readSip, writeSip } from "./sip-text.js";

const SWITCH: SocketAddress = { address: "192.0.2.1", port: 5060 };
const BOB: SocketAddress = { address: "192.0.2.20", port: 5060 };

/**
 * A toy in place of the switch: answers an INVITE 100 at once, 200 after 50 ms, the 200 again 500 ms later unless
 * an ACK came; challenges the first REGISTER; answers anything else 200.
 */
function setUp() {
  const clock = new ManualClock();
  const random = new SeededRandom(1);
  const network = new FakeNetwork({ clock, random: random.fork("network") });
  const toy = network.transport(SWITCH);
  let isAcknowledged = false;
  const answer = (octets: Uint8Array, to: SocketAddress): Uint8Array | undefined => {
    const request = readSip(octets);
    const method = messageName(request);
    if (method === "ACK") isAcknowledged = true;
    if (method === "ACK" || request.firstLine.startsWith("SIP/2.0")) return undefined;
    const reply = (status: string, more: [string, string][] = [], body = ""): Uint8Array => {
      const copied = ["Via", "From", "Call-ID", "CSeq"].map((name): [string, string] => [
        name,
        header(request, name) ?? "",
      ]);
      const message = writeSip(
        `SIP/2.0 ${status}`,
        [...copied, ["To", `${header(request, "to") ?? ""};tag=toy`], ...more],
        body,
      );
      toy.send(message, overUdp(to));
      return message;
    };
    if (method === "REGISTER" && header(request, "authorization") === undefined) {
      return reply("401 Unauthorized", [
        ["WWW-Authenticate", 'Digest realm="example.org", nonce="n1", qop="auth", algorithm=MD5'],
      ]);
    }
    if (method !== "INVITE") return reply("200 OK");
    reply("100 Trying");
    clock.after(ms(50), () => {
      const dialog: [string, string][] = [
        ["Contact", "<sip:toy@192.0.2.1:5060;x=1>"],
        ["Record-Route", "<sip:p1@192.0.2.8;lr>, <sip:p2@192.0.2.9;lr>"],
      ];
      const ok = reply("200 OK", dialog, "v=0\r\n");
      clock.after(ms(500), () => {
        if (!isAcknowledged) toy.send(ok, overUdp(to));
      });
    });
    return undefined;
  };
  toy.receive({
    octets: (octets, flow) => void answer(octets, flow.remote),
    sendError: () => undefined,
    closed: () => undefined,
  });
  const party = (user: string, local: SocketAddress, via?: SocketAddress): ScriptedParty =>
    new ScriptedParty({
      network,
      random,
      user,
      domain: "example.org",
      local,
      switch: SWITCH,
      calls: "sip:100@example.org",
      ...(via === undefined ? {} : { via }),
    });
  const alice = party("alice", { address: "10.0.0.9", port: 5060 }, { address: "192.0.2.10", port: 40_000 });
  const bob = party("bob", BOB);
  const options = { clock, network, parties: { alice, bob }, switch: SWITCH };
  return { clock, network, toy, alice, bob, options };
}

const CALL: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: "v=0\r\n" }],
  [0, "switch", "alice", "100 Trying"],
  [50, "switch", "alice", "200 OK", { sdp: "v=0\r\n", headers: { contact: /toy/, expires: null } }],
  [60, "alice", "switch", "ACK"],
  [9000, "alice", "switch", "BYE"],
  [9000, "switch", "alice", "200 OK"],
];

t.test("a flow that goes as written passes, and gives its trace and picture", async (t) => {
  const { options, clock } = setUp();
  const trace = await callFlow(t, options, CALL);
  t.same(
    trace.map(({ at, from, to, message }) => [at, from, to, message]),
    CALL.map((row) => row.slice(0, 4)),
  );
  t.equal(clock.now(), 49_000, "and 40 s of silence after it");
  t.equal(
    renderLadder(trace.slice(0, 3)),
    [
      "      ms           alice                   switch",
      "       0              │─────── INVITE ───────▶│",
      "       0              │◀───── 100 Trying ─────│",
      "      50              │◀─────── 200 OK ───────│",
    ].join("\n"),
  );
});

/** Rows that must fail, with what the failure says and the mark in the picture. */
const failures: readonly { name: string; rows: readonly LadderRow[]; reason: RegExp; marked: RegExp }[] = [
  {
    name: "a message that comes too late",
    rows: [CALL[0]!, CALL[1]!, [49, "switch", "alice", "200 OK"]],
    reason: /^did not come: 49 ms switch → alice 200 OK$/,
    marked: /^>> {7}49 .*200 OK/m,
  },
  {
    name: "a message that comes too early",
    rows: [CALL[0]!, CALL[1]!, [51, "switch", "alice", "200 OK"]],
    reason: /^expected 51 ms switch → alice 200 OK, saw 50 ms switch → alice 200 OK$/,
    marked: /^>> {7}51 .*200 OK/m,
  },
  {
    name: "another message",
    rows: [CALL[0]!, CALL[1]!, [50, "switch", "alice", "486 Busy Here"]],
    reason: /^expected 50 ms switch → alice 486 Busy Here, saw 50 ms switch → alice 200 OK$/,
    marked: /^>> {7}50 .*486/m,
  },
  {
    name: "a message to somebody else",
    rows: [CALL[0]!, [0, "switch", "bob", "100 Trying"]],
    reason: /^expected 0 ms switch → bob 100 Trying, saw 0 ms switch → alice 100 Trying$/,
    marked: /^>> .*100 Trying/m,
  },
  {
    name: "a message in no row, in between",
    rows: [CALL[0]!, [10, "alice", "switch", "OPTIONS"], [10, "switch", "alice", "200 OK"]],
    reason: /^came and is in no row: 0 ms switch → alice 100 Trying$/,
    marked: /^>> came and is in no row/m,
  },
  {
    name: "a message in no row, in the quiet time",
    rows: CALL.slice(0, 3),
    reason: /^came and is in no row: 550 ms switch → alice 200 OK$/,
    marked: /200 OK ─+│\n>> came and is in no row/m,
  },
  {
    name: "a retransmission that is not called one",
    rows: [...CALL.slice(0, 3), [550, "switch", "alice", "200 OK"]],
    reason: /^is a retransmission: 550 ms/,
    marked: /^>> {6}550/m,
  },
  {
    name: "a new message that is called a retransmission",
    rows: [CALL[0]!, [0, "switch", "alice", "100 Trying", { retransmission: true }]],
    reason: /^differs from all before it: 0 ms/,
    marked: /^>> {8}0 /m,
  },
  {
    name: "another body",
    rows: [CALL[0]!, CALL[1]!, [50, "switch", "alice", "200 OK", { sdp: "v=1\r\n" }]],
    reason: /another body:\nv=0/,
    marked: /^>> {7}50/m,
  },
  {
    name: "another header",
    rows: [CALL[0]!, CALL[1]!, [50, "switch", "alice", "200 OK", { headers: { contact: /bob/ } }]],
    reason: /contact is <sip:toy@192\.0\.2\.1:5060;x=1>, not \/bob\/$/,
    marked: /^>> {7}50/m,
  },
  {
    name: "a header that should not be there",
    rows: [CALL[0]!, CALL[1]!, [50, "switch", "alice", "200 OK", { headers: { contact: null } }]],
    reason: /contact is there/,
    marked: /^>> {7}50/m,
  },
  {
    name: "a check that throws",
    rows: [
      CALL[0]!,
      [
        0,
        "switch",
        "alice",
        "100 Trying",
        {
          check: () => {
            throw new Error("not like this");
          },
        },
      ],
    ],
    reason: /100 Trying: not like this$/,
    marked: /^>> {8}0/m,
  },
  {
    name: "a party that has nothing to answer",
    rows: [[0, "bob", "switch", "200 OK"]],
    reason: /^could not be sent: bob has no request to answer$/,
    marked: /^>> {8}0/m,
  },
  {
    name: "rows out of order",
    rows: [CALL[0]!, CALL[1]!, CALL[2]!, [40, "alice", "switch", "ACK"]],
    reason: /^is earlier than the row above it$/,
    marked: /^>> {7}40/m,
  },
];

for (const { name, rows, reason, marked } of failures) {
  t.test(`fails on: ${name}`, async (t) => {
    const { failure } = await runLadder(setUp().options, rows);
    t.match(failure?.reason, reason);
    t.match(failure?.picture, marked);
    t.equal(failure?.picture.match(/^>> {5,}\d/gm)?.length ?? 0, name.includes("quiet") ? 0 : 1, "one mark");
  });
}

t.test("callFlow makes a failed assertion of it, with the picture as comment", async (t) => {
  const said: string[] = [];
  const recorder = {
    pass: () => said.push("pass"),
    fail: (message?: unknown) => said.push(`fail ${String(message)}`),
    comment: (...text: unknown[]) => said.push(`comment ${String(text[0])}`),
  };
  await callFlow(recorder as unknown as Parameters<typeof callFlow>[0], setUp().options, [
    [0, "switch", "bob", "INVITE"],
  ]);
  t.equal(said.length, 2);
  t.match(said[0], /^comment .*\n>> did not come.*\n>> {8}0 .*INVITE/s);
  t.match(said[1], /^fail did not come/);
});

t.test("lost rows and retransmissions of both sides", async (t) => {
  const { options } = setUp();
  await callFlow(t, options, [
    [0, "alice", "switch", "INVITE", { lost: true }],
    [500, "alice", "switch", "INVITE", { retransmission: true }],
    [500, "switch", "alice", "100 Trying"],
    [550, "switch", "alice", "200 OK", { lost: true }],
    [1050, "switch", "alice", "200 OK", { retransmission: true }],
    [1060, "alice", "switch", "ACK"],
  ]);
});

t.test("a party keeps the dialog: tags, CSeq, route set, remote target", async (t) => {
  const { options } = setUp();
  const trace = await callFlow(t, options, CALL);
  const [invite, , ok, ack, bye] = trace.map(({ text }) => text);
  t.equal(ack?.firstLine, "ACK sip:toy@192.0.2.1:5060;x=1 SIP/2.0");
  t.equal(bye?.firstLine, "BYE sip:toy@192.0.2.1:5060;x=1 SIP/2.0");
  t.same(ack && allHeaders(ack, "route"), ["<sip:p2@192.0.2.9;lr>", "<sip:p1@192.0.2.8;lr>"]);
  t.same(ack && cseqOf(ack), { seq: 1, method: "ACK" });
  t.same(bye && cseqOf(bye), { seq: 2, method: "BYE" });
  t.equal(headerParam(bye && header(bye, "to"), "tag"), "toy");
  t.equal(bye && header(bye, "from"), invite && header(invite, "from"));
  t.equal(bye && header(bye, "call-id"), ok && header(ok, "call-id"));
  t.not(
    headerParam(ack && header(ack, "via"), "branch"),
    headerParam(invite && header(invite, "via"), "branch"),
  );
});

t.test("a party answers a digest challenge as RFC 7616 §3.4 computes it", async (t) => {
  const { options } = setUp();
  const credentials = { username: "alice", secret: "pencil" };
  const trace = await callFlow(t, options, [
    [0, "alice", "switch", "REGISTER", { expires: 60 }],
    [0, "switch", "alice", "401 Unauthorized"],
    [5, "alice", "switch", "REGISTER", { expires: 60, credentials }],
    [5, "switch", "alice", "200 OK"],
    [9, "alice", "switch", "REGISTER", { expires: 0, credentials, contact: "*" }],
    [9, "switch", "alice", "200 OK"],
  ]);
  const [first, second, third] = [0, 2, 4].map((index) => trace[index]?.text);
  t.match(second && header(second, "authorization"), /nonce="n1".*response="[0-9a-f]{32}".*nc=00000001/);
  t.match(third && header(third, "authorization"), /nc=00000002/);
  t.equal(third && header(third, "contact"), "*");
  t.equal(second && header(second, "expires"), "60");
  t.equal(second && header(second, "call-id"), first && header(first, "call-id"));
  t.same(second && cseqOf(second), { seq: 2, method: "REGISTER" });
});

t.test("a called party answers the request that is open, a CANCEL where told", async (t) => {
  const { toy, clock, network, bob } = setUp();
  const lines = (seq: string): [string, string][] => [
    ["Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport"],
    ["Record-Route", "<sip:192.0.2.1;lr>"],
    ["From", "<sip:alice@example.org>;tag=a"],
    ["To", "<sip:bob@example.org>"],
    ["Call-ID", "c1"],
    ["CSeq", seq],
    ["Contact", "<sip:alice@192.0.2.1>"],
  ];
  toy.send(writeSip("INVITE sip:bob@192.0.2.20 SIP/2.0", lines("7 INVITE")), overUdp(BOB));
  await clock.advance(ms(0));
  bob.send("180 Ringing");
  toy.send(writeSip("CANCEL sip:bob@192.0.2.20 SIP/2.0", lines("7 CANCEL")), overUdp(BOB));
  await clock.advance(ms(0));
  bob.send("200 OK", { to: "CANCEL" });
  bob.send("487 Request Terminated", { headers: { Reason: "SIP;cause=200" } });
  const sent = network.log
    .filter(({ from }) => from.address === BOB.address)
    .map(({ octets }) => readSip(octets));
  t.same(
    sent.map((message) => `${message.firstLine} ${cseqOf(message).method}`),
    ["SIP/2.0 180 Ringing INVITE", "SIP/2.0 200 OK CANCEL", "SIP/2.0 487 Request Terminated INVITE"],
  );
  const [ringing, , terminated] = sent;
  t.match(ringing && header(ringing, "via"), /;received=192\.0\.2\.1;rport=5060$/);
  t.equal(ringing && header(ringing, "record-route"), "<sip:192.0.2.1;lr>");
  t.match(ringing && header(ringing, "contact"), /bob@192\.0\.2\.20:5060/);
  t.equal(terminated && header(terminated, "contact"), undefined);
  t.equal(terminated && header(terminated, "to"), ringing && header(ringing, "to"));
  t.equal(terminated && header(terminated, "reason"), "SIP;cause=200");
});

t.test("two calls of one party are told apart by name", async (t) => {
  const { options } = setUp();
  await callFlow(t, options, [
    [0, "alice", "switch", "INVITE", { dialog: "one" }],
    [0, "switch", "alice", "100 Trying"],
    [10, "alice", "switch", "INVITE", { dialog: "two" }],
    [10, "switch", "alice", "100 Trying"],
    [50, "switch", "alice", "200 OK"],
    [55, "alice", "switch", "ACK", { dialog: "one" }],
    [60, "switch", "alice", "200 OK"],
    [61, "alice", "switch", "ACK", { dialog: "two" }],
    [70, "alice", "switch", "BYE", { dialog: "two" }],
    [70, "switch", "alice", "200 OK"],
  ]);
});
