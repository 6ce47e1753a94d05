import t from "tap";
import { seconds } from "../../ts/core/brand.js";
import type { LocalSipService } from "../../ts/sip/local-sip-service.js";
import type { LadderRow } from "../support/ladder.js";
import { DOMAIN, SipBench, sdp, type SipBenchOptions } from "../support/sip-bench.js";

const OFFER = sdp("198.51.100.10");
const OURS = sdp("192.0.2.1");
const THEIRS = sdp("198.51.100.20");
const callid = "our-call";

type Control = NonNullable<SipBenchOptions["control"]>;

const answering: Control = async (event, sip) => {
  const { callid: id } = event.info;
  if (event.cause === "new") await sip.execute({ type: "dialog.answer", callid: id, sdp: OURS });
  if (event.cause === "reinvite") await sip.execute({ type: "dialog.ok", callid: id, sdp: OURS });
};

const call = (sip: LocalSipService): Promise<unknown> =>
  sip.execute({
    type: "dialog.invite",
    request: { callid, from: { user: "alice", domain: DOMAIN }, to: { user: "bob" }, sdp: OURS },
  });

async function bobRegistered(options: SipBenchOptions = {}): Promise<SipBench> {
  const bench = new SipBench(options);
  return bench.registered(bench.bob);
}

/** Alice calls with these headers; the 200 has to say these. */
const called = (
  asks: Readonly<Record<string, string>>,
  told: Readonly<Record<string, string | null>>,
): LadderRow[] => [
  [0, "alice", "switch", "INVITE", { sdp: OFFER, headers: asks }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "alice", "200 OK", { headers: told }],
  [10, "alice", "switch", "ACK"],
];

t.test(
  "RFC 4028 §9: the caller refreshes; when it falls silent we end the call before the interval is over",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...called(
        { Supported: "timer", "Session-Expires": "120;refresher=uac" },
        { "Session-Expires": "120;refresher=uac", Require: "timer" },
      ),
      [
        60_000,
        "alice",
        "switch",
        "UPDATE",
        { headers: { Supported: "timer", "Session-Expires": "120;refresher=uac" } },
      ],
      [
        60_000,
        "switch",
        "alice",
        "200 OK",
        { headers: { "Session-Expires": "120;refresher=uac", Require: "timer" } },
      ],
      // 120 s − min(32 s, 40 s) after the refresh.
      [148_000, "switch", "alice", "BYE", { headers: { Reason: 'SIP;cause=408;text="Session expired"' } }],
      [148_010, "alice", "switch", "200 OK"],
    ]);
    t.match(bench.lastInfo.error, { code: 408, status: "Session expired" });
    await bench.leavesNothing(t);
  },
);

t.test("a re-INVITE of the caller refreshes as well", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  const asks = { Supported: "timer", "Session-Expires": "90;refresher=uac" };
  await bench.flow(t, [
    ...called(asks, { "Session-Expires": "90;refresher=uac" }),
    [45_000, "alice", "switch", "INVITE", { sdp: OFFER, headers: asks }],
    [45_000, "switch", "alice", "100 Trying"],
    [45_000, "switch", "alice", "200 OK", { headers: { "Session-Expires": "90;refresher=uac" } }],
    [45_010, "alice", "switch", "ACK"],
    [100_000, "alice", "switch", "BYE"],
    [100_000, "switch", "alice", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "RFC 4028 §7.4, §9: we refresh: by UPDATE where the caller takes that, half way through",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...called(
        { Supported: "timer", Allow: "INVITE, ACK, BYE, UPDATE", "Session-Expires": "100;refresher=uas" },
        { "Session-Expires": "100;refresher=uas", Require: null },
      ),
      [
        50_000,
        "switch",
        "alice",
        "UPDATE",
        { sdp: "", headers: { "Session-Expires": "100;refresher=uac", Supported: /timer/ } },
      ],
      [50_010, "alice", "switch", "200 OK", { headers: { "Session-Expires": "100;refresher=uac" } }],
      [100_010, "switch", "alice", "UPDATE"],
      [100_020, "alice", "switch", "200 OK", { headers: { "Session-Expires": "100;refresher=uac" } }],
      [110_000, "alice", "switch", "BYE"],
      [110_000, "switch", "alice", "200 OK"],
    ]);
    t.strictSame(bench.causes, ["new", "answered", "ended"], "control hears nothing of it");
    await bench.leavesNothing(t);
  },
);

t.test("we refresh by re-INVITE with our last description where there is no UPDATE", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  await bench.flow(t, [
    ...called(
      { Supported: "timer", Allow: "INVITE, ACK, BYE", "Session-Expires": "100;refresher=uas" },
      { "Session-Expires": "100;refresher=uas" },
    ),
    [50_000, "switch", "alice", "INVITE", { sdp: OURS }],
    [
      50_010,
      "alice",
      "switch",
      "200 OK",
      { sdp: OFFER, headers: { "Session-Expires": "100;refresher=uac" } },
    ],
    [50_010, "switch", "alice", "ACK"],
    [60_000, "alice", "switch", "BYE"],
    [60_000, "switch", "alice", "200 OK"],
  ]);
  t.strictSame(bench.causes, ["new", "answered", "ended"]);
  await bench.leavesNothing(t);
});

t.test("RFC 4028 §10: our refresh is refused again and again: BYE before the interval is over", async (t) => {
  const bench = await new SipBench({ control: answering }).ready();
  const refusals = [50_000, 55_010, 60_020, 65_030].flatMap((at): LadderRow[] => [
    [at, "switch", "alice", "UPDATE"],
    [at + 10, "alice", "switch", "500 Server Internal Error"],
  ]);
  await bench.flow(t, [
    ...called(
      { Supported: "timer", Allow: "UPDATE", "Session-Expires": "100;refresher=uas" },
      { "Session-Expires": "100;refresher=uas" },
    ),
    ...refusals,
    [68_000, "switch", "alice", "BYE", { headers: { Reason: /Session expired/ } }],
    [68_010, "alice", "switch", "200 OK"],
  ]);
  await bench.leavesNothing(t);
});

t.test(
  "a caller that knows no timers and asks for none gets none; one that knows them is asked to refresh",
  async (t) => {
    const plain = await new SipBench({ control: answering }).ready();
    await plain.flow(t, [
      ...called({}, { "Session-Expires": null, Require: null }),
      [20, "alice", "switch", "BYE"],
      [20, "switch", "alice", "200 OK"],
    ]);
    const knowing = await new SipBench({ control: answering }).ready();
    await knowing.flow(t, [
      ...called({ Supported: "timer" }, { "Session-Expires": "1800;refresher=uac", Require: "timer" }),
      [20, "alice", "switch", "BYE"],
      [20, "switch", "alice", "200 OK"],
    ]);
  },
);

t.test(
  "RFC 4028 §9: an interval asked for by a proxy, of a caller that knows no timers: we refresh",
  async (t) => {
    const bench = await new SipBench({ control: answering }).ready();
    await bench.flow(t, [
      ...called({ "Session-Expires": "60" }, { "Session-Expires": "90;refresher=uas", Require: null }),
      [45_000, "switch", "alice", "INVITE"],
      [45_010, "alice", "switch", "200 OK", { sdp: OFFER }],
      [45_010, "switch", "alice", "ACK"],
      [200_000, "alice", "switch", "BYE"],
      [200_000, "switch", "alice", "200 OK"],
    ]);
    await bench.leavesNothing(t);
  },
);

t.test(
  "RFC 4028 §7.3: 422 to our INVITE: again with the interval asked for, CSeq one higher, the same Call-ID",
  async (t) => {
    const bench = await bobRegistered();
    await bench.flow(
      t,
      [
        [0, "switch", "bob", "INVITE", { headers: { "Session-Expires": "1800", CSeq: "1 INVITE" } }],
        [10, "bob", "switch", "422 Session Interval Too Small", { headers: { "Min-SE": "3600" } }],
        [10, "switch", "bob", "ACK"],
        [
          10,
          "switch",
          "bob",
          "INVITE",
          { headers: { "Session-Expires": "3600", "Min-SE": "3600", CSeq: "2 INVITE", "Call-ID": callid } },
        ],
        [
          20,
          "bob",
          "switch",
          "200 OK",
          { sdp: THEIRS, headers: { "Session-Expires": "3600;refresher=uas", Require: "timer" } },
        ],
        [20, "switch", "bob", "ACK", { headers: { CSeq: "2 ACK" } }],
        // Bob never refreshes.
        [3_568_020, "switch", "bob", "BYE"],
        [3_568_030, "bob", "switch", "200 OK", { to: "BYE" }],
      ],
      [[0, call]],
    );
    t.strictSame(bench.causes, ["answered", "ended"]);
  },
);

t.test("a second 422 that asks for no more than the first is a refusal", async (t) => {
  const bench = await bobRegistered();
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE"],
      [10, "bob", "switch", "422 Session Interval Too Small", { headers: { "Min-SE": "3600" } }],
      [10, "switch", "bob", "ACK"],
      [10, "switch", "bob", "INVITE"],
      [20, "bob", "switch", "422 Session Interval Too Small", { headers: { "Min-SE": "3600", Server: "2" } }],
      [20, "switch", "bob", "ACK"],
    ],
    [[0, call]],
  );
  t.equal(bench.lastInfo.error.code, 422);
  await bench.leavesNothing(t);
});

t.test("as caller we refresh where the callee leaves it to us, also after 422 to the refresh", async (t) => {
  const bench = await bobRegistered({ sessionTimer: { interval: 100, minimum: 90 } });
  await bench.flow(
    t,
    [
      [0, "switch", "bob", "INVITE", { headers: { "Session-Expires": "100" } }],
      [
        10,
        "bob",
        "switch",
        "200 OK",
        {
          sdp: THEIRS,
          headers: { Allow: "UPDATE", "Session-Expires": "100;refresher=uac", Require: "timer" },
        },
      ],
      [10, "switch", "bob", "ACK"],
      [50_010, "switch", "bob", "UPDATE", { headers: { "Session-Expires": "100;refresher=uac" } }],
      [50_020, "bob", "switch", "422 Session Interval Too Small", { headers: { "Min-SE": "200" } }],
      [
        50_020,
        "switch",
        "bob",
        "UPDATE",
        { headers: { "Session-Expires": "200;refresher=uac", "Min-SE": "200", CSeq: "3 UPDATE" } },
      ],
      [50_030, "bob", "switch", "200 OK", { headers: { "Session-Expires": "200;refresher=uac" } }],
      [
        150_030,
        "switch",
        "bob",
        "UPDATE",
        { headers: { "Session-Expires": "200;refresher=uac", CSeq: "4 UPDATE" } },
      ],
      [150_040, "bob", "switch", "481 Call/Transaction Does Not Exist"],
    ],
    [[0, call]],
  );
  t.strictSame(bench.causes, ["answered", "ended"]);
  t.equal(
    bench.lastInfo.error.code,
    481,
    "field notes §10.9: 481 to a refresh ends the call, and nothing else",
  );
  await bench.leavesNothing(t);
});

t.test("maximum call duration: BYE with the reason", async (t) => {
  const bench = await new SipBench({ control: answering, maxCallDuration: seconds(30) }).ready();
  await bench.flow(t, [
    ...called({}, {}),
    [
      30_010,
      "switch",
      "alice",
      "BYE",
      { headers: { Reason: 'Q.850;cause=102;text="Maximum call duration"' } },
    ],
    [30_020, "alice", "switch", "200 OK"],
  ]);
  t.match(bench.lastInfo.error, { code: 408, status: "Maximum call duration" });
  await bench.leavesNothing(t);
});
