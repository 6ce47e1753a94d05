/** Blind transfer by the switch (RFC 5589 §6, RFC 3515): what each phone sees, for each way it may go. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import type { Call } from "../../ts/control/call.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE_SDP, aliceEnds, BOB_SDP, PbxBench, talking, type PbxOptions } from "../support/pbx-bench.js";
import { DOMAIN, sdp } from "../support/sip-bench.js";

/** Bob's other phone is carol's, at this address. */
const CAROL = "198.51.100.21";
const CAROL_SDP = sdp(CAROL);
const MUSIC = { files: [{ wav: "music.wav" }], loop: true };

/** Calls whoever is the destination: bob, or carol at her address. */
const dial = (call: Call): unknown =>
  call.newcall({
    to: call.destination === "carol" ? { user: "carol", domain: CAROL } : { user: call.destination },
  });

async function opened(options: PbxOptions = {}): Promise<PbxBench> {
  const pbx = await new PbxBench({ script: dial, ...options }).started();
  pbx.control.moh = MUSIC;
  return pbx;
}

const frag =
  (line: string) =>
  (body: string): void => {
    if (body !== `SIP/2.0 ${line}\r\n`) throw new Error(`sipfrag is ${body}`);
  };

const notify = (at: number, who: string, line: string): LadderRow[] => [
  [at, "switch", who, "NOTIFY", { sdp: frag(line) }],
];

/** `who` asks for carol, and is told 202 and 100. */
const refer = (at: number, who: string, to = "carol"): LadderRow[] => [
  [
    at,
    who,
    "switch",
    "REFER",
    { headers: { "Refer-To": `<sip:${to}@${DOMAIN}>`, "Referred-By": `<sip:bob@${DOMAIN}>` } },
  ],
  [at, "switch", who, "202 Accepted"],
  ...notify(at, who, "100 Trying"),
];

const ok = (at: number, who: string, to: string): LadderRow => [at, who, "switch", "200 OK", { to }];

/** Bob has transferred alice to carol, who rings. */
const carolRings: readonly LadderRow[] = [
  ...talking,
  ...refer(10_000, "bob"),
  [
    10_000,
    "switch",
    "bobs",
    "INVITE",
    // RFC 3892 §2.1
    { headers: { From: /sip:alice@/, "Referred-By": `<sip:bob@${DOMAIN}>` } },
  ],
  ok(10_010, "bob", "NOTIFY"),
  [10_200, "bobs", "switch", "180 Ringing"],
  ...notify(10_200, "bob", "180 Ringing"),
  ok(10_210, "bob", "NOTIFY"),
];

const carolEnds: readonly LadderRow[] = [
  [90_000, "bobs", "switch", "BYE"],
  [90_000, "switch", "bobs", "200 OK"],
  [90_000, "switch", "alice", "BYE"],
  ok(90_010, "alice", "BYE"),
];

/** Addresses of the far ends that hear each other, as the engine was told last. */
function bridged(pbx: PbxBench): string[][] {
  const groups = new Set(
    [...pbx.media.channels.values()].map(({ group }) => group).filter(({ size }) => size > 0),
  );
  return [...groups].map((group) => [...group].map(({ remote }) => remote?.address ?? "").sort());
}

const at =
  (probe: () => unknown): (() => Promise<unknown>) =>
  () =>
    Promise.resolve(probe());

t.test("RFC 5589 §6.1: the called party transfers; the caller hears music, then the target", async (t) => {
  const runs: unknown[] = [];
  const pbx = await opened({
    script: (call) => {
      runs.push([call.destination, call.answered, call.info.refer?.referredby]);
      return dial(call);
    },
  });
  const heard: unknown[] = [];
  await pbx.bench.flow(
    t,
    [
      ...carolRings,
      [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
      [12_000, "switch", "bobs", "ACK"],
      ...notify(12_000, "bob", "200 OK"),
      [12_000, "switch", "bob", "BYE"],
      ok(12_010, "bob", "NOTIFY"),
      ok(12_010, "bob", "BYE"),
      ...carolEnds,
    ],
    [
      [9000, at(() => heard.push(bridged(pbx)))],
      [
        11_000,
        at(() => {
          heard.push(bridged(pbx));
          t.equal(pbx.media.commandsOf("play").length, 1, "music while it rings");
        }),
      ],
      [13_000, at(() => heard.push(bridged(pbx)))],
    ],
  );
  t.strictSame(heard, [[["198.51.100.10", "198.51.100.20"]], [], [["198.51.100.10", CAROL]]]);
  t.strictSame(runs, [
    ["bob", false, undefined],
    ["carol", true, `sip:bob@${DOMAIN}`],
  ]);
  await pbx.endsClean(t);
});

t.test("the calling party transfers: the called one is who calls the target", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...talking,
    ...refer(10_000, "alice"),
    [10_000, "switch", "bobs", "INVITE", { headers: { From: /sip:bob@/ } }],
    ok(10_010, "alice", "NOTIFY"),
    [10_400, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [10_400, "switch", "bobs", "ACK"],
    ...notify(10_400, "alice", "200 OK"),
    [10_400, "switch", "alice", "BYE"],
    ok(10_410, "alice", "NOTIFY"),
    ok(10_410, "alice", "BYE"),
    [20_000, "bob", "switch", "BYE"],
    [20_000, "switch", "bob", "200 OK"],
    [20_000, "switch", "bobs", "BYE"],
    ok(20_010, "bobs", "BYE"),
  ]);
  await pbx.endsClean(t);
});

t.test(
  "RFC 5589 §6.3: the target is busy: the two are joined again, and it can be tried again",
  async (t) => {
    const pbx = await opened();
    const groups: string[][][] = [];
    await pbx.bench.flow(
      t,
      [
        ...carolRings,
        [12_000, "bobs", "switch", "486 Busy Here", { to: "INVITE" }],
        [12_000, "switch", "bobs", "ACK"],
        ...notify(12_000, "bob", "486 Busy Here"),
        ok(12_010, "bob", "NOTIFY"),
        ...refer(20_000, "bob"),
        [20_000, "switch", "bobs", "INVITE"],
        ok(20_010, "bob", "NOTIFY"),
        [20_400, "bobs", "switch", "486 Busy Here", { to: "INVITE" }],
        [20_400, "switch", "bobs", "ACK"],
        ...notify(20_400, "bob", "486 Busy Here"),
        ok(20_410, "bob", "NOTIFY"),
        [90_000, "bob", "switch", "BYE"],
        [90_000, "switch", "bob", "200 OK"],
        [90_000, "switch", "alice", "BYE"],
        ok(90_010, "alice", "BYE"),
      ],
      [
        [15_000, at(() => groups.push(bridged(pbx)))],
        [25_000, at(() => groups.push(bridged(pbx)))],
      ],
    );
    const both = [["198.51.100.10", "198.51.100.20"]];
    t.strictSame(groups, [both, both]);
    await pbx.endsClean(t);
  },
);

t.test("nobody of that name: 404 is told, and the two are joined again", async (t) => {
  const pbx = await opened({ script: (call) => call.newcall({ to: { user: call.destination } }) });
  await pbx.bench.flow(t, [
    ...talking,
    ...refer(10_000, "bob", "nobody"),
    ...notify(10_000, "bob", "404 Not Found"),
    ok(10_010, "bob", "NOTIFY"),
    ok(10_010, "bob", "NOTIFY"),
    ...aliceEnds,
  ]);
  await pbx.endsClean(t);
});

t.test(
  "the script says no to the target: the transfer fails with its word, and the two are joined again",
  async (t) => {
    const pbx = await opened({
      script: (call) => (call.destination === "bob" ? dial(call) : call.paymentrequired()),
    });
    await pbx.bench.flow(t, [
      ...talking,
      ...refer(10_000, "bob"),
      ...notify(10_000, "bob", "402 Payment required"),
      ok(10_010, "bob", "NOTIFY"),
      ok(10_010, "bob", "NOTIFY"),
      ...aliceEnds,
    ]);
    await pbx.endsClean(t);
  },
);

t.test("the target is the script itself: it rings and answers the transferee", async (t) => {
  const pbx = await opened({
    script: (call) => {
      if (call.destination === "bob") return dial(call);
      void call.ring();
      call.onanswer = () => call.play({ files: [{ wav: "welcome.wav" }] });
      pbx.bench.clock.after(ms(2000), () => void call.answer());
      return undefined;
    },
  });
  await pbx.bench.flow(t, [
    ...talking,
    ...refer(10_000, "bob"),
    ...notify(10_000, "bob", "180 Ringing"),
    ok(10_010, "bob", "NOTIFY"),
    ok(10_010, "bob", "NOTIFY"),
    ...notify(12_000, "bob", "200 OK"),
    [12_000, "switch", "bob", "BYE"],
    ok(12_010, "bob", "NOTIFY"),
    ok(12_010, "bob", "BYE"),
    [20_000, "alice", "switch", "BYE"],
    [20_000, "switch", "alice", "200 OK"],
  ]);
  const plays = pbx.media.commandsOf("play").map(({ soup }) => soup.files[0]);
  t.strictSame(plays, [{ wav: "music.wav" }, { wav: "welcome.wav" }]);
  await pbx.endsClean(t);
});

t.test("the transferor hangs up at once; the transfer goes on, and it is told how", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    [11_000, "bob", "switch", "BYE"],
    [11_000, "switch", "bob", "200 OK"],
    [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [12_000, "switch", "bobs", "ACK"],
    ...notify(12_000, "bob", "200 OK"),
    ok(12_010, "bob", "NOTIFY"),
    ...carolEnds,
  ]);
  await pbx.endsClean(t);
});

t.test("the transferor hangs up, and then the target fails: the transferee's call ends", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    [11_000, "bob", "switch", "BYE"],
    [11_000, "switch", "bob", "200 OK"],
    [12_000, "bobs", "switch", "480 Temporarily Unavailable", { to: "INVITE" }],
    [12_000, "switch", "bobs", "ACK"],
    ...notify(12_000, "bob", "480 Temporarily Unavailable"),
    [12_000, "switch", "alice", "BYE"],
    ok(12_010, "bob", "NOTIFY"),
    ok(12_010, "alice", "BYE"),
  ]);
  await pbx.endsClean(t);
});

t.test(
  "the transferee hangs up while the target rings: the target is cancelled, the transferor ended",
  async (t) => {
    const pbx = await opened();
    await pbx.bench.flow(t, [
      ...carolRings,
      [11_000, "alice", "switch", "BYE"],
      [11_000, "switch", "alice", "200 OK"],
      ...notify(11_000, "bob", "487 Request Terminated"),
      [11_000, "switch", "bobs", "CANCEL"],
      [11_000, "switch", "bob", "BYE"],
      ok(11_010, "bobs", "CANCEL"),
      [11_010, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
      [11_010, "switch", "bobs", "ACK"],
      ok(11_020, "bob", "NOTIFY"),
      ok(11_020, "bob", "BYE"),
    ]);
    await pbx.endsClean(t);
  },
);

t.test("glare: the transferee hangs up in the moment in which the target answers", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    [12_000, "alice", "switch", "BYE"],
    [12_000, "switch", "alice", "200 OK"],
    ...notify(12_000, "bob", "487 Request Terminated"),
    [12_000, "switch", "bobs", "CANCEL"],
    [12_000, "switch", "bob", "BYE"],
    [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [12_000, "switch", "bobs", "ACK"],
    [12_000, "switch", "bobs", "BYE"],
    ok(12_010, "bobs", "CANCEL"),
    ok(12_010, "bobs", "BYE"),
    ok(12_020, "bob", "NOTIFY"),
    ok(12_020, "bob", "BYE"),
  ]);
  await pbx.endsClean(t);
});

t.test("glare: the transferor's BYE crosses ours", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [12_000, "switch", "bobs", "ACK"],
    ...notify(12_000, "bob", "200 OK"),
    [12_000, "switch", "bob", "BYE"],
    [12_005, "bob", "switch", "BYE"],
    [12_005, "switch", "bob", "200 OK"],
    ok(12_010, "bob", "NOTIFY"),
    ok(12_010, "bob", "BYE"),
    ...carolEnds,
  ]);
  await pbx.endsClean(t);
});

t.test("REFER twice: the second has to wait until the first is over", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    [11_000, "bob", "switch", "REFER", { headers: { "Refer-To": `<sip:dave@${DOMAIN}>` } }],
    [11_000, "switch", "bob", "500 Not now"],
    [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [12_000, "switch", "bobs", "ACK"],
    ...notify(12_000, "bob", "200 OK"),
    [12_000, "switch", "bob", "BYE"],
    ok(12_010, "bob", "NOTIFY"),
    ok(12_010, "bob", "BYE"),
    ...carolEnds,
  ]);
  await pbx.endsClean(t);
});

t.test("the target transfers on: a chain of two", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    [12_000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [12_000, "switch", "bobs", "ACK"],
    ...notify(12_000, "bob", "200 OK"),
    [12_000, "switch", "bob", "BYE"],
    ok(12_010, "bob", "NOTIFY"),
    ok(12_010, "bob", "BYE"),
    ...refer(20_000, "bobs", "bob"),
    [20_000, "switch", "bob", "INVITE", { dialog: "again", headers: { From: /sip:alice@/ } }],
    ok(20_010, "bobs", "NOTIFY"),
    [20_400, "bob", "switch", "200 OK", { to: "INVITE", dialog: "again", sdp: BOB_SDP }],
    [20_400, "switch", "bob", "ACK"],
    ...notify(20_400, "bobs", "200 OK"),
    [20_400, "switch", "bobs", "BYE"],
    ok(20_410, "bobs", "NOTIFY"),
    ok(20_410, "bobs", "BYE"),
    [30_000, "alice", "switch", "BYE"],
    [30_000, "switch", "alice", "200 OK"],
    [30_000, "switch", "bob", "BYE", { dialog: "again" }],
    [30_010, "bob", "switch", "200 OK", { to: "BYE", dialog: "again" }],
  ]);
  await pbx.endsClean(t);
});

t.test("nobody answers and nobody gives up: after 170 s the two are joined again", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    ...carolRings,
    ...notify(180_000, "bob", "408 Request Timeout"),
    [180_000, "switch", "bobs", "CANCEL"],
    ok(180_010, "bobs", "CANCEL"),
    [180_010, "bobs", "switch", "487 Request Terminated", { to: "INVITE" }],
    [180_010, "switch", "bobs", "ACK"],
    ok(180_020, "bob", "NOTIFY"),
    [190_000, "bob", "switch", "BYE"],
    [190_000, "switch", "bob", "200 OK"],
    [190_000, "switch", "alice", "BYE"],
    ok(190_010, "alice", "BYE"),
  ]);
  await pbx.endsClean(t);
});

t.test("the transferor holds first, as phones do; after a failure it takes the call back", async (t) => {
  const pbx = await opened();
  const groups: string[][][] = [];
  const held = BOB_SDP.replace("a=sendrecv", "a=sendonly").replace("o=- 1 1", "o=- 1 2");
  const back = BOB_SDP.replace("o=- 1 1", "o=- 1 3");
  await pbx.bench.flow(
    t,
    [
      ...talking,
      [9000, "bob", "switch", "INVITE", { sdp: held }],
      [9000, "switch", "bob", "100 Trying"],
      [9000, "switch", "bob", "200 OK"],
      [9010, "bob", "switch", "ACK"],
      ...refer(10_000, "bob"),
      [10_000, "switch", "bobs", "INVITE"],
      ok(10_010, "bob", "NOTIFY"),
      [10_400, "bobs", "switch", "486 Busy Here", { to: "INVITE" }],
      [10_400, "switch", "bobs", "ACK"],
      ...notify(10_400, "bob", "486 Busy Here"),
      ok(10_410, "bob", "NOTIFY"),
      [14_000, "bob", "switch", "INVITE", { sdp: back }],
      [14_000, "switch", "bob", "100 Trying"],
      [14_000, "switch", "bob", "200 OK"],
      [14_010, "bob", "switch", "ACK"],
      ...aliceEnds,
    ],
    [
      [13_000, at(() => groups.push(bridged(pbx)))],
      [15_000, at(() => groups.push(bridged(pbx)))],
    ],
  );
  t.strictSame(groups, [[], [["198.51.100.10", "198.51.100.20"]]]);
  await pbx.endsClean(t);
});

t.test("who may not: nobody at the other end, no user, and a script that allows none", async (t) => {
  const alone = await opened({ script: (call) => call.answer() });
  const answered: readonly LadderRow[] = [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "ACK"],
  ];
  await alone.bench.flow(t, [
    ...answered,
    [1000, "alice", "switch", "REFER", { headers: { "Refer-To": `<sip:carol@${DOMAIN}>` } }],
    [1000, "switch", "alice", "603 Decline"],
    [2000, "alice", "switch", "BYE"],
    [2000, "switch", "alice", "200 OK"],
  ]);
  await alone.endsClean(t);
  const nameless = await opened();
  await nameless.bench.flow(t, [
    ...talking,
    [10_000, "bob", "switch", "REFER", { headers: { "Refer-To": `<sip:${DOMAIN}>` } }],
    [10_000, "switch", "bob", "400 Bad Request"],
    ...aliceEnds,
  ]);
  await nameless.endsClean(t);
});
