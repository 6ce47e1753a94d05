/** RFC 5359: services that a script and the phones make. docs/flows.md says where the others are. */
import t from "tap";
import { ms } from "../../ts/core/brand.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE_SDP, aliceEnds, BOB_SDP, PbxBench, ringing, talking } from "../support/pbx-bench.js";
import { DOMAIN, SipBench, sdp } from "../support/sip-bench.js";

const held = (sdp: string, direction: string, version: number): string =>
  sdp.replace("a=sendrecv", `a=${direction}`).replace("o=- 1 1", `o=- 1 ${String(version)}`);

/** The last direction that the engine was told for a far end. */
function directionOf(pbx: PbxBench, address: string): unknown {
  return pbx.media
    .commandsOf("target")
    .filter(({ remote }) => remote.address === address)
    .at(-1)?.remote.direction;
}

const reinvite = (at: number, who: "alice" | "bob", sdp: string, answer: string): LadderRow[] => [
  [at, who, "switch", "INVITE", { sdp }],
  [at, "switch", who, "100 Trying"],
  [
    at,
    "switch",
    who,
    "200 OK",
    {
      sdp: (text) => {
        if (!text.includes(`a=${answer}`)) throw new Error(`answered with\n${text}`);
      },
    },
  ],
  [at + 10, who, "switch", "ACK"],
];

t.test("RFC 5359 §2.1 call hold: every way to hold and to resume, from both sides", async (t) => {
  const pbx = await new PbxBench().started();
  const holds: boolean[] = [];
  const note = (): void => {
    const call = Object.values(pbx.control.calls).find(({ originator }) => originator);
    holds.push(call?.hold ?? false);
  };
  for (const at of [10_500, 20_500, 30_500, 40_500, 50_500, 60_500]) {
    pbx.bench.clock.after(ms(at), note);
  }
  await pbx.bench.flow(t, [
    ...talking,
    ...reinvite(10_000, "bob", held(BOB_SDP, "sendonly", 2), "recvonly"),
    ...reinvite(20_000, "bob", held(BOB_SDP, "sendrecv", 3), "sendrecv"),
    ...reinvite(30_000, "bob", held(BOB_SDP, "inactive", 4), "inactive"),
    ...reinvite(40_000, "bob", held(BOB_SDP, "sendrecv", 5), "sendrecv"),
    ...reinvite(
      50_000,
      "bob",
      BOB_SDP.replaceAll("IN IP4 198.51.100.20", "IN IP4 0.0.0.0").replace("o=- 1 1", "o=- 1 6"),
      "sendrecv",
    ),
    ...reinvite(60_000, "bob", held(BOB_SDP, "sendrecv", 7), "sendrecv"),
    ...reinvite(70_000, "alice", held(ALICE_SDP, "sendonly", 2), "recvonly"),
    ...aliceEnds,
  ]);
  t.strictSame(holds, [true, false, true, false, true, false]);
  t.strictSame(directionOf(pbx, "198.51.100.20"), { send: true, recv: true }, "bob's leg, resumed");
  t.strictSame(directionOf(pbx, "198.51.100.10"), { send: false, recv: true }, "alice's leg, held");
  await pbx.endsClean(t);
});

t.test(
  "RFC 5359 §2.1: glare of two holds, one from each phone, harms nobody: the legs are dialogs of their own",
  async (t) => {
    const pbx = await new PbxBench().started();
    await pbx.bench.flow(t, [
      ...talking,
      [10_000, "alice", "switch", "INVITE", { sdp: held(ALICE_SDP, "sendonly", 2) }],
      [10_000, "switch", "alice", "100 Trying"],
      [10_000, "switch", "alice", "200 OK"],
      [10_005, "bob", "switch", "INVITE", { sdp: held(BOB_SDP, "sendonly", 2) }],
      [10_005, "switch", "bob", "100 Trying"],
      [10_005, "switch", "bob", "200 OK"],
      [10_010, "alice", "switch", "ACK"],
      [10_015, "bob", "switch", "ACK"],
      ...aliceEnds,
    ]);
    await pbx.endsClean(t);
  },
);

t.test("RFC 5359 §2.2 consultation hold: alice holds bob and calls somebody else meanwhile", async (t) => {
  const pbx = await new PbxBench({
    script: (call) =>
      call.destination === "500" ? call.answer() : call.newcall({ to: { user: call.destination } }),
  }).started();
  await pbx.bench.flow(t, [
    ...talking,
    ...reinvite(10_000, "alice", held(ALICE_SDP, "sendonly", 2), "recvonly"),
    [
      20_000,
      "alice",
      "switch",
      "INVITE",
      { sdp: ALICE_SDP, dialog: "consultation", uri: `sip:500@${DOMAIN}` },
    ],
    [20_000, "switch", "alice", "100 Trying"],
    [20_000, "switch", "alice", "200 OK"],
    [20_010, "alice", "switch", "ACK", { dialog: "consultation" }],
    [30_000, "alice", "switch", "BYE", { dialog: "consultation" }],
    [30_000, "switch", "alice", "200 OK"],
    ...reinvite(40_000, "alice", held(ALICE_SDP, "sendrecv", 3), "sendrecv"),
    ...aliceEnds,
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 5359 §2.7 call forwarding, unconditional: the script calls another user", async (t) => {
  const pbx = await new PbxBench({ script: (call) => call.newcall({ to: { user: "bob" } }) }).started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP, uri: `sip:carol@${DOMAIN}` }],
    ...talking.slice(1),
    ...aliceEnds,
  ]);
  await pbx.endsClean(t);
});

/** Bob's other phone stands for the place that calls are forwarded to. */
const elsewhere = "198.51.100.21";
const forwarded = (at: number): LadderRow[] => [
  [at, "switch", "bobs", "INVITE"],
  [at + 400, "bobs", "switch", "200 OK", { sdp: BOB_SDP }],
  [at + 400, "switch", "bobs", "ACK"],
  [at + 400, "switch", "alice", "200 OK"],
  [at + 410, "alice", "switch", "ACK"],
  [at + 9000, "alice", "switch", "BYE"],
  [at + 9000, "switch", "alice", "200 OK"],
  [at + 9000, "switch", "bobs", "BYE"],
  [at + 9010, "bobs", "switch", "200 OK", { to: "BYE" }],
];

t.test("RFC 5359 §2.8 call forwarding, busy", async (t) => {
  const pbx = await new PbxBench({
    script: (call) => {
      call.newcall({ to: { user: "bob" } }).onhangup = ({ info }) => {
        if (info.error.code === 486) call.newcall({ to: { user: "bob", domain: elsewhere } });
      };
    },
  }).started();
  await pbx.bench.flow(t, [
    ...ringing.slice(0, 3),
    [100, "bob", "switch", "486 Busy Here"],
    [100, "switch", "bob", "ACK"],
    ...forwarded(100),
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 5359 §2.9 call forwarding, no answer; §2.12 find-me: one place after the other", async (t) => {
  const pbx = await new PbxBench({
    script: (call) => {
      const first = call.newcall({ to: { user: "bob" } });
      first.onringing = () => {
        pbx.bench.clock.after(ms(20_000), () => void first.hangup());
      };
      first.onhangup = () => {
        call.newcall({ to: { user: "bob", domain: elsewhere } });
      };
    },
  }).started();
  await pbx.bench.flow(t, [
    ...ringing,
    [20_100, "switch", "bob", "CANCEL"],
    [20_110, "bob", "switch", "200 OK", { to: "CANCEL" }],
    [20_110, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
    [20_110, "switch", "bob", "ACK"],
    ...forwarded(20_110),
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 5359 §2.13, §2.14 screening of calls that come in and go out: the script says no", async (t) => {
  const pbx = await new PbxBench({
    script: (call) => call.hangup({ code: 403, reason: "Screened" }),
  }).started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "403 Screened"],
    [10, "alice", "switch", "ACK"],
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 5359 §2.3 music on hold: who is held hears it, until the other comes back", async (t) => {
  const pbx = await new PbxBench().started();
  pbx.control.moh = { files: [{ wav: "music.wav", loop: true }] };
  const heard = (): (string | undefined)[] =>
    pbx.media.commandsOf("play").map(({ uuid }) => pbx.media.channels.get(uuid)?.remote?.address);
  const atTheTime: unknown[] = [];
  for (const at of [9000, 15_000]) pbx.bench.clock.after(ms(at), () => atTheTime.push(heard()));
  pbx.bench.clock.after(ms(25_000), () => {
    const groups = [...pbx.media.channels.values()].map(({ group }) => group.size);
    atTheTime.push(groups);
  });
  await pbx.bench.flow(t, [
    ...talking,
    ...reinvite(10_000, "bob", held(BOB_SDP, "sendonly", 2), "recvonly"),
    ...reinvite(20_000, "bob", held(BOB_SDP, "sendrecv", 3), "sendrecv"),
    ...aliceEnds,
  ]);
  t.strictSame(atTheTime, [[], ["198.51.100.10"], [2, 2]], "alice hears music, and then bob again");
  await pbx.endsClean(t);
});

t.test(
  "RFC 5359 §2.17 automatic redial: a phone watches the one that is busy, and calls when it is not",
  async (t) => {
    let isBusy = false;
    const bench = await new SipBench({
      control: ({ cause, info: { callid, from } }, sip) => {
        if (cause === "ended" && from === "bob") isBusy = false;
        if (cause !== "new") return undefined;
        if (from === "alice" && isBusy) return sip.execute({ type: "dialog.hangup", callid, code: 486 });
        isBusy ||= from === "bob";
        return sip.execute({ type: "dialog.answer", callid, sdp: sdp("192.0.2.1") });
      },
    }).ready();
    const watching = {
      dialog: "watch",
      uri: `sip:bob@${DOMAIN}`,
      headers: { Event: "dialog", Expires: "600" },
    };
    const told = (at: number, state: string): LadderRow[] => [
      [at, "switch", "alice", "NOTIFY", { sdp: (text) => t.match(text, `<state>${state}<`) }],
      [at, "alice", "switch", "200 OK", { to: "NOTIFY" }],
    ];
    await bench.flow(t, [
      [0, "bob", "switch", "INVITE", { uri: `sip:service@${DOMAIN}`, sdp: BOB_SDP }],
      [0, "switch", "bob", "100 Trying"],
      [0, "switch", "bob", "200 OK"],
      [10, "bob", "switch", "ACK"],
      [1000, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
      [1000, "switch", "alice", "100 Trying"],
      [1000, "switch", "alice", "486 Busy Here"],
      [1010, "alice", "switch", "ACK"],
      [2000, "alice", "switch", "SUBSCRIBE", watching],
      [2000, "switch", "alice", "200 OK"],
      ...told(2000, "confirmed"),
      [9000, "bob", "switch", "BYE"],
      [9000, "switch", "bob", "200 OK"],
      ...told(9000, "terminated"),
      [9500, "alice", "switch", "INVITE", { sdp: ALICE_SDP, dialog: "again" }],
      [9500, "switch", "alice", "100 Trying"],
      [9500, "switch", "alice", "200 OK"],
      [9510, "alice", "switch", "ACK", { dialog: "again" }],
      [20_000, "alice", "switch", "SUBSCRIBE", { ...watching, headers: { Event: "dialog", Expires: "0" } }],
      [20_000, "switch", "alice", "200 OK"],
      [20_000, "switch", "alice", "NOTIFY"],
      [20_000, "alice", "switch", "200 OK", { to: "NOTIFY" }],
      [30_000, "alice", "switch", "BYE", { dialog: "again" }],
      [30_000, "switch", "alice", "200 OK"],
    ]);
    await bench.leavesNothing(t);
  },
);
