import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { header } from "../../support/sip-text.js";
import { answers, challenge, GatewayBench, TRUNK } from "./gateway-bench.js";

const CONTACT = "<sip:4420@192.0.2.1:5060>";
const granted = (expires: number): Record<string, string> => ({ Contact: `${CONTACT};expires=${expires}` });

t.test(
  "RFC 3261 §10.2, §22: challenge, credentials, 200; the refresh answers at once with the same nonce",
  async (t) => {
    const bench = new GatewayBench();
    const nonce = { nonce: "first" };
    const trace = await bench.flow(
      t,
      [
        [
          0,
          "switch",
          "one",
          "REGISTER",
          {
            headers: {
              From: /^<sip:4420@trunk\.example\.net>;tag=/,
              To: "<sip:4420@trunk.example.net>",
              Contact: `${CONTACT};expires=3600`,
              Expires: "3600",
              CSeq: "1 REGISTER",
              Supported: "path",
              Authorization: null,
            },
            check: ({ firstLine }) => t.equal(firstLine, "REGISTER sip:trunk.example.net SIP/2.0"),
          },
        ],
        [10, "one", "switch", "401 Unauthorized", { headers: { "WWW-Authenticate": challenge(nonce) } }],
        [
          10,
          "switch",
          "one",
          "REGISTER",
          { headers: { CSeq: "2 REGISTER", Authorization: answers(nonce, { nc: 1 }) } },
        ],
        [20, "one", "switch", "200 OK", { headers: granted(600) }],
      ],
      [[0, () => bench.put()]],
    );
    t.strictSame(bench.news, ["registered"]);
    t.match(await bench.info(), { state: "registered", expires: 600, register: true });
    const callIds = new Set(trace.map(({ text }) => header(text, "call-id")));
    t.equal(callIds.size, 1, "one Call-ID for all");

    const { after, message } = await bench.nextRegister(bench.one, ms(20), seconds(600));
    t.ok(after >= 480_000 && after <= 540_000, `80 to 90 % of 600 s: ${after} ms`);
    t.equal((await bench.info()).state, "refreshing");
    t.equal(header(message, "cseq"), "3 REGISTER");
    answers(nonce, { nc: 2 })(header(message, "authorization") ?? "");
    await bench.flow(t, [[0, "one", "switch", "200 OK", { headers: granted(600) }]]);
    t.match(await bench.info(), { state: "registered", expires: 600 });
    t.strictSame(bench.news, ["registered"], "a refresh is no news");
  },
);

t.test("RFC 7616 §3.3: a stale nonce is answered anew; SHA-256 where the server prefers it", async (t) => {
  const bench = new GatewayBench();
  const first = { nonce: "first", algorithm: "SHA-256" } as const;
  const fresh = { nonce: "fresh", algorithm: "SHA-256", stale: true } as const;
  const challenges = (which: { nonce: string; algorithm: "SHA-256"; stale?: true }) => ({
    "WWW-Authenticate": `${challenge(which)}\r\nWWW-Authenticate: ${challenge({ ...which, algorithm: "MD5" })}`,
  });
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [0, "one", "switch", "401 Unauthorized", { headers: challenges(first) }],
      [0, "switch", "one", "REGISTER", { headers: { Authorization: answers(first, { nc: 1 }) } }],
      [5, "one", "switch", "401 Unauthorized", { headers: challenges(fresh) }],
      [
        5,
        "switch",
        "one",
        "REGISTER",
        { headers: { CSeq: "3 REGISTER", Authorization: answers(fresh, { nc: 1 }) } },
      ],
      [9, "one", "switch", "200 OK", { headers: granted(60) }],
    ],
    [[0, () => bench.put()]],
  );
  t.strictSame(bench.news, ["registered"], "a refresh is no news");
});

t.test(
  "a wrong secret is not tried again with each challenge: failed, and the next try is later",
  async (t) => {
    const bench = new GatewayBench();
    await bench.flow(
      t,
      [
        [0, "switch", "one", "REGISTER"],
        [
          0,
          "one",
          "switch",
          "401 Unauthorized",
          { headers: { "WWW-Authenticate": challenge({ nonce: "a" }) } },
        ],
        [0, "switch", "one", "REGISTER"],
        [
          0,
          "one",
          "switch",
          "401 Unauthorized",
          { headers: { "WWW-Authenticate": challenge({ nonce: "b" }) } },
        ],
      ],
      [[0, () => bench.put()]],
      29_000,
    );
    t.strictSame(bench.news, ["failed 401"]);
    t.match(await bench.info(), {
      state: "failed",
      error: { code: 401, status: "Unauthorized" },
      expires: 0,
    });
  },
);

t.test("a proxy and the registrar challenge, each in its way", async (t) => {
  const bench = new GatewayBench();
  const proxy = { nonce: "p", realm: "proxy" };
  const registrar = { nonce: "r" };
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [
        0,
        "one",
        "switch",
        "407 Proxy Authentication Required",
        { headers: { "Proxy-Authenticate": challenge(proxy) } },
      ],
      [
        0,
        "switch",
        "one",
        "REGISTER",
        { headers: { "Proxy-Authorization": answers(proxy, { nc: 1 }), Authorization: null } },
      ],
      [0, "one", "switch", "401 Unauthorized", { headers: { "WWW-Authenticate": challenge(registrar) } }],
      [
        0,
        "switch",
        "one",
        "REGISTER",
        {
          headers: {
            "Proxy-Authorization": answers(proxy, { nc: 2 }),
            Authorization: answers(registrar, { nc: 1 }),
          },
        },
      ],
      [0, "one", "switch", "200 OK"],
    ],
    [[0, () => bench.put()]],
  );
  t.strictSame(bench.news, ["registered"]);
});

t.test("RFC 3261 §10.2.8: 423, the interval it asks for, once", async (t) => {
  const bench = new GatewayBench();
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER", { headers: { Expires: "60" } }],
      [0, "one", "switch", "423 Interval Too Brief", { headers: { "Min-Expires": "300" } }],
      [
        0,
        "switch",
        "one",
        "REGISTER",
        { headers: { Expires: "300", Contact: `${CONTACT};expires=300`, CSeq: "2 REGISTER" } },
      ],
      [0, "one", "switch", "423 Interval Too Brief", { headers: { "Min-Expires": "300" } }],
    ],
    [[0, () => bench.put({ ...TRUNK, expires: 60 })]],
  );
  t.strictSame(bench.news, ["failed 423"], "no loop where it says the same again");
});

t.test("423 without Min-Expires, or with more than a day, is a refusal", async (t) => {
  for (const headers of [{}, { "Min-Expires": "86401" }]) {
    const bench = new GatewayBench();
    await bench.flow(
      t,
      [
        [0, "switch", "one", "REGISTER"],
        [0, "one", "switch", "423 Interval Too Brief", { headers }],
      ],
      [[0, () => bench.put()]],
    );
    t.strictSame(bench.news, ["failed 423"]);
  }
});

t.test(
  "RFC 5626 §4.5: no answer, refused: each pause up to twice as long, half an hour at most",
  async (t) => {
    const bench = new GatewayBench();
    bench.dns.change(["trunk.example.net A 203.0.113.1"]);
    await bench.put();
    const { clock } = bench.bench;
    await clock.advance(ms(0));
    let failedAt = clock.now();
    for (const longest of [60, 120, 240, 480, 960, 1800, 1800, 1800]) {
      await bench.flow(t, [[0, "one", "switch", "500 Server Internal Error"]]);
      failedAt = clock.now();
      t.equal((await bench.info()).state, "failed");
      const { after } = await bench.nextRegister(bench.one, failedAt, seconds(longest));
      t.ok(after >= longest * 500 && after <= longest * 1000, `${after} ms of ${longest} s`);
    }
    t.strictSame(bench.news, ["failed 500"], "told once");
    await bench.flow(t, [[0, "one", "switch", "200 OK", { headers: granted(600) }]]);
    t.match(await bench.info(), { state: "registered" });
    const later = await bench.nextRegister(bench.one, clock.now(), seconds(600));
    await bench.flow(t, [[0, "one", "switch", "403 Forbidden"]]);
    t.match(await bench.info(), { state: "failed", error: { code: 403 } });
    t.ok((await bench.info()).expires > 0, "the binding itself lives on for now");
    t.ok(later.after > 0);
    const again = await bench.nextRegister(bench.one, clock.now(), seconds(60));
    t.ok(again.after >= 30_000 && again.after <= 60_000, `from the start again: ${again.after} ms`);
    t.strictSame(bench.news, ["failed 500", "registered", "failed 403"]);
  },
);

t.test("Retry-After counts, half an hour at most", async (t) => {
  for (const [asked, wait] of [
    [600, 600],
    [86_400, 1800],
  ] as const) {
    const bench = new GatewayBench();
    await bench.put();
    await bench.bench.clock.advance(ms(0));
    const headers = { "Retry-After": String(asked) };
    await bench.flow(t, [[0, "one", "switch", "480 Temporarily Unavailable", { headers }]]);
    const { after } = await bench.nextRegister(bench.one, ms(0), seconds(3600));
    t.equal(after, wait * 1000);
  }
});

t.test(
  "RFC 3263 §4.3: the second server where the first does not answer; it comes last for 20 s",
  async (t) => {
    const bench = new GatewayBench();
    const nonce = { nonce: "two" };
    await bench.flow(
      t,
      [
        [0, "switch", "one", "REGISTER", { headers: { CSeq: "1 REGISTER" } }],
        ...[500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500].map(
          (at) => [at, "switch", "one", "REGISTER", { retransmission: true }] as const,
        ),
        // The same request: Call-ID and CSeq are those of before, the branch is not.
        [32_000, "switch", "two", "REGISTER", { headers: { CSeq: "1 REGISTER" } }],
        [32_000, "two", "switch", "401 Unauthorized", { headers: { "WWW-Authenticate": challenge(nonce) } }],
        // The answer goes to the server whose nonce it is.
        [
          32_000,
          "switch",
          "two",
          "REGISTER",
          { headers: { CSeq: "2 REGISTER", Authorization: answers(nonce, { nc: 1 }) } },
        ],
        [32_000, "two", "switch", "200 OK", { headers: granted(60) }],
      ],
      [[0, () => bench.put()]],
    );
    t.strictSame(bench.news, ["registered"]);
    const { clock } = bench.bench;
    // 48 s and more later the first one has been forgiven.
    await bench.nextRegister(bench.one, clock.now(), seconds(60));
    t.equal((await bench.info()).state, "refreshing");
  },
);

t.test("RFC 3263 §4.3: 503 with Retry-After: the other server, and the first is left alone", async (t) => {
  const bench = new GatewayBench();
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [0, "one", "switch", "503 Service Unavailable", { headers: { "Retry-After": "120" } }],
      [0, "switch", "two", "REGISTER", { headers: { CSeq: "1 REGISTER" } }],
      [0, "two", "switch", "200 OK", { headers: granted(60) }],
    ],
    [[0, () => bench.put()]],
  );
  const { clock } = bench.bench;
  const answer = [[0, "two", "switch", "200 OK", { headers: granted(60) }]] as const;
  const start = clock.now();
  const seen: string[] = [];
  bench.bench.network.observe(({ to }) => {
    if (to.address.startsWith("203."))
      seen.push(`${to.address} ${clock.now() - start < 120_000 ? "barred" : "free"}`);
    return "pass";
  });
  await bench.nextRegister(bench.two, clock.now(), seconds(60));
  await bench.flow(t, answer);
  await bench.nextRegister(bench.two, clock.now(), seconds(60));
  await bench.flow(t, answer);
  await bench.nextRegister(bench.one, clock.now(), seconds(60));
  t.strictSame(seen, ["203.0.113.2 barred", "203.0.113.2 barred", "203.0.113.1 free"]);
});

t.test("no server at all: failed, and tried again", async (t) => {
  const bench = new GatewayBench();
  bench.dns.change([]);
  await bench.put();
  await bench.bench.clock.advance(ms(0));
  t.strictSame(bench.news, ["failed 503"]);
  t.match((await bench.info()).error?.status, /trunk\.example\.net has no address/);
  bench.dns.change(["trunk.example.net A 203.0.113.1"]);
  // What the DNS said is kept for a minute.
  await bench.nextRegister(bench.one, ms(0), seconds(300));
});

t.test("both servers can't be reached: at once, not after 64*T1", async (t) => {
  const bench = new GatewayBench();
  for (const party of [bench.one, bench.two])
    bench.bench.network.refuse(party.address, new Error("ECONNREFUSED"));
  await bench.put();
  await bench.bench.clock.advance(ms(1));
  t.strictSame(bench.news, ["failed 503"]);
});

t.test("RFC 3261 §10.2.2: removed: Expires 0 with the same Call-ID, and told when it is over", async (t) => {
  const bench = new GatewayBench();
  const trace = await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [0, "one", "switch", "200 OK", { headers: granted(3600) }],
      [
        1000,
        "switch",
        "one",
        "REGISTER",
        { headers: { CSeq: "2 REGISTER", Expires: "0", Contact: `${CONTACT};expires=0` } },
      ],
      [1010, "one", "switch", "200 OK"],
    ],
    [
      [0, () => bench.put()],
      [1000, () => bench.sip.execute({ type: "gateway.delete", name: "trunk" })],
    ],
    // No refresh comes any more.
    4_000_000,
  );
  t.equal(new Set(trace.map(({ text }) => header(text, "call-id"))).size, 1);
  t.strictSame(bench.news, ["registered", "unregistered"]);
  t.equal(bench.bench.clock.pendingTimers, 0);
  await t.rejects(bench.info(), { code: "GATEWAY_UNKNOWN" });
});

t.test("removed while the first REGISTER is under way: taken back, too", async (t) => {
  const bench = new GatewayBench();
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [100, "switch", "one", "REGISTER", { headers: { CSeq: "2 REGISTER", Expires: "0" } }],
      [100, "one", "switch", "200 OK"],
    ],
    [
      [0, () => bench.put()],
      [100, () => bench.sip.execute({ type: "gateway.delete", name: "trunk" })],
    ],
  );
  t.strictSame(bench.news, ["unregistered"]);
});

t.test("other settings: the old registration is taken back before the new one is made", async (t) => {
  const bench = new GatewayBench();
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER", { headers: { From: /4420@/ } }],
      [0, "one", "switch", "200 OK", { headers: granted(3600) }],
      [500, "switch", "one", "REGISTER", { headers: { From: /4420@/, Expires: "0" } }],
      [700, "one", "switch", "200 OK"],
      [700, "switch", "one", "REGISTER", { headers: { From: /4421@/, Expires: "3600", CSeq: "1 REGISTER" } }],
      [700, "one", "switch", "200 OK", { headers: granted(3600) }],
    ],
    [
      [0, () => bench.put()],
      // The same again, as a control does that was restarted: nothing happens.
      [400, () => bench.put({ ...TRUNK, control: "http://192.0.2.90" })],
      [
        500,
        async () =>
          t.strictSame(await bench.put({ ...TRUNK, from: { user: "4421" }, register: true }), {
            created: false,
          }),
      ],
    ],
  );
  t.strictSame(bench.news, ["registered", "unregistered", "registered"]);
  t.match(await bench.info(), { from: { user: "4421" }, state: "registered" });
});

t.test("shut-down takes registrations back, and waits for two seconds at most", async (t) => {
  const bench = new GatewayBench();
  let closed = false;
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [0, "one", "switch", "200 OK", { headers: granted(3600) }],
      [100, "switch", "one", "REGISTER", { headers: { Expires: "0" } }],
      [600, "switch", "one", "REGISTER", { retransmission: true }],
      [1600, "switch", "one", "REGISTER", { retransmission: true }],
    ],
    [
      [0, () => bench.put()],
      [
        100,
        async () => {
          await bench.sip.close();
          closed = true;
        },
      ],
    ],
    499,
  );
  t.equal(closed, false);
  await bench.bench.clock.advance(ms(1));
  t.equal(closed, true);
  t.equal(bench.bench.clock.pendingTimers, 0);
});

t.test("RFC 3608 §5, RFC 3327: Service-Route and Path are kept", async (t) => {
  const bench = new GatewayBench();
  const headers = {
    ...granted(600),
    "Service-Route": "<sip:edge.trunk.example.net;lr>, <sip:core.trunk.example.net;lr>",
    Path: "<sip:p1.trunk.example.net;lr>",
  };
  await bench.flow(
    t,
    [
      [0, "switch", "one", "REGISTER"],
      [0, "one", "switch", "200 OK", { headers }],
    ],
    [[0, () => bench.put()]],
  );
  t.match(await bench.info(), {
    route: ["sip:edge.trunk.example.net;lr", "sip:core.trunk.example.net;lr"],
    path: ["sip:p1.trunk.example.net;lr"],
  });
});

t.test(
  "what the server grants: our Contact's own time, Expires, what was asked; nothing at all is a refusal",
  async (t) => {
    const rows: readonly (readonly [Record<string, string>, number | "failed"])[] = [
      [{ Contact: `<sip:other@192.0.2.5>;expires=30, ${CONTACT};expires=120`, Expires: "900" }, 120],
      [{ Contact: "<sip:4420@198.51.100.7:1024>;expires=90" }, 90],
      [{ Expires: "900" }, 900],
      [{}, 3600],
      [{ Contact: CONTACT }, 3600],
      [granted(0), "failed"],
    ];
    for (const [headers, expires] of rows) {
      const bench = new GatewayBench();
      await bench.put();
      await bench.bench.clock.advance(ms(0));
      await bench.flow(t, [[0, "one", "switch", "200 OK", { headers }]]);
      const info = await bench.info();
      t.equal(info.state === "registered" ? info.expires : info.state, expires, JSON.stringify(headers));
    }
  },
);
