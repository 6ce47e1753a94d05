/** Attended transfer by the switch (RFC 5589 §7, RFC 3891): four legs, three, and a target that still rings. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE_SDP, BOB_SDP, PbxBench, ringing, talking, type PbxOptions } from "../support/pbx-bench.js";
import type { ScriptedParty } from "../support/scripted-party.js";
import { DOMAIN, sdp } from "../support/sip-bench.js";
import { header } from "../support/sip-text.js";

/** Bob's other phone is carol's, at this address; the switch trusts it as one of its domain. */
const CAROL = "198.51.100.21";
const CAROL_SDP = sdp(CAROL);

/** 500 is answered by the script itself; carol is called at her address. */
const dial = (call: Call): unknown => {
  if (call.destination === "500") return call.answer();
  return call.newcall({
    to: call.destination === "carol" ? { user: "carol", domain: CAROL } : { user: call.destination },
  });
};

const opened = (options: PbxOptions = {}): Promise<PbxBench> =>
  new PbxBench({ script: dial, ...options }).started();

const frag =
  (line: string) =>
  (body: string): void => {
    if (body !== `SIP/2.0 ${line}\r\n`) throw new Error(`sipfrag is ${body}`);
  };

const notify = (at: number, who: string, line: string): LadderRow[] => [
  [at, "switch", who, "NOTIFY", { sdp: frag(line) }],
];

const ok = (at: number, who: string, to: string, dialog?: string): LadderRow => [
  at,
  who,
  "switch",
  "200 OK",
  { to, ...(dialog !== undefined && { dialog }) },
];

/** A dialog of the phone's own making as a Replaces names it, read from what answered its INVITE. */
function replacesOf(phone: ScriptedParty, status: number): string {
  const answer = phone.received
    .filter(
      (message) =>
        message.firstLine.startsWith(`SIP/2.0 ${String(status)}`) &&
        header(message, "cseq")?.endsWith("INVITE") === true,
    )
    .at(-1);
  if (answer === undefined) throw new Error(`the phone heard no ${String(status)}`);
  const tag = (name: string): string => /;tag=([^;]+)/.exec(header(answer, name) ?? "")?.[1] ?? "";
  return `${header(answer, "call-id") ?? ""};to-tag=${tag("to")};from-tag=${tag("from")}`;
}

/** The dialog in which the phone was called, as its own side would name it to others. */
function calledAs(phone: ScriptedParty): string {
  const tagOf = (value: string | undefined): string => /;tag=([^;]+)/.exec(value ?? "")?.[1] ?? "";
  const ack = phone.received.filter(({ firstLine }) => firstLine.startsWith("ACK")).at(-1);
  if (ack === undefined) throw new Error("the phone has answered nothing");
  return `${header(ack, "call-id") ?? ""};to-tag=${tagOf(header(ack, "from"))};from-tag=${tagOf(header(ack, "to"))}`;
}

const referTo = (user: string, replaces: string): Record<string, string> => ({
  "Refer-To": `<sip:${user}@${DOMAIN}?Replaces=${encodeURIComponent(replaces)}>`,
});

/** Bob, who talks to alice, calls carol. */
const consulting: readonly LadderRow[] = [
  ...talking,
  [5000, "bob", "switch", "INVITE", { sdp: BOB_SDP, dialog: "consult", uri: `sip:carol@${DOMAIN}` }],
  [5000, "switch", "bob", "100 Trying"],
  [5000, "switch", "bobs", "INVITE"],
  [5100, "bobs", "switch", "180 Ringing"],
  [5100, "switch", "bob", "180 Ringing"],
];
const consulted: readonly LadderRow[] = [
  ...consulting,
  [6000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
  [6000, "switch", "bobs", "ACK"],
  [6000, "switch", "bob", "200 OK"],
  [6010, "bob", "switch", "ACK", { dialog: "consult" }],
];

const taken = (who: string, user: string, replaces: string, dialog?: string): LadderRow[] => [
  [
    1000,
    who,
    "switch",
    "REFER",
    { headers: referTo(user, replaces), ...(dialog !== undefined && { dialog }) },
  ],
  [1000, "switch", who, "202 Accepted"],
  ...notify(1000, who, "100 Trying"),
];

/** Both of bob's calls are ended. */
const bobIsFree: readonly LadderRow[] = [
  ...notify(1000, "bob", "200 OK"),
  [1000, "switch", "bob", "BYE"],
  [1000, "switch", "bob", "BYE"],
  ok(1010, "bob", "NOTIFY"),
  ok(1010, "bob", "NOTIFY"),
  ok(1010, "bob", "BYE"),
  ok(1010, "bob", "BYE"),
];

const aliceEndsCarol: readonly LadderRow[] = [
  [9000, "alice", "switch", "BYE"],
  [9000, "switch", "alice", "200 OK"],
  [9000, "switch", "bobs", "BYE"],
  ok(9010, "bobs", "BYE"),
];

const groupsOf = (pbx: PbxBench): string[][] => {
  const groups = new Set(
    [...pbx.media.channels.values()].map(({ group }) => group).filter(({ size }) => size > 0),
  );
  return [...groups].map((group) => [...group].map(({ remote }) => remote?.address ?? "").sort()).sort();
};

const at =
  (probe: () => unknown): (() => Promise<unknown>) =>
  () =>
    Promise.resolve(probe());

t.test(
  "four legs (J093, J094, X40): the far ones are joined at once, the transferor's two are ended",
  async (t) => {
    for (const [name, refersIn, user, dialog] of [
      ["the REFER comes in the held call", "consult", "carol", undefined],
      ["the REFER comes in the consultation", "first", "alice", "consult"],
    ] as const) {
      const pbx = await opened();
      const before: string[][][] = [];
      await pbx.bench.flow(t, consulted, [[7000, at(() => before.push(groupsOf(pbx)))]]);
      const { bob } = pbx.bench;
      const replaces = refersIn === "consult" ? replacesOf(bob, 200) : calledAs(bob);
      const after: string[][][] = [];
      await pbx.bench.flow(
        t,
        [...taken("bob", user, replaces, dialog), ...bobIsFree, ...aliceEndsCarol],
        [[2000, at(() => after.push(groupsOf(pbx)))]],
      );
      t.strictSame(before, [
        [
          ["198.51.100.10", "198.51.100.20"],
          ["198.51.100.20", CAROL],
        ],
      ]);
      t.strictSame(after, [[["198.51.100.10", CAROL]]], name);
      await pbx.endsClean(t);
    }
  },
);

t.test(
  "the target still rings: it rings for the transferee, who is told nothing until it answers",
  async (t) => {
    const pbx = await opened();
    await pbx.bench.flow(t, consulting);
    await pbx.bench.flow(t, [
      ...taken("bob", "carol", replacesOf(pbx.bench.bob, 180)),
      ...notify(1000, "bob", "180 Ringing"),
      ok(1010, "bob", "NOTIFY"),
      ok(1010, "bob", "NOTIFY"),
      [4000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
      [4000, "switch", "bobs", "ACK"],
      ...notify(4000, "bob", "200 OK"),
      [4000, "switch", "bob", "480 Temporarily Unavailable"],
      [4000, "switch", "bob", "BYE"],
      [4010, "bob", "switch", "ACK", { dialog: "consult" }],
      ok(4010, "bob", "NOTIFY"),
      ok(4010, "bob", "BYE"),
      ...aliceEndsCarol,
    ]);
    await pbx.endsClean(t);
  },
);

t.test(
  "the target still rings, and the transferor gives its own call up: the target goes on ringing",
  async (t) => {
    const pbx = await opened();
    await pbx.bench.flow(t, consulting);
    await pbx.bench.flow(t, [
      ...taken("bob", "carol", replacesOf(pbx.bench.bob, 180)),
      ...notify(1000, "bob", "180 Ringing"),
      ok(1010, "bob", "NOTIFY"),
      ok(1010, "bob", "NOTIFY"),
      [1500, "bob", "switch", "CANCEL", { dialog: "consult" }],
      [1500, "switch", "bob", "200 OK"],
      [1500, "switch", "bob", "487 Request Terminated"],
      [1510, "bob", "switch", "ACK", { dialog: "consult" }],
      [4000, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
      [4000, "switch", "bobs", "ACK"],
      ...notify(4000, "bob", "200 OK"),
      [4000, "switch", "bob", "BYE"],
      ok(4010, "bob", "NOTIFY"),
      ok(4010, "bob", "BYE"),
      ...aliceEndsCarol,
    ]);
    await pbx.endsClean(t);
  },
);

t.test("the target rings and is busy: the transferee is the transferor's again", async (t) => {
  const pbx = await opened();
  const groups: string[][][] = [];
  await pbx.bench.flow(t, consulting);
  await pbx.bench.flow(
    t,
    [
      ...taken("bob", "carol", replacesOf(pbx.bench.bob, 180)),
      ...notify(1000, "bob", "180 Ringing"),
      ok(1010, "bob", "NOTIFY"),
      ok(1010, "bob", "NOTIFY"),
      [4000, "bobs", "switch", "486 Busy Here", { to: "INVITE" }],
      [4000, "switch", "bobs", "ACK"],
      ...notify(4000, "bob", "486 Busy Here"),
      [4000, "switch", "bob", "480 Temporarily Unavailable"],
      [4010, "bob", "switch", "ACK", { dialog: "consult" }],
      ok(4010, "bob", "NOTIFY"),
      [9000, "alice", "switch", "BYE"],
      [9000, "switch", "alice", "200 OK"],
      [9000, "switch", "bob", "BYE"],
      ok(9010, "bob", "BYE"),
    ],
    [[5000, at(() => groups.push(groupsOf(pbx)))]],
  );
  t.strictSame(groups, [[["198.51.100.10", "198.51.100.20"]]]);
  await pbx.endsClean(t);
});

/** Bob, who talks to alice, calls the script's own number. */
const inApplication: readonly LadderRow[] = [
  ...talking,
  [5000, "bob", "switch", "INVITE", { sdp: BOB_SDP, dialog: "consult", uri: `sip:500@${DOMAIN}` }],
  [5000, "switch", "bob", "100 Trying"],
  [5000, "switch", "bob", "200 OK"],
  [5010, "bob", "switch", "ACK", { dialog: "consult" }],
];

const portIn = (text: string): string => /^m=audio (\d+)/m.exec(text)?.[1] ?? "";

t.test(
  "three legs (J095): the far leg gets the channel in the application, and a re-INVITE says so",
  async (t) => {
    const pbx = await opened();
    let port = "";
    await pbx.bench.flow(t, inApplication);
    const application = pbx.media.commandsOf("target").at(-1)?.uuid ?? "";
    await pbx.media.execute({ type: "play", uuid: application, soup: { files: [{ wav: "queue.wav" }] } });
    await pbx.bench.flow(t, [
      ...taken("bob", "500", replacesOf(pbx.bench.bob, 200)),
      [1000, "switch", "alice", "INVITE", { sdp: (text) => (port = portIn(text)) }],
      ok(1010, "bob", "NOTIFY"),
      [1100, "alice", "switch", "200 OK", { to: "INVITE", sdp: ALICE_SDP }],
      [1100, "switch", "alice", "ACK"],
      ...notify(1100, "bob", "200 OK"),
      [1100, "switch", "bob", "BYE"],
      [1100, "switch", "bob", "BYE"],
      ok(1110, "bob", "NOTIFY"),
      ok(1110, "bob", "BYE"),
      ok(1110, "bob", "BYE"),
    ]);
    const [left, ...others] = pbx.media.channels.values();
    t.strictSame(others, [], "one channel is left");
    t.equal(left?.uuid, application, "the one that the application had");
    t.equal(String(left?.port), port, "which alice was told");
    t.equal(left?.remote?.address, "198.51.100.10", "and which sends to alice");
    t.ok(left?.playing, "what is played goes on");
    await pbx.bench.flow(t, [
      [0, "alice", "switch", "BYE"],
      [0, "switch", "alice", "200 OK"],
    ]);
    await pbx.endsClean(t);
  },
);

t.test(
  "three legs, the REFER in the application's, and a re-INVITE of the far end meets ours (491)",
  async (t) => {
    const pbx = await opened();
    await pbx.bench.flow(t, inApplication);
    const application = pbx.media.commandsOf("target").at(-1)?.uuid ?? "";
    await pbx.bench.flow(t, [
      ...taken("bob", "alice", calledAs(pbx.bench.bob), "consult"),
      [1000, "switch", "alice", "INVITE"],
      [1005, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
      [1005, "switch", "alice", "491 Request Pending"],
      ok(1010, "bob", "NOTIFY"),
      [1010, "alice", "switch", "ACK"],
      [1010, "alice", "switch", "491 Request Pending", { to: "INVITE" }],
      [1010, "switch", "alice", "ACK"],
      // RFC 3261 §14.1: after a wait of chance, by this bench's seed.
      [1930, "switch", "alice", "INVITE"],
      [1940, "alice", "switch", "200 OK", { to: "INVITE", sdp: ALICE_SDP }],
      [1940, "switch", "alice", "ACK"],
      ...notify(1940, "bob", "200 OK"),
      [1940, "switch", "bob", "BYE"],
      [1940, "switch", "bob", "BYE"],
      ok(1950, "bob", "NOTIFY"),
      ok(1950, "bob", "BYE"),
      ok(1950, "bob", "BYE"),
    ]);
    t.strictSame([...pbx.media.channels.keys()], [application], "alice has the application's channel");
    await pbx.bench.flow(t, [
      [0, "alice", "switch", "BYE"],
      [0, "switch", "alice", "200 OK"],
    ]);
    await pbx.endsClean(t);
  },
);

t.test("three legs, and the far end refuses the re-INVITE: all is as before", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, inApplication);
  const groups: string[][][] = [];
  await pbx.bench.flow(
    t,
    [
      ...taken("bob", "500", replacesOf(pbx.bench.bob, 200)),
      [1000, "switch", "alice", "INVITE"],
      ok(1010, "bob", "NOTIFY"),
      [1100, "alice", "switch", "488 Not Acceptable Here", { to: "INVITE" }],
      [1100, "switch", "alice", "ACK"],
      ...notify(1100, "bob", "488 Not Acceptable Here"),
      ok(1110, "bob", "NOTIFY"),
      [9000, "bob", "switch", "BYE", { dialog: "consult" }],
      [9000, "switch", "bob", "200 OK"],
      [9500, "alice", "switch", "BYE"],
      [9500, "switch", "alice", "200 OK"],
      [9500, "switch", "bob", "BYE"],
      ok(9510, "bob", "BYE"),
    ],
    [[2000, at(() => groups.push(groupsOf(pbx)))]],
  );
  t.strictSame(groups, [[["198.51.100.10", "198.51.100.20"]]]);
  await pbx.endsClean(t);
});

t.test("three legs, and the far end hangs up instead of answering: the rest is ended", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, inApplication);
  await pbx.bench.flow(t, [
    ...taken("bob", "500", replacesOf(pbx.bench.bob, 200)),
    [1000, "switch", "alice", "INVITE"],
    ok(1010, "bob", "NOTIFY"),
    [1100, "alice", "switch", "BYE"],
    [1100, "switch", "alice", "200 OK"],
    ...notify(1100, "bob", "481 Call/Transaction Does Not Exist"),
    [1100, "switch", "bob", "BYE"],
    ok(1110, "bob", "NOTIFY"),
    ok(1110, "bob", "BYE"),
    [1120, "alice", "switch", "487 Request Terminated", { to: "INVITE" }],
    [1120, "switch", "alice", "ACK"],
    [5000, "bob", "switch", "BYE", { dialog: "consult" }],
    [5000, "switch", "bob", "200 OK"],
  ]);
  await pbx.endsClean(t);
});

t.test(
  "J096: Replaces names no call of ours, or the one that it comes in: NOTIFY 481, all goes on",
  async (t) => {
    const pbx = await opened();
    await pbx.bench.flow(t, talking);
    const own = calledAs(pbx.bench.bob);
    await pbx.bench.flow(t, [
      ...taken("bob", "carol", "unknown;to-tag=1;from-tag=2"),
      ...notify(1000, "bob", "481 Call/Transaction Does Not Exist"),
      ok(1010, "bob", "NOTIFY"),
      ok(1010, "bob", "NOTIFY"),
    ]);
    await pbx.bench.flow(t, [
      ...taken("bob", "alice", own),
      ...notify(1000, "bob", "481 Call/Transaction Does Not Exist"),
      ok(1010, "bob", "NOTIFY"),
      ok(1010, "bob", "NOTIFY"),
      [9000, "alice", "switch", "BYE"],
      [9000, "switch", "alice", "200 OK"],
      [9000, "switch", "bob", "BYE"],
      ok(9010, "bob", "BYE"),
    ]);
    await pbx.endsClean(t);
  },
);

t.test("RFC 3891: carol's INVITE with Replaces takes bob's place at alice", async (t) => {
  const pbx = await opened();
  const groups: string[][][] = [];
  await pbx.bench.flow(t, talking);
  const replaces = calledAs(pbx.bench.bob);
  await pbx.bench.flow(
    t,
    [
      [
        1000,
        "bobs",
        "switch",
        "INVITE",
        { sdp: CAROL_SDP, headers: { Replaces: replaces, Require: "replaces" } },
      ],
      [1000, "switch", "bobs", "100 Trying"],
      [1000, "switch", "bobs", "200 OK"],
      [1010, "bobs", "switch", "ACK"],
      [1010, "switch", "bob", "BYE"],
      ok(1020, "bob", "BYE"),
      [9000, "alice", "switch", "BYE"],
      [9000, "switch", "alice", "200 OK"],
      [9000, "switch", "bobs", "BYE"],
      ok(9010, "bobs", "BYE"),
    ],
    [[2000, at(() => groups.push(groupsOf(pbx)))]],
  );
  t.strictSame(groups, [[["198.51.100.10", CAROL]]]);
  await pbx.endsClean(t);
});

t.test("RFC 3891: the caller's own leg is replaced: the called one goes on with the newcomer", async (t) => {
  const pbx = await opened();
  const groups: string[][][] = [];
  await pbx.bench.flow(t, talking);
  await pbx.bench.flow(
    t,
    [
      [
        1000,
        "bobs",
        "switch",
        "INVITE",
        { sdp: CAROL_SDP, headers: { Replaces: replacesOf(pbx.bench.alice, 200), Require: "replaces" } },
      ],
      [1000, "switch", "bobs", "100 Trying"],
      [1000, "switch", "bobs", "200 OK"],
      [1010, "bobs", "switch", "ACK"],
      [1010, "switch", "alice", "BYE"],
      ok(1020, "alice", "BYE"),
      [9000, "bobs", "switch", "BYE"],
      [9000, "switch", "bobs", "200 OK"],
      [9000, "switch", "bob", "BYE"],
      ok(9010, "bob", "BYE"),
    ],
    [[2000, at(() => groups.push(groupsOf(pbx)))]],
  );
  t.strictSame(groups, [[["198.51.100.20", CAROL]]]);
  await pbx.endsClean(t);
});

t.test(
  "RFC 3891: a call that rings is picked up: its caller is answered and hears who took it",
  async (t) => {
    const pbx = await opened();
    const groups: string[][][] = [];
    await pbx.bench.flow(t, [
      ...ringing.slice(0, 3),
      [100, "bob", "switch", "180 Ringing", { headers: { To: `<sip:bob@${DOMAIN}>;tag=bobs-own` } }],
      [100, "switch", "alice", "180 Ringing"],
    ]);
    const invite = pbx.bench.bob.received.find(({ firstLine }) => firstLine.startsWith("INVITE"));
    const tagOf = (value: string | undefined): string => /;tag=([^;]+)/.exec(value ?? "")?.[1] ?? "";
    if (invite === undefined) throw new Error("bob was not called");
    const replaces = `${header(invite, "call-id") ?? ""};to-tag=${tagOf(header(invite, "from"))};from-tag=bobs-own`;
    await pbx.bench.flow(
      t,
      [
        [
          1000,
          "bobs",
          "switch",
          "INVITE",
          { sdp: CAROL_SDP, headers: { Replaces: replaces, Require: "replaces" } },
        ],
        [1000, "switch", "bobs", "100 Trying"],
        [1000, "switch", "bobs", "200 OK"],
        [1010, "bobs", "switch", "ACK"],
        [1010, "switch", "bob", "CANCEL"],
        [1010, "switch", "alice", "200 OK"],
        [1020, "alice", "switch", "ACK"],
        ok(1020, "bob", "CANCEL"),
        [1020, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
        [1020, "switch", "bob", "ACK"],
        [9000, "bobs", "switch", "BYE"],
        [9000, "switch", "bobs", "200 OK"],
        [9000, "switch", "alice", "BYE"],
        ok(9010, "alice", "BYE"),
      ],
      [[2000, at(() => groups.push(groupsOf(pbx)))]],
    );
    t.strictSame(groups, [[["198.51.100.10", CAROL]]]);
    await pbx.endsClean(t);
  },
);

t.test("RFC 3891: who takes the place of a leg in an application gets its channel", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP, uri: `sip:500@${DOMAIN}` }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "ACK"],
  ]);
  const [application] = pbx.media.channels.keys();
  const [callid, ...tags] = replacesOf(pbx.bench.alice, 200).split(";");
  await pbx.bench.flow(t, [
    [
      1000,
      "bobs",
      "switch",
      "INVITE",
      { sdp: CAROL_SDP, headers: { Replaces: [callid, ...tags].join(";") } },
    ],
    [1000, "switch", "bobs", "100 Trying"],
    [1000, "switch", "bobs", "200 OK"],
    [1010, "bobs", "switch", "ACK"],
    [1010, "switch", "bobs", "INVITE"],
    [1020, "bobs", "switch", "200 OK", { to: "INVITE", sdp: CAROL_SDP }],
    [1020, "switch", "bobs", "ACK"],
    [1020, "switch", "alice", "BYE"],
    ok(1030, "alice", "BYE"),
  ]);
  t.strictSame([...pbx.media.channels.keys()], [application]);
  t.equal([...pbx.media.channels.values()][0]?.remote?.address, CAROL);
  await pbx.bench.flow(t, [
    [0, "bobs", "switch", "BYE"],
    [0, "switch", "bobs", "200 OK"],
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3891: a newcomer that can't be answered leaves the call as it was", async (t) => {
  const pbx = await opened();
  await pbx.bench.flow(t, talking);
  await pbx.bench.flow(t, [
    [
      1000,
      "bobs",
      "switch",
      "INVITE",
      {
        sdp: CAROL_SDP.replace("RTP/AVP 0", "RTP/AVP 18"),
        headers: { Replaces: calledAs(pbx.bench.bob), Require: "replaces" },
      },
    ],
    [1000, "switch", "bobs", "100 Trying"],
    [1000, "switch", "bobs", "488 Not Acceptable Here"],
    [1010, "bobs", "switch", "ACK"],
    [9000, "alice", "switch", "BYE"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "bob", "BYE"],
    ok(9010, "bob", "BYE"),
  ]);
  await pbx.endsClean(t);
});
