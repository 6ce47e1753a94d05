import t from "tap";
import { seconds } from "../../../ts/core/brand.js";
import type { InviteRequest } from "../../../ts/sip/sip-service.js";
import type { LadderRow } from "../../support/ladder.js";
import { DOMAIN, sdp } from "../../support/sip-bench.js";
import { ACCOUNT, answers, challenge, GatewayBench, TRUNK } from "./gateway-bench.js";

const OFFER = sdp("192.0.2.1");
const ANSWER = sdp("203.0.113.1");
const callid = "trunk-call";
const UNREGISTERED = { ...TRUNK, register: false };

const call = (bench: GatewayBench, more: Partial<InviteRequest> = {}): Promise<unknown> => {
  const from = { user: "alice", domain: DOMAIN };
  const request = { callid, from, to: { user: "0123456" }, gateway: "trunk", sdp: OFFER, ...more };
  return bench.sip.execute({ type: "dialog.invite", request });
};

/** Answers, and ends the call. */
const answered = (at: number, party: string, seq: number): LadderRow[] => [
  [at, party, "switch", "200 OK", { sdp: ANSWER }],
  [at, "switch", party, "ACK", { headers: { CSeq: `${seq} ACK` } }],
  [at + 1000, party, "switch", "BYE"],
  [at + 1000, "switch", party, "200 OK"],
];

t.test(
  "a call by a gateway: its domain, its account, its secret; the caller's number is presented",
  async (t) => {
    const bench = new GatewayBench();
    const nonce = { nonce: "n", realm: "trunk" };
    await bench.put({
      ...UNREGISTERED,
      from: { ...ACCOUNT, authuser: "auth-name", domain: "accounts.example" },
    });
    await bench.flow(
      t,
      [
        [
          0,
          "switch",
          "one",
          "INVITE",
          {
            sdp: OFFER,
            headers: {
              From: /<sip:4420@accounts\.example>;tag=/,
              To: "<sip:0123456@trunk.example.net>",
              Contact: /^<sip:4420@192\.0\.2\.1:5060>/,
              "Remote-Party-ID": /<sip:alice@accounts\.example>/,
            },
            check: ({ firstLine }) => t.equal(firstLine, "INVITE sip:0123456@trunk.example.net SIP/2.0"),
          },
        ],
        [
          5,
          "one",
          "switch",
          "407 Proxy Authentication Required",
          { headers: { "Proxy-Authenticate": challenge(nonce) } },
        ],
        [5, "switch", "one", "ACK"],
        [
          5,
          "switch",
          "one",
          "INVITE",
          {
            headers: {
              CSeq: "2 INVITE",
              "Proxy-Authorization": answers(nonce, {
                nc: 1,
                method: "INVITE",
                username: "auth-name",
                uri: "sip:0123456@trunk.example.net",
              }),
            },
          },
        ],
        [10, "one", "switch", "180 Ringing"],
        ...answered(2000, "one", 2),
      ],
      [[0, () => call(bench)]],
    );
    t.strictSame(bench.bench.causes, ["ringing", "answered", "ended"]);
    t.match(bench.bench.lastInfo, { gateway: "trunk", from: "alice", domain: DOMAIN, to: "0123456" });
  },
);

t.test(
  "the gateway's own presented identity where the call has none; the call's where it has one",
  async (t) => {
    for (const [cid, shown] of [
      [undefined, /"Desk" <sip:100@/],
      [{ number: "200", name: "Anne" }, /"Anne" <sip:200@/],
    ] as const) {
      const bench = new GatewayBench();
      await bench.put({ ...UNREGISTERED, cid: { number: "100", name: "Desk" } });
      await bench.flow(
        t,
        [
          [0, "switch", "one", "INVITE", { headers: { "Remote-Party-ID": shown } }],
          [0, "one", "switch", "486 Busy Here"],
          [0, "switch", "one", "ACK"],
        ],
        [[0, () => call(bench, cid === undefined ? {} : { cid })]],
      );
    }
  },
);

t.test("RFC 3608 §6.1: by the Service-Route of the registration, which is where it goes", async (t) => {
  const bench = new GatewayBench();
  const route = "<sip:two.trunk.example.net:5080;lr>";
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [0, "one", "switch", "200 OK", { headers: { "Service-Route": route, Expires: "3600" } }],
      [
        100,
        "switch",
        "two",
        "INVITE",
        {
          headers: { Route: route },
          check: ({ firstLine }) => t.equal(firstLine, "INVITE sip:0123456@trunk.example.net SIP/2.0"),
        },
      ],
      ...answered(200, "two", 1),
    ],
    [
      [0, () => bench.put()],
      [100, () => call(bench)],
    ],
  );
});

t.test("by the outbound proxy, the REGISTER and the call", async (t) => {
  const bench = new GatewayBench();
  const proxy = "<sip:two.trunk.example.net:5080;lr>";
  await bench.flow(
    t,
    [
      [0, "switch", "two", "REGISTER", { headers: { Route: proxy } }],
      [0, "two", "switch", "200 OK"],
      [100, "switch", "two", "INVITE", { headers: { Route: proxy } }],
      [100, "two", "switch", "404 Not Found"],
      [100, "switch", "two", "ACK", { headers: { Route: proxy } }],
    ],
    [
      [0, () => bench.put({ ...TRUNK, proxy: "sip:two.trunk.example.net:5080" })],
      [100, () => call(bench)],
    ],
  );
});

t.test(
  "RFC 3263 §4.3: time-out: the same INVITE to the second server; the next call goes there at once",
  async (t) => {
    const bench = new GatewayBench();
    await bench.put(UNREGISTERED);
    const other = "second-call";
    await bench.flow(
      t,
      [
        [0, "switch", "one", "INVITE", { headers: { CSeq: "1 INVITE", "Call-ID": callid } }],
        ...[500, 1500, 3500, 7500, 15_500, 31_500].map((at): LadderRow => [
          at,
          "switch",
          "one",
          "INVITE",
          { retransmission: true },
        ]),
        [32_000, "switch", "two", "INVITE", { headers: { CSeq: "1 INVITE", "Call-ID": callid } }],
        ...answered(32_100, "two", 1),
        [40_000, "switch", "two", "INVITE", { headers: { "Call-ID": other } }],
        [40_000, "two", "switch", "486 Busy Here"],
        [40_000, "switch", "two", "ACK"],
        // 20 s after the time-out the first server is tried first again.
        [52_000, "switch", "one", "INVITE", { headers: { "Call-ID": "third-call" } }],
        [52_000, "one", "switch", "486 Busy Here"],
        [52_000, "switch", "one", "ACK"],
      ],
      [
        [0, () => call(bench)],
        [40_000, () => call(bench, { callid: other })],
        [52_000, () => call(bench, { callid: "third-call" })],
      ],
    );
    t.strictSame(bench.bench.causes, ["answered", "ended", "ended", "ended"]);
  },
);

t.test("RFC 3263 §4.3: 503 is acknowledged where it came from, and the second server is asked", async (t) => {
  const bench = new GatewayBench();
  await bench.put(UNREGISTERED);
  await bench.flow(
    t,
    [
      [0, "switch", "one", "INVITE"],
      [10, "one", "switch", "503 Service Unavailable", { headers: { "Retry-After": "60" } }],
      [10, "switch", "one", "ACK"],
      [10, "switch", "two", "INVITE", { headers: { CSeq: "1 INVITE" } }],
      [20, "two", "switch", "503 Service Unavailable", { headers: { "Retry-After": "30" } }],
      [20, "switch", "two", "ACK"],
    ],
    [[0, () => call(bench)]],
  );
  t.match(bench.bench.lastInfo, { hangup: true, error: { code: 503 } });
  await t.rejects(
    call(bench, { callid: "next" }),
    { code: "DESTINATION_UNREACHABLE" },
    "both have asked for time",
  );
  await bench.bench.clock.advance(seconds(30));
  await bench.flow(
    t,
    [
      [0, "switch", "two", "INVITE"],
      [0, "two", "switch", "486 Busy Here"],
      [0, "switch", "two", "ACK"],
    ],
    [[0, () => call(bench, { callid: "after" })]],
  );
});

t.test(
  "RFC 3263 §4.3: a server that can't be reached: the second at once; after a challenge there, too",
  async (t) => {
    const bench = new GatewayBench();
    await bench.put(UNREGISTERED);
    bench.bench.network.refuse(bench.one.address, new Error("ECONNREFUSED"));
    const nonce = { nonce: "two" };
    await bench.flow(
      t,
      [
        [0, "switch", "one", "INVITE"],
        [0, "switch", "two", "INVITE", { headers: { CSeq: "1 INVITE" } }],
        [10, "two", "switch", "401 Unauthorized", { headers: { "WWW-Authenticate": challenge(nonce) } }],
        [10, "switch", "two", "ACK"],
        [10, "switch", "two", "INVITE", { headers: { CSeq: "2 INVITE", Authorization: /nonce="two"/ } }],
        ...answered(20, "two", 2),
      ],
      [[0, () => call(bench)]],
    );
  },
);

t.test("no other server is tried after a CANCEL, nor where the callee was reached", async (t) => {
  const bench = new GatewayBench();
  await bench.put(UNREGISTERED);
  await bench.flow(
    t,
    [
      [0, "switch", "one", "INVITE"],
      [10, "one", "switch", "180 Ringing"],
      [20, "switch", "one", "CANCEL"],
      [20, "one", "switch", "200 OK", { to: "CANCEL" }],
      [20, "one", "switch", "503 Service Unavailable", { to: "INVITE" }],
      [20, "switch", "one", "ACK"],
      // The first server has just refused: now the second one comes first.
      [1000, "switch", "two", "INVITE"],
      [1000, "two", "switch", "600 Busy Everywhere"],
      [1000, "switch", "two", "ACK"],
    ],
    [
      [0, () => call(bench)],
      [20, () => bench.sip.execute({ type: "dialog.hangup", callid })],
      [1000, () => call(bench, { callid: "busy" })],
    ],
    100,
  );
});

t.test("a foreign domain is a name: located as RFC 3263 says", async (t) => {
  const bench = new GatewayBench();
  await bench.flow(
    t,
    [
      [
        0,
        "switch",
        "one",
        "INVITE",
        { check: ({ firstLine }) => t.match(firstLine, "sip:bob@trunk.example.net ") },
      ],
      ...answered(100, "one", 1),
    ],
    [
      [
        0,
        () =>
          bench.sip.execute({
            type: "dialog.invite",
            request: {
              callid,
              from: { user: "alice", domain: DOMAIN },
              to: { user: "bob", domain: "trunk.example.net" },
              sdp: OFFER,
            },
          }),
      ],
    ],
  );
  t.notOk("gateway" in bench.bench.lastInfo);
});

t.test("calls that can't be placed change nothing", async (t) => {
  const bench = new GatewayBench();
  await t.rejects(call(bench), { code: "GATEWAY_UNKNOWN" });
  bench.dns.change([]);
  await bench.put(UNREGISTERED);
  await t.rejects(call(bench), { code: "DESTINATION_UNREACHABLE" });
  bench.dns.silence("NAPTR slow.example");
  const controller = new AbortController();
  const request = { from: { user: "alice", domain: DOMAIN }, to: { user: "bob", domain: "slow.example" } };
  const waiting = bench.sip.execute({ type: "dialog.invite", request }, controller.signal);
  await bench.bench.clock.settle();
  controller.abort();
  await t.rejects(waiting, { code: "ABORTED" });
  const closed = t.rejects(bench.sip.execute({ type: "dialog.invite", request }), { code: "ABORTED" });
  await bench.sip.close();
  await closed;
  t.match(await bench.sip.execute({ type: "dialog.count" }), { count: 0, counter: 0 });
});

t.test("two calls of one Call-ID while a name is looked up: the second is refused", async (t) => {
  const bench = new GatewayBench();
  await bench.put(UNREGISTERED);
  const both = await Promise.allSettled([call(bench), call(bench)]);
  t.strictSame(
    both.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
});

t.test("a trunk calls in: no challenge, its domain, its control; from elsewhere there is one", async (t) => {
  const bench = new GatewayBench();
  await bench.bench.ready();
  await bench.put({ ...UNREGISTERED, domain: DOMAIN, control: "http://192.0.2.90:9001" });
  await bench.flow(
    t,
    [
      // From says that it is a user of ours: it isn't.
      [
        0,
        "two",
        "switch",
        "INVITE",
        { sdp: ANSWER, uri: "sip:4420@192.0.2.1", headers: { From: `<sip:alice@${DOMAIN}>;tag=1` } },
      ],
      [0, "switch", "two", "100 Trying"],
      [500, "switch", "two", "486 Busy Here"],
      [500, "two", "switch", "ACK"],
      [600, "alice", "switch", "INVITE", { sdp: ANSWER }],
      [600, "switch", "alice", "401 Unauthorized"],
      [600, "alice", "switch", "ACK"],
    ],
    [
      [
        500,
        () => bench.sip.execute({ type: "dialog.hangup", callid: bench.bench.lastInfo.callid, code: 486 }),
      ],
    ],
  );
  const [first] = bench.bench.events;
  t.match(first, {
    type: "dialog",
    cause: "new",
    control: "http://192.0.2.90:9001",
    info: { gateway: "trunk", from: "alice", to: "4420", domain: DOMAIN, authenticated: true },
  });
});

t.test("only calls, OPTIONS and MESSAGE are believed of a trunk", async (t) => {
  const bench = new GatewayBench();
  await bench.bench.ready();
  await bench.put(UNREGISTERED);
  await bench.flow(t, [
    [0, "one", "switch", "OPTIONS", { uri: "sip:192.0.2.1" }],
    [0, "switch", "one", "200 OK"],
    [
      100,
      "one",
      "switch",
      "REGISTER",
      { expires: 60, uri: `sip:${DOMAIN}`, headers: { To: `<sip:alice@${DOMAIN}>` } },
    ],
    [100, "switch", "one", "401 Unauthorized"],
    [
      200,
      "one",
      "switch",
      "SUBSCRIBE",
      { uri: `sip:alice@${DOMAIN}`, headers: { Event: "presence", Expires: "60" } },
    ],
    [200, "switch", "one", "401 Unauthorized"],
  ]);
});

t.test(
  "whose call it is: by network, by address; of two accounts at one address the one that is called",
  async (t) => {
    const bench = new GatewayBench();
    bench.dns.change(["trunk.example.net A 203.0.113.1"]);
    await bench.put(UNREGISTERED, "first");
    await bench.put(
      { ...UNREGISTERED, from: { user: "4421" }, sources: ["203.0.113.0/28", "2001:db8::/32"] },
      "second",
    );
    await bench.bench.clock.settle();
    t.strictSame((await bench.info("second")).sources, ["203.0.113.0/28", "2001:db8::/32", "203.0.113.1"]);
    const rows = [
      ["one", "4420", "first"],
      ["one", "4421", "second"],
      ["one", "nobody", "first"],
      ["two", "4420", "second"],
    ] as const;
    for (const [party, user, gateway] of rows) {
      bench[party].send("INVITE", { sdp: ANSWER, uri: `sip:${user}@192.0.2.1`, dialog: `${party} ${user}` });
      await bench.bench.clock.advance(seconds(1));
      t.equal(bench.bench.lastInfo.gateway, gateway, `${party} calls ${user}`);
    }
  },
);

t.test("the addresses of a gateway are looked up again; what can't be looked up stays", async (t) => {
  const bench = new GatewayBench();
  await bench.put(UNREGISTERED);
  await bench.bench.clock.settle();
  t.strictSame((await bench.info()).sources, ["203.0.113.1", "203.0.113.2"]);
  bench.dns.change(["trunk.example.net A 203.0.113.9"]);
  await bench.bench.clock.advance(seconds(299));
  t.strictSame((await bench.info()).sources, ["203.0.113.1", "203.0.113.2"]);
  await bench.bench.clock.advance(seconds(1));
  t.strictSame((await bench.info()).sources, ["203.0.113.9"]);
  bench.dns.change([]);
  await bench.bench.clock.advance(seconds(300));
  t.strictSame((await bench.info()).sources, ["203.0.113.9"]);
});
