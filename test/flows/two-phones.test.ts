/** The whole switch but sockets: SIP, control with the seed's face and a fake engine, in virtual time. */
import t, { type Test } from "tap";
import { Controller } from "../../ts/control/controller.js";
import { ProjectControl } from "../../ts/control/projectcontrol.js";
import { silentLog } from "../../ts/core/log.js";
import type { ScriptedParty } from "../support/scripted-party.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import type { LadderRow } from "../support/ladder.js";
import { ALICE, BOB, DOMAIN, SipBench, sdp } from "../support/sip-bench.js";

/** PCMU from alice; bob's answers take PCMA only. */
const ALICE_SDP = sdp("198.51.100.10");
const BOB_SDP = sdp("198.51.100.20").replace("RTP/AVP 0", "RTP/AVP 8");

class Switch {
  readonly bench = new SipBench();
  readonly media = new FakeMediaService();
  readonly control = new ProjectControl({
    log: silentLog,
    connect: () =>
      Promise.resolve({
        controller: new Controller({
          sip: this.bench.sip,
          media: this.media,
          clock: this.bench.clock,
          random: this.bench.random,
          log: silentLog,
        }),
        close: () => Promise.resolve(),
      }),
  });

  async started(...phones: ScriptedParty[]): Promise<this> {
    void this.control.directory(DOMAIN, [ALICE, BOB]);
    await this.control.run();
    await this.bench.registered(...phones);
    return this;
  }

  async endsClean(t: Test): Promise<void> {
    await this.bench.leavesNothing(t);
    t.equal(this.media.channels.size, 0, "no channel is open");
    t.strictSame(Object.keys(this.control.calls), [], "no call is left");
  }
}

/** A script that calls whoever was dialled. */
async function dialling(phones: (bench: SipBench) => ScriptedParty[]): Promise<Switch> {
  const pbx = new Switch();
  pbx.control.onnewcall = (call) => {
    call.newcall({ to: { user: call.destination } });
  };
  return pbx.started(...phones(pbx.bench));
}

const setUp: LadderRow[] = [
  [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
  [0, "switch", "alice", "100 Trying"],
  [0, "switch", "bob", "INVITE", { sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP 8 0 9 97 101/) }],
  [100, "bob", "switch", "180 Ringing"],
  [100, "switch", "alice", "180 Ringing"],
];
const talk: LadderRow[] = [
  ...setUp,
  [3000, "bob", "switch", "200 OK", { sdp: BOB_SDP }],
  [3000, "switch", "bob", "ACK"],
  [3000, "switch", "alice", "200 OK", { sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP 0\r/) }],
  [3010, "alice", "switch", "ACK"],
];

t.test("RFC 3665 §3.1 through the switch: two phones, two codecs, the caller ends", async (t) => {
  const pbx = await dialling(({ bob }) => [bob]);
  await pbx.bench.flow(t, [
    ...talk,
    [9000, "alice", "switch", "BYE"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "bob", "BYE"],
    [9010, "bob", "switch", "200 OK"],
  ]);
  t.equal(pbx.media.commandsOf("mix").length, 1, "one bridge");
  t.strictSame(
    pbx.media.commandsOf("target").map(({ remote }) => [remote.address, remote.formats.map((f) => f.format)]),
    [
      ["198.51.100.20", ["PCMA"]],
      ["198.51.100.10", ["PCMU"]],
    ],
  );
  await pbx.endsClean(t);
});

t.test("the called phone ends: the caller gets the BYE", async (t) => {
  const pbx = await dialling(({ bob }) => [bob]);
  await pbx.bench.flow(t, [
    ...talk,
    [9000, "bob", "switch", "BYE"],
    [9000, "switch", "bob", "200 OK"],
    [9000, "switch", "alice", "BYE"],
    [9010, "alice", "switch", "200 OK"],
  ]);
  await pbx.endsClean(t);
});

t.test("RFC 3665 §3.8 through the switch: the caller gives up", async (t) => {
  const pbx = await dialling(({ bob }) => [bob]);
  await pbx.bench.flow(t, [
    ...setUp,
    [9000, "alice", "switch", "CANCEL"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "alice", "487 Request Terminated"],
    [9000, "switch", "bob", "CANCEL"],
    [9010, "alice", "switch", "ACK"],
    [9020, "bob", "switch", "200 OK", { to: "CANCEL" }],
    [9020, "bob", "switch", "487 Request Terminated", { to: "INVITE" }],
    [9020, "switch", "bob", "ACK"],
  ]);
  await pbx.endsClean(t);
});

t.test(
  "RFC 3665 §3.9 through the switch: busy; origin J087: the last child takes the parent along",
  async (t) => {
    const pbx = await dialling(({ bob }) => [bob]);
    await pbx.bench.flow(t, [
      ...setUp.slice(0, 3),
      [100, "bob", "switch", "486 Busy Here"],
      [100, "switch", "bob", "ACK"],
      [100, "switch", "alice", "480 Temporarily Unavailable", { headers: { Reason: /Q\.850;cause=17/ } }],
      [110, "alice", "switch", "ACK"],
    ]);
    await pbx.endsClean(t);
  },
);

t.test("nobody is registered: the caller hears of it at once", async (t) => {
  const pbx = await dialling(() => []);
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "480 Temporarily Unavailable"],
    [10, "alice", "switch", "ACK"],
  ]);
  await pbx.endsClean(t);
});

t.test("no codec in common: 488, and the other phone never rings", async (t) => {
  const pbx = new Switch();
  pbx.control.onnewcall = (call) => void call.answer();
  await pbx.started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP.replace("RTP/AVP 0", "RTP/AVP 18") }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "488 Not Acceptable Here"],
    [10, "alice", "switch", "ACK"],
  ]);
  await pbx.endsClean(t);
});

t.test(
  "hold and resume by re-INVITE: answered with the mirrored direction, on the same channel",
  async (t) => {
    const pbx = await dialling(({ bob }) => [bob]);
    const held = ALICE_SDP.replace("a=sendrecv", "a=sendonly").replace("o=- 1 1", "o=- 1 2");
    const resumed = ALICE_SDP.replace("o=- 1 1", "o=- 1 3");
    await pbx.bench.flow(t, [
      ...talk,
      [5000, "alice", "switch", "INVITE", { sdp: held }],
      [5000, "switch", "alice", "100 Trying"],
      [5000, "switch", "alice", "200 OK", { sdp: (text) => t.match(text, /a=recvonly/) }],
      [5010, "alice", "switch", "ACK"],
      [7000, "alice", "switch", "INVITE", { sdp: resumed }],
      [7000, "switch", "alice", "100 Trying"],
      [7000, "switch", "alice", "200 OK", { sdp: (text) => t.match(text, /a=sendrecv/) }],
      [7010, "alice", "switch", "ACK"],
      [9000, "alice", "switch", "BYE"],
      [9000, "switch", "alice", "200 OK"],
      [9000, "switch", "bob", "BYE"],
      [9010, "bob", "switch", "200 OK"],
    ]);
    t.equal(pbx.media.commandsOf("open").length, 2);
    await pbx.endsClean(t);
  },
);

t.test("RFC 3261 §14.2: a re-INVITE without a codec in common is refused and the call goes on", async (t) => {
  const pbx = await dialling(({ bob }) => [bob]);
  await pbx.bench.flow(t, [
    ...talk,
    [5000, "alice", "switch", "INVITE", { sdp: ALICE_SDP.replace("RTP/AVP 0", "RTP/AVP 18") }],
    [5000, "switch", "alice", "100 Trying"],
    [5000, "switch", "alice", "488 Not Acceptable Here"],
    [5010, "alice", "switch", "ACK"],
    [6000, "alice", "switch", "INVITE"],
    [6000, "switch", "alice", "100 Trying"],
    [6000, "switch", "alice", "200 OK", { sdp: (text) => t.match(text, /m=audio \d+ RTP\/AVP/) }],
    [6010, "alice", "switch", "ACK", { sdp: ALICE_SDP.replace("m=audio 40000", "m=audio 40002") }],
    [9000, "alice", "switch", "BYE"],
    [9000, "switch", "alice", "200 OK"],
    [9000, "switch", "bob", "BYE"],
    [9010, "bob", "switch", "200 OK"],
  ]);
  t.equal(pbx.media.commandsOf("target").at(-1)?.remote.port, 40_002, "the ACK's answer moves the audio");
  await pbx.endsClean(t);
});

t.test("a script that throws ends its call with 500, and the next call is answered", async (t) => {
  const pbx = new Switch();
  let calls = 0;
  pbx.control.onnewcall = (call) => {
    calls += 1;
    if (calls === 1) throw new Error("a mistake in the script");
    void call.busy();
  };
  await pbx.started();
  await pbx.bench.flow(t, [
    [0, "alice", "switch", "INVITE", { sdp: ALICE_SDP }],
    [0, "switch", "alice", "100 Trying"],
    [0, "switch", "alice", "500 Server Internal Error"],
    [10, "alice", "switch", "ACK"],
    [20, "alice", "switch", "INVITE", { sdp: ALICE_SDP, dialog: "second" }],
    [20, "switch", "alice", "100 Trying"],
    [20, "switch", "alice", "486 Busy here"],
    [30, "alice", "switch", "ACK", { dialog: "second" }],
  ]);
  await pbx.endsClean(t);
});
