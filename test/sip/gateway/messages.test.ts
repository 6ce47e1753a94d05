/** MESSAGE beyond the own domain: to foreign domains' servers, and from trunks and trusted servers to users here. */
import t from "tap";
import type { MessageOutcome } from "../../../ts/sip/sip-service.js";
import { DOMAIN, SipBench } from "../../support/sip-bench.js";
import { GatewayBench, TRUNK } from "./gateway-bench.js";

const UNREGISTERED = { ...TRUNK, register: false };
const TEXT = { sdp: "Watson, come here.", headers: { "Content-Type": "text/plain", Contact: null } };

const write = (bench: GatewayBench, domain: string): Promise<MessageOutcome> =>
  bench.sip.execute({
    type: "message.send",
    request: {
      from: { user: "alice", domain: DOMAIN },
      to: { user: "bob", domain },
      content: "Watson, come here.",
    },
  });

t.test(
  "RFC 3428 §4, RFC 3263 §4: control writes to a foreign domain; its second server, where the first fails",
  async (t) => {
    const bench = new GatewayBench();
    await bench.bench.ready();
    let outcome: unknown;
    await bench.flow(
      t,
      [
        [
          0,
          "switch",
          "one",
          "MESSAGE",
          { sdp: TEXT.sdp, headers: { From: /^<sip:alice@example\.org>;tag=/ } },
        ],
        [10, "one", "switch", "503 Service Unavailable"],
        [10, "switch", "two", "MESSAGE", { sdp: TEXT.sdp }],
        [20, "two", "switch", "202 Accepted"],
      ],
      [[0, async () => (outcome = await write(bench, "trunk.example.net"))]],
      40_000,
    );
    t.strictSame(outcome, { status: 200 });
    t.match(await bench.sip.execute({ type: "health" }), { messages: 0 });
  },
);

t.test("what a foreign domain makes of it is told; one that has no server is an error", async (t) => {
  const bench = new GatewayBench();
  await bench.bench.ready();
  for (const [answer, status] of [
    ["486 Busy Here", 486],
    ["401 Unauthorized", 480],
  ] as const) {
    let outcome: unknown;
    await bench.flow(
      t,
      [
        [0, "switch", "one", "MESSAGE"],
        [10, "one", "switch", answer],
      ],
      [[0, async () => (outcome = await write(bench, "trunk.example.net"))]],
    );
    t.strictSame(outcome, { status }, answer);
  }
  const lost = t.rejects(write(bench, "nowhere.example"), {
    code: "DESTINATION_UNREACHABLE",
    field: "to.domain",
  });
  await bench.bench.clock.advance(1000 as never);
  await lost;
});

t.test("a trunk's message goes to the user it names, of the domain that the trunk serves", async (t) => {
  const bench = new GatewayBench();
  await bench.bench.ready();
  await bench.put({ ...UNREGISTERED, domain: DOMAIN });
  await bench.sip.execute({ type: "directory.put", domain: "other.example", users: [] });
  bench.bench.bob.send("REGISTER", { expires: 3600 });
  await bench.bench.clock.advance(1000 as never);
  bench.bench.bob.send("REGISTER", { expires: 3600, credentials: { username: "bob", secret: "builder" } });
  await bench.bench.clock.advance(1000 as never);
  await bench.flow(
    t,
    [
      [0, "one", "switch", "MESSAGE", { ...TEXT, uri: "sip:bob@192.0.2.1" }],
      [0, "switch", "bob", "MESSAGE", { sdp: TEXT.sdp, headers: { From: /<sip:0800@trunk\.example\.net>/ } }],
      [10, "bob", "switch", "200 OK", { to: "MESSAGE" }],
      [10, "switch", "one", "200 OK"],
      // Nobody there: control may take it.
      [1000, "one", "switch", "MESSAGE", { ...TEXT, uri: "sip:4420@192.0.2.1", dialog: "two" }],
      [1000, "switch", "one", "202 Accepted"],
    ],
    [],
    40_000,
  );
  const told = bench.bench.events.find(({ type }) => type === "message");
  t.match(told, { message: { domain: DOMAIN, user: "4420", from: "0800@trunk.example.net" } });
});

t.test("a trusted server may write to users here, and nobody here to those of another domain", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob);
  await bench.sip.execute({
    type: "directory.put",
    domain: "other.example",
    users: [{ username: "eve", secret: "x" }],
  });
  const uri = `sip:bob@${DOMAIN}`;
  const stranger = { ...TEXT.headers, From: "<sip:0800@trunk.example.net>;tag=1" };
  const neighbour = { ...TEXT.headers, From: "<sip:eve@other.example>;tag=2" };
  await bench.flow(t, [
    [0, "alice", "switch", "MESSAGE", { ...TEXT, uri, headers: stranger }],
    [0, "switch", "bob", "MESSAGE", { sdp: TEXT.sdp }],
    [10, "bob", "switch", "200 OK"],
    [10, "switch", "alice", "200 OK"],
    [1000, "alice", "switch", "MESSAGE", { ...TEXT, uri, headers: neighbour, dialog: "two" }],
    [1000, "switch", "alice", "403 Forbidden"],
  ]);
  await bench.leavesNothing(t);
});
