import t from "tap";
import { silentLog } from "../../ts/core/log.js";
import { LocalSipService } from "../../ts/sip/local-sip-service.js";
import { readState, type SipState } from "../../ts/sip/state/state.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE, BOB, DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");
const callid = "our-call";

type Control = NonNullable<SipBenchOptions["control"]>;

const answering: Control = (event, sip) =>
  event.cause === "new" && sip.execute({ type: "dialog.answer", callid: event.info.callid, sdp: OURS });

const idOf = (bench: SipBench): string => {
  const event = bench.events.find((each) => each.type === "dialog");
  return event?.type === "dialog" ? event.info.callid : "";
};

const up: readonly LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: OFFER }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "alice", "200 OK"],
  [10, "alice", "switch", "ACK"],
];
const bye: readonly LadderRow[] = [
  [60_000, "alice", "switch", "BYE"],
  [60_000, "switch", "alice", "200 OK"],
];

t.test("origin S103: key presses by INFO, in both spellings; what is none is refused", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  const info = (at: number, type: string, body: string, answer: string): LadderRow[] => [
    [at, "alice", "switch", "INFO", { sdp: body, headers: { "Content-Type": type } }],
    [at, "switch", "alice", answer],
  ];
  await bench.flow(t, [
    ...up,
    ...info(100, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "200 OK"),
    ...info(200, "application/dtmf-relay", "Signal= *\r\nDuration= 100\r\n", "200 OK"),
    ...info(300, "application/dtmf", "#", "200 OK"),
    ...info(400, "application/dtmf-relay", "Signal=11\r\n", "200 OK"),
    ...info(500, "application/dtmf-relay", "Signal=99\r\n", "400 No such key"),
    ...info(600, "application/media_control+xml", "<media_control/>", "200 OK"),
    ...info(700, "application/octet-stream", "x", "415 Unsupported Media Type"),
    ...info(800, "text/plain", "hello", "200 OK"),
    [900, "alice", "switch", "INFO", { headers: { "Info-Package": "foo" } }],
    [900, "switch", "alice", "469 Bad Info Package"],
    [1000, "alice", "switch", "MESSAGE", { sdp: "hi there", headers: { "Content-Type": "text/plain" } }],
    [1000, "switch", "alice", "200 OK"],
    [1100, "alice", "switch", "MESSAGE", { sdp: "x", headers: { "Content-Type": "image/png" } }],
    [1100, "switch", "alice", "415 Unsupported Media Type", { headers: { Accept: /text\/plain/ } }],
    ...bye,
  ]);
  const news = bench.events.flatMap((event) =>
    event.type === "dialog" ? [event.info.key ?? event.info.message ?? event.cause] : [],
  );
  t.strictSame(news, [
    "new",
    "answered",
    { key: "5", duration: 160 },
    { key: "*", duration: 100 },
    { key: "#", duration: 250 },
    { key: "#", duration: 250 },
    { method: "INFO", type: "text/plain", body: "hello" },
    { method: "MESSAGE", type: "text/plain", body: "hi there" },
    "ended",
  ]);
  await bench.leavesNothing(t);
});

t.test("field notes §10.16: INFO while the call rings, OPTIONS in a dialog, an unknown method", async (t) => {
  const bench = await new SipBench({
    control: (event, sip) =>
      event.cause === "new" && sip.execute({ type: "dialog.ring", callid: event.info.callid }),
  }).ready();
  await bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: OFFER }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "180 Ringing"],
    [
      100,
      "alice",
      "switch",
      "INFO",
      { sdp: "Signal=1\r\n", headers: { "Content-Type": "application/dtmf-relay" } },
    ],
    [100, "switch", "alice", "200 OK"],
    [200, "alice", "switch", "OPTIONS"],
    [200, "switch", "alice", "200 OK", { headers: { Allow: /INVITE/, Accept: "application/sdp" } }],
    [300, "alice", "switch", "DANCE"],
    [300, "switch", "alice", "501 Not Implemented", { headers: { Allow: /INVITE/ } }],
    [400, "alice", "switch", "REGISTER", { headers: { "X-None": "1" } }],
    [400, "switch", "alice", "200 OK"],
    [500, "alice", "switch", "CANCEL"],
    [500, "switch", "alice", "200 OK"],
    [500, "switch", "alice", "487 Request Terminated"],
    [510, "alice", "switch", "ACK"],
  ]);
  t.ok(bench.causes.includes("key"));
});

t.test("control that takes nothing: a far end can't pile up events without end", async (t) => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const bench = await new SipBench({
    control: async (event, sip) => {
      await answering(event, sip);
      if (event.cause === "answered") await held;
    },
  }).ready();
  const info = (index: number, answer: string): LadderRow[] => [
    [
      100 + index * 10,
      "alice",
      "switch",
      "INFO",
      { sdp: "Signal=1\r\n", headers: { "Content-Type": "application/dtmf-relay" } },
    ],
    [100 + index * 10, "switch", "alice", answer],
  ];
  await bench.flow(t, [
    ...up,
    // One event is held, 31 more may wait.
    ...Array.from({ length: 31 }, (_, index) => info(index, "200 OK")).flat(),
    ...info(31, "500 Call control is behind"),
  ]);
  release();
  await bench.flow(t, [
    [0, "alice", "switch", "BYE"],
    [0, "switch", "alice", "200 OK"],
  ]);
  t.equal(bench.causes.filter((cause) => cause === "key").length, 31);
  await bench.leavesNothing(t);
});

t.test("INFO and MESSAGE of ours; RFC 5057: 481 to one ends the call, 415 does not", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(
    t,
    [
      ...up,
      [
        1000,
        "switch",
        "alice",
        "INFO",
        { sdp: "Signal=1", headers: { "Content-Type": "application/dtmf-relay" } },
      ],
      [1010, "alice", "switch", "415 Unsupported Media Type"],
      [2000, "switch", "alice", "MESSAGE", { sdp: "hello", headers: { Contact: null, CSeq: "2 MESSAGE" } }],
      [2010, "alice", "switch", "481 Call/Transaction Does Not Exist"],
    ],
    [
      [
        1000,
        (sip) =>
          sip.execute({
            type: "dialog.info",
            callid: idOf(bench),
            contenttype: "application/dtmf-relay",
            body: "Signal=1",
          }),
      ],
      [
        2000,
        (sip) =>
          sip.execute({
            type: "dialog.message",
            callid: idOf(bench),
            contenttype: "text/plain",
            body: "hello",
          }),
      ],
    ],
  );
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  t.equal(bench.lastInfo.error.code, 481);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 3326: the Reason of a BYE, a CANCEL and a refusal is told; ours says why we end a call",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...up,
      [
        1000,
        "alice",
        "switch",
        "BYE",
        { headers: { Reason: 'Q.850;cause=16;text="Normal", SIP;cause=480' } },
      ],
      [1000, "switch", "alice", "200 OK"],
    ]);
    t.match(bench.lastInfo.reason, { protocol: "SIP", cause: 480 });

    const ours = await new SipBench({ control: answering }).ready();
    await ours.flow(
      t,
      [
        ...up,
        [1000, "switch", "alice", "BYE", { headers: { Reason: 'SIP;cause=503;text="Going \\"down\\""' } }],
        [1010, "alice", "switch", "200 OK"],
      ],
      [
        [
          1000,
          (sip) =>
            sip.execute({ type: "dialog.hangup", callid: idOf(ours), code: 503, reason: 'Going "down"' }),
        ],
      ],
    );

    const calling = new SipBench();
    await calling.registered(calling.bob);
    const request = { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS };
    await calling.flow(
      t,
      [
        [0, "switch", "bob", "INVITE"],
        [10, "bob", "switch", "180 Ringing"],
        [1000, "switch", "bob", "CANCEL", { headers: { Reason: "SIP;cause=487" } }],
        [1010, "bob", "switch", "200 OK", { to: "CANCEL" }],
        [
          1010,
          "bob",
          "switch",
          "487 Request Terminated",
          { to: "INVITE", headers: { Reason: "Q.850;cause=31" } },
        ],
        [1010, "switch", "bob", "ACK"],
      ],
      [
        [0, (sip) => sip.execute({ type: "dialog.invite", request })],
        [1000, (sip) => sip.execute({ type: "dialog.hangup", callid, code: 487 })],
      ],
    );
    t.match(calling.lastInfo.reason, { protocol: "Q.850", cause: 31 });
  },
);

t.test("origin S105: phones that lost the race hear that the call was answered elsewhere", async (t) => {
  const bench = new SipBench();
  await bench.registered(bench.bob, bench.bobs);
  const request = { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS };
  await bench.flow(
    t,
    [
      [0, "switch", "bobs", "INVITE"],
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "180 Ringing"],
      [20, "bobs", "switch", "180 Ringing"],
      [3000, "bob", "switch", "200 OK", { sdp: OFFER }],
      [
        3000,
        "switch",
        "bobs",
        "CANCEL",
        { headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } },
      ],
      [3000, "switch", "bob", "ACK"],
      [3010, "bobs", "switch", "200 OK", { to: "CANCEL" }],
      [3010, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
      [3010, "switch", "bobs", "ACK"],
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
    ],
    [[0, (sip) => sip.execute({ type: "dialog.invite", request })]],
  );
  await bench.leavesNothing(t);
});

t.test(
  "who calls: asserted by a trusted peer, else by From; hidden where asked; headers are passed",
  async (t) => {
    const asks = {
      From: `"Alice" <sip:alice@${DOMAIN}>;tag=a1`,
      "P-Asserted-Identity": '"The \\"Real\\" One" <sip:+15551234@trunk.example>',
      Privacy: "id",
      Diversion: "<sip:900@trunk.example>;reason=unconditional",
      "X-Campaign": "spring",
      "Alert-Info": "<http://www.example.org/bell>",
    };
    const trusted = await new SipBench({ control: answering }).ready();
    await trusted.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: asks }],
      [0, "switch", "alice", "100 Trying"],
      [0, "switch", "alice", "200 OK"],
      [10, "alice", "switch", "ACK", { headers: { From: asks.From } }],
    ]);
    t.match(trusted.events[0], {
      info: {
        callerid: { number: "+15551234", name: 'The "Real" One', private: true },
        headers: {
          "x-campaign": "spring",
          diversion: "<sip:900@trunk.example>;reason=unconditional",
          "alert-info": "<http://www.example.org/bell>",
        },
      },
    });
    const phone = await new SipBench({ trusted: () => false, control: answering }).ready();
    await phone.flow(t, [
      [0, "alice", "switch", "INVITE", { sdp: OFFER }],
      [0, "switch", "alice", "401 Unauthorized"],
      [10, "alice", "switch", "ACK"],
      [
        20,
        "alice",
        "switch",
        "INVITE",
        {
          sdp: OFFER,
          credentials: ALICE,
          headers: {
            "P-Asserted-Identity": "<sip:ceo@example.org>",
            "Remote-Party-ID": "<sip:ceo@example.org>",
          },
        },
      ],
      [20, "switch", "alice", "100 Trying"],
      [20, "switch", "alice", "200 OK"],
      [30, "alice", "switch", "ACK"],
    ]);
    t.match(
      phone.events[0],
      { info: { callerid: { number: "alice", name: "" } } },
      "a phone asserts nothing",
    );
  },
);

t.test(
  "headers of control go out in our INVITE; SIP's own are refused, and so are lines that break",
  async (t) => {
    const bench = new SipBench();
    await bench.registered(bench.bob);
    const request = { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS };
    const invite = (headers: Record<string, string>): Promise<unknown> =>
      bench.sip.execute({ type: "dialog.invite", request: { ...request, headers } });
    for (const headers of [
      { Via: "x" },
      { "Call-ID": "x" },
      { Contact: "x" },
      { "X-A\r\nB": "x" },
      { "X-A": "1\r\nVia: x" },
      { "X-A": "ä".repeat(600) },
      { "P-Asserted-Identity": "<sip:x@y>" },
      Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`X-${String(index)}`, "1"])),
    ] as Record<string, string>[]) {
      await t.rejects(invite(headers), { code: "ARGUMENT_INVALID" }, Object.keys(headers).join(" "));
    }
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE", { headers: { "X-Campaign": "spring", "Alert-Info": "<urn:x>" } }],
        [10, "bob", "switch", "486 Busy Here"],
        [10, "switch", "bob", "ACK"],
      ],
      [[0, () => invite({ "X-Campaign": "spring", "Alert-Info": "<urn:x>" })]],
    );
    await bench.leavesNothing(t);
  },
);

t.test("a redirection is told; where it is followed, the call goes on at its Contact", async (t) => {
  const passed = new SipBench();
  await passed.registered(passed.bob);
  const request = { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS };
  const call = [0, (sip: LocalSipService) => sip.execute({ type: "dialog.invite", request })] as const;
  const moved: readonly LadderRow[] = [
    [0, "switch", "bob", "INVITE"],
    [10, "bob", "switch", "302 Moved Temporarily", { headers: { Contact: "<sip:bob@198.51.100.21:5060>" } }],
    [10, "switch", "bob", "ACK"],
  ];
  await passed.flow(t, moved, [call]);
  t.match(passed.lastInfo, { error: { code: 302 }, redirect: ["sip:bob@198.51.100.21:5060"] });
  await passed.leavesNothing(t);

  const followed = new SipBench({ redirects: "follow" });
  await followed.registered(followed.bob);
  await followed.flow(
    t,
    [
      ...moved,
      [10, "switch", "bobs", "INVITE", { headers: { CSeq: "2 INVITE", "Call-ID": callid } }],
      [
        20,
        "bobs",
        "switch",
        "302 Moved Temporarily",
        { headers: { Contact: "<sip:bob@198.51.100.21:5060>" } },
      ],
      [20, "switch", "bobs", "ACK"],
    ],
    [call],
  );
  t.equal(followed.lastInfo.error.code, 302, "a circle is not followed");
  await followed.leavesNothing(t);
});

/** What the bench's server would write into its state file, read again. */
const kept = ({ sip }: SipBench): SipState => readState(JSON.parse([...sip.savedState()].join("")));

/** Another process in the place of the bench's, with what that has kept. */
async function restarted(bench: SipBench, saved: SipState) {
  await bench.sip.close();
  const sip = new LocalSipService({
    transport: bench.network.transport(bench.address),
    clock: bench.clock,
    random: bench.random,
    log: silentLog,
    trusted: () => true,
    saved,
  });
  const causes: string[] = [];
  sip.attach((event) => {
    if (event.type === "dialog") causes.push(`${String(event.number)} ${event.cause}`);
    return Promise.resolve();
  });
  return { sip, causes };
}

const upWithTimer: readonly LadderRow[] = [
  [
    0,
    "alice",
    "switch",
    "INVITE",
    {
      sdp: OFFER,
      headers: {
        Supported: "timer",
        "Session-Expires": "1800;refresher=uac",
        "Record-Route": "<sip:198.51.100.10:5060;lr>",
      },
    },
  ],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "alice", "200 OK"],
  [10, "alice", "switch", "ACK"],
];

t.test(
  "all of an answered call is plain data: another process answers its BYE and ends it, and its control is told",
  async (t) => {
    for (const ending of ["their BYE", "ours"] as const) {
      let changes = 0;
      const bench = new SipBench({ control: answering, stateChanged: () => (changes += 1) });
      const control = "http://127.0.0.1:9001";
      await bench.sip.execute({ type: "directory.put", domain: DOMAIN, control, users: [ALICE, BOB] });
      const before = changes;
      await bench.flow(t, upWithTimer);
      t.ok(changes > before, "the state file is written anew");
      const id = idOf(bench);
      const saved = kept(bench);
      t.match(saved.calls, [
        { control, session: { timer: { interval: 1800, refresher: "them" }, dialog: { remoteSeq: 1 } } },
      ]);
      const { sip, causes } = await restarted(bench, saved);
      t.match(await sip.execute({ type: "dialog.get", callid: id }), { answered: true, from: "alice" });
      if (ending === "their BYE") {
        await bench.flow(t, [
          [0, "alice", "switch", "BYE"],
          [0, "switch", "alice", "200 OK"],
        ]);
      } else {
        // Numbers that the process before may have used up are left out; nothing else is another than before.
        const headers = {
          From: /^<sip:bob@example\.org>;tag=/,
          To: /^<sip:alice@example\.org>;tag=/,
          Route: "<sip:198.51.100.10:5060;lr>",
          "Record-Route": null,
          via: /^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;branch=z9hG4bK[^,]+$/,
        };
        await bench.flow(
          t,
          [
            [0, "switch", "alice", "INVITE", { headers: { ...headers, CSeq: "1001 INVITE" } }],
            [10, "alice", "switch", "200 OK", { sdp: OFFER }],
            [10, "switch", "alice", "ACK", { headers: { CSeq: "1001 ACK" } }],
            [100, "switch", "alice", "BYE", { headers: { ...headers, CSeq: "1002 BYE" } }],
            [110, "alice", "switch", "200 OK"],
          ],
          [
            [0, () => sip.execute({ type: "dialog.reinvite", callid: id, sdp: OURS })],
            [100, () => sip.execute({ type: "dialog.hangup", callid: id })],
          ],
        );
      }
      t.strictSame(causes, ending === "ours" ? ["1003 modified", "1004 ended"] : ["1003 ended"]);
      t.strictSame(await sip.execute({ type: "dialog.count" }), { count: 0, counter: 1 });
      t.strictSame([...sip.savedState()].join("").includes("wonderland"), false, "no secret is kept");
      await sip.close();
    }
  },
);

t.test(
  "a call that the process before had for itself is ended by the next one; one that rang is gone",
  async (t) => {
    const own = await new SipBench({ control: answering }).ready();
    await own.flow(t, upWithTimer);
    let next: Awaited<ReturnType<typeof restarted>> | undefined;
    await own.flow(
      t,
      [
        [0, "switch", "alice", "BYE", { headers: { Reason: /^SIP ?;cause=503/ } }],
        [10, "alice", "switch", "200 OK"],
      ],
      [[0, async () => (next = await restarted(own, kept(own)))]],
    );
    t.strictSame(next?.causes, ["1003 ended"]);
    await next?.sip.close();

    const ringing = await new SipBench().ready();
    await ringing.flow(
      t,
      [
        [0, "alice", "switch", "INVITE", { sdp: OFFER }],
        [0, "switch", "alice", "100 Trying"],
        [100, "alice", "switch", "CANCEL"],
        [100, "switch", "alice", "200 OK"],
        [100, "switch", "alice", "487 Request Terminated"],
        [110, "alice", "switch", "ACK"],
      ],
      [[50, async () => t.strictSame(kept(ringing).calls, [])]],
    );
    await ringing.sip.close();
  },
);
