/** Registrations and calls by connections: TCP, TLS and WebSocket, and what their end ends. */
import t from "tap";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import { DOMAIN, SipBench, sdp } from "../support/sip-bench.js";

const OFFER = sdp("192.0.2.1");
const ANSWER = sdp("198.51.100.20");
const callid = "our-call";

const callBob = (sip: LocalSipService): Promise<unknown> =>
  sip.execute({
    type: "dialog.invite",
    request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OFFER },
  });

const hangUp = (sip: LocalSipService): Promise<unknown> => sip.execute({ type: "dialog.hangup", callid });

const isBound = async (bench: SipBench): Promise<boolean> =>
  (await bench.sip.execute({ type: "registrations.count" })).count === 1;

for (const [protocol, param] of [
  ["TCP", "tcp"],
  ["TLS", "tls"],
  ["WS", "ws"],
  ["WSS", "ws"],
] as const) {
  t.test(
    `RFC 5626 §5.3: a call to a phone goes by the connection it registered by: ${protocol}`,
    async (t) => {
      const bench = new SipBench({ bobBy: protocol });
      await bench.registered(bench.bob);
      const via = new RegExp(`^SIP/2\\.0/${protocol} 192\\.0\\.2\\.1:5060;branch=`);
      const Contact = new RegExp(`^<sip:alice@192\\.0\\.2\\.1:5060;transport=${param}>$`);
      await bench.flow(
        t,
        [
          [0, "switch", "bob", "INVITE", { over: protocol, headers: { via, Contact } }],
          [10, "bob", "switch", "180 Ringing"],
          // Nothing is sent twice in all this time.
          [9000, "bob", "switch", "200 OK", { sdp: ANSWER }],
          [9000, "switch", "bob", "ACK", { headers: { via } }],
          [20_000, "switch", "bob", "BYE", { headers: { via } }],
          [20_010, "bob", "switch", "200 OK"],
        ],
        [
          [0, callBob],
          [20_000, hangUp],
        ],
      );
      t.strictSame(bench.causes, ["ringing", "answered", "ended"]);
      t.equal(bench.network.connections.size, 1);
      await bench.leavesNothing(t);
    },
  );
}

t.test(
  "RFC 5626 §5.4: a connection ends while the phone rings: the call fails, the binding dies",
  async (t) => {
    const bench = new SipBench({ bobBy: "TCP" });
    await bench.registered(bench.bob);
    t.ok(await isBound(bench));
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "180 Ringing"],
      ],
      [
        [0, callBob],
        [
          500,
          async () => {
            bench.bob.hangUpConnections();
          },
        ],
      ],
    );
    t.strictSame(bench.causes, ["ringing", "ended"]);
    t.notOk(await isBound(bench));
    t.equal(bench.events.filter(({ type }) => type === "deregistered").length, 1);
    await t.rejects(callBob(bench.sip), { code: "USER_NOT_REGISTERED" });
    const health = await bench.sip.execute({ type: "health" });
    t.match(health, { calls: 0, dialogs: 0, transactions: 0, connections: 0, sockets: 2 });
  },
);

t.test(
  "a WebSocket ends in mid-call: the call lasts until somebody ends it, and nothing hangs",
  async (t) => {
    const bench = new SipBench({ bobBy: "WS" });
    await bench.registered(bench.bob);
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "200 OK", { sdp: ANSWER }],
        [10, "switch", "bob", "ACK"],
      ],
      [
        [0, callBob],
        [
          500,
          async () => {
            bench.bob.hangUpConnections();
          },
        ],
        [5000, hangUp],
      ],
    );
    t.strictSame(bench.causes, ["answered", "ended"]);
    const health = await bench.sip.execute({ type: "health" });
    t.match(health, { calls: 0, dialogs: 0, transactions: 0, connections: 0 });
  },
);

t.test(
  "RFC 3261 §12.2.1.1: the connection ends in mid-call: what comes next goes to the remote target by a new one",
  async (t) => {
    const bench = new SipBench({ bobBy: "TCP", bobAccepts: true });
    await bench.registered(bench.bob);
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "200 OK", { sdp: ANSWER }],
        [10, "switch", "bob", "ACK"],
        [5000, "switch", "bob", "BYE"],
        [5010, "bob", "switch", "200 OK"],
      ],
      [
        [0, callBob],
        [
          500,
          async () => {
            bench.bob.hangUpConnections();
          },
        ],
        [5000, hangUp],
      ],
    );
    t.strictSame(bench.causes, ["answered", "ended"]);
  },
);

t.test("a phone that calls over TCP: answered, ended by either side on its connection", async (t) => {
  const bench = new SipBench({
    bobBy: "TCP",
    control: (event, sip) =>
      event.cause === "new"
        ? sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OFFER })
        : undefined,
  });
  await bench.ready();
  bench.network.connections.setSlice(7);
  await bench.flow(t, [
    [0, "bob", "switch", "INVITE", { sdp: ANSWER }],
    [0, "switch", "bob", "100 Trying"],
    [
      0,
      "switch",
      "bob",
      "200 OK",
      { sdp: OFFER, headers: { Contact: /^<sip:bob@192\.0\.2\.1:5060;transport=tcp>$/ } },
    ],
    [10, "bob", "switch", "ACK"],
    [2000, "bob", "switch", "CRLFCRLF", { raw: "\r\n\r\n" }],
    [2000, "switch", "bob", "CRLF"],
    [5000, "bob", "switch", "BYE"],
    [5000, "switch", "bob", "200 OK"],
  ]);
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
});
