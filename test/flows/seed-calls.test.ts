/** The seed's calls through real SIP messages, in virtual time. docs/projectcontrol.md has the table. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE_SDP, aliceEnds, BOB_SDP, PbxBench, ringing, talking } from "../support/pbx-bench.js";
import { DOMAIN } from "../support/sip-bench.js";

const MOH = { files: [{ wav: "moh.wav" }], loop: true };
const held = (sdp: string, direction: string, version: number): string =>
  sdp.replace("a=sendrecv", `a=${direction}`).replace("o=- 1 1", `o=- 1 ${String(version)}`);

const reinvite = (at: number, who: "alice" | "bob", sdp: string): LadderRow[] => [
  [at, who, "switch", "INVITE", { sdp }],
  [at, "switch", who, "100 Trying"],
  [at, "switch", who, "200 OK"],
  [at + 10, who, "switch", "ACK"],
];

t.test(
  "J081, J082, J083, J084: a call for another rings and answers him, and the two are joined",
  async (t) => {
    const seen: string[] = [];
    const pbx = await new PbxBench({
      script: (call) => {
        const child = call.newcall({ to: { user: "bob" } });
        t.equal(child.metadata.family.parent, call);
        t.same(call.metadata.family.children, [child]);
        child.onringing = () => seen.push("child rings");
        call.onringing = () => seen.push("parent rings");
        child.onanswer = () => seen.push("child answers");
        call.onanswer = () => seen.push("parent answered");
      },
    }).started();
    await pbx.bench.flow(t, [...talking, ...aliceEnds]);
    t.same(seen, ["child rings", "parent rings", "child answers", "parent answered"]);
    t.equal(pbx.media.commandsOf("mix").length, 1);
    await pbx.endsClean(t);
  },
);

t.test("J020: what we offer: user -, one space, sendrecv, one audio line", async (t) => {
  const pbx = await new PbxBench().started();
  await pbx.bench.flow(t, [
    ringing[0] ?? [0, "", "", ""],
    [0, "switch", "alice", "100 Trying"],
    [
      0,
      "switch",
      "bob",
      "INVITE",
      {
        sdp: (text) => {
          t.match(text, /^o=- \d+ 1 IN IP4 /m);
          t.match(text, /^s= \r$/m);
          t.match(text, /^a=sendrecv\r$/m);
          t.same(text.match(/^m=.*(?=\r$)/gm), ["m=audio 10000 RTP/AVP 8 0 9 97 101"]);
        },
      },
    ],
    ...ringing.slice(3),
    ...cancelled,
  ]);
  await pbx.endsClean(t);
});

const cancelled: LadderRow[] = [
  [9000, "alice", "switch", "CANCEL"],
  [9000, "switch", "alice", "200 OK"],
  [9000, "switch", "alice", "487 Request Terminated"],
  [9000, "switch", "bob", "CANCEL"],
  [9010, "alice", "switch", "ACK"],
  [9020, "bob", "switch", "200 OK", { to: "CANCEL" }],
  [9020, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
  [9020, "switch", "bob", "ACK"],
];

t.test("J088, J053: the caller gives up: children are ended; hang-up and report run once each", async (t) => {
  const seen: string[] = [];
  const pbx = await new PbxBench({
    script: (call) => {
      const child = call.newcall({ to: { user: "bob" } });
      call.onhangup = () => seen.push("caller hangs up");
      call.onreporting = () => seen.push("caller's report");
      child.onhangup = () => seen.push("callee hangs up");
      child.onreporting = () => seen.push("callee's report");
    },
  }).started();
  await pbx.bench.flow(t, [...ringing, ...cancelled]);
  t.same(seen, ["caller hangs up", "caller's report", "callee hangs up", "callee's report"]);
  await pbx.endsClean(t);
});

t.test("J032, J038, J042: who made the call, its family, and what a report can tell of it", async (t) => {
  const reported: Call[] = [];
  const pbx = await new PbxBench().started();
  pbx.control.onreporting = (call) => reported.push(call);
  await pbx.bench.flow(t, [...talking, ...aliceEnds]);
  const [alice, bob] = reported;
  t.same([alice?.originator, bob?.originator], [false, true]);
  t.equal(bob?.metadata.family.parent, alice);
  t.match(alice?.info, {
    domain: DOMAIN,
    from: "alice",
    to: "bob",
    maxforwards: 70,
    contact: /alice@198\.51\.100\.10/,
    remote: { host: "198.51.100.10", port: 5060 },
    error: { code: 0, status: "" },
    sdp: { them: /^v=0/, us: /^v=0/ },
  });
  for (const call of reported) {
    const { start, ring, answer, end } = call.info.epochs;
    t.ok(start > 0 && start <= ring && ring < answer && answer < end, "start ≤ ring < answer < end");
    t.equal(answer - start, 3);
    t.equal(end - answer, 87);
  }
  await pbx.endsClean(t);
});

t.test("J075: a private caller id is told to the callee as private", async (t) => {
  const pbx = await new PbxBench({
    script: (call) =>
      call.newcall({ to: { user: "bob" }, cid: { number: "0800", name: "Desk", private: true } }),
  }).started();
  await pbx.bench.flow(t, [
    ...ringing.slice(0, 2),
    [
      0,
      "switch",
      "bob",
      "INVITE",
      { headers: { "Remote-Party-ID": /"?Desk"? <sip:0800@example\.org>.*privacy=full/ } },
    ],
    ...ringing.slice(3),
    ...cancelled,
  ]);
  await pbx.endsClean(t);
});

t.test("J059: who loses a group call is told that it was answered elsewhere (RFC 3326)", async (t) => {
  const pbx = await new PbxBench({
    script: (call) => call.newcall([{ to: { user: "alice" } }, { to: { user: "bob" } }]),
  }).started(({ bob, alice }) => [bob, alice]);
  await pbx.bench.flow(t, [
    [0, "bobs", "switch", "INVITE", { sdp: ALICE_SDP, uri: `sip:500@${DOMAIN}` }],
    [0, "switch", "bobs", "100 Trying"],
    [0, "switch", "alice", "INVITE"],
    [0, "switch", "bob", "INVITE"],
    [100, "alice", "switch", "180 Ringing"],
    [100, "switch", "bobs", "180 Ringing"],
    [110, "bob", "switch", "180 Ringing"],
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [3000, "switch", "bob", "ACK"],
    [
      3000,
      "switch",
      "alice",
      "CANCEL",
      { headers: { Reason: 'SIP;cause=200;text="Call completed elsewhere"' } },
    ],
    [3000, "switch", "bobs", "200 OK"],
    [3010, "alice", "switch", "200 OK", { to: "CANCEL" }],
    [3010, "alice", "switch", "487 Request Terminated", { to: "INVITE" }],
    [3010, "switch", "alice", "ACK"],
    [3010, "bobs", "switch", "ACK"],
    [9000, "bobs", "switch", "BYE"],
    [9000, "switch", "bobs", "200 OK"],
    [9000, "switch", "bob", "BYE"],
    [9010, "bob", "switch", "200 OK", { to: "BYE" }],
  ]);
  await pbx.endsClean(t);
});

t.test("J089, J090, J091: music while alice holds, and a re-INVITE that holds nothing", async (t) => {
  const pbx = await new PbxBench().started();
  pbx.control.moh = MOH;
  const seen: string[] = [];
  pbx.control.onhold = (call) => seen.push(`hold ${call.info.from}`);
  pbx.control.onoffhold = (call) => seen.push(`off ${call.info.from}`);
  await pbx.bench.flow(t, [
    ...talking,
    ...reinvite(10_000, "alice", held(ALICE_SDP, "inactive", 2)),
    ...reinvite(20_000, "alice", held(ALICE_SDP, "sendrecv", 3)),
    ...reinvite(30_000, "alice", held(ALICE_SDP, "sendrecv", 4)),
    ...aliceEnds,
  ]);
  t.same(seen, ["hold alice", "off alice"]);
  const [caller] = pbx.media.commandsOf("target").filter(({ remote }) => remote.address === "198.51.100.10");
  const play = pbx.media.commandsOf("play");
  t.match(play, [{ soup: MOH }]);
  t.not(play[0]?.uuid, caller?.uuid, "bob hears it");
  t.same([pbx.media.commandsOf("mix").length, pbx.media.commandsOf("unmix").length], [2, 1]);
  await pbx.endsClean(t);
});

t.test("J058: a call that was answered calls another while it hears something", async (t) => {
  const pbx = await new PbxBench({
    script: (call) => {
      void call.answer();
      void call.play({ files: [{ wav: "ring.wav", loop: 3 }], loop: true });
      call.newcall({ to: { user: "bob" } });
    },
  }).started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "bob", "INVITE"],
    [0, "switch", "alice", "200 OK"],
    [10, "alice", "switch", "ACK"],
    [100, "bob", "switch", "180 Ringing"],
    [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
    [3000, "switch", "bob", "ACK"],
    ...aliceEnds,
  ]);
  t.equal(pbx.media.commandsOf("mix").length, 1);
  await pbx.endsClean(t);
});

t.test("a call that came in is never hung up with 200: that would answer it", async (t) => {
  const refused: unknown[] = [];
  const pbx = await new PbxBench({
    script: (call) => {
      pbx.bench.sip
        .execute({ type: "dialog.hangup", callid: call.callid, code: 200 })
        .catch((error: unknown) => refused.push(error));
      void call.busy();
    },
  }).started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "486 Busy here"],
    [10, "alice", "switch", "ACK"],
  ]);
  t.match(refused, [{ code: "ARGUMENT_INVALID", field: "code" }]);
  await pbx.endsClean(t);
});
