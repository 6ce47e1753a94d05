import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { FakeChannel } from "../support/fake-media-channel.js";
import { Exchange, answerTo, offerOf, read, type PhoneSdp } from "./exchange.js";
import { talking, what } from "./talking.js";

interface Held {
  readonly exchange: Exchange;
  readonly call: Call;
  readonly channel: () => FakeChannel | undefined;
  readonly ourDirection: () => string | undefined;
  readonly reinvite: (sdp?: PhoneSdp) => Promise<void>;
}

async function answered(): Promise<Held> {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer();
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.settle();
  const call = exchange.controller.calls.get(callid);
  if (call === undefined) throw new Error("no call");
  return {
    exchange,
    call,
    channel: () => exchange.media.channels.get(call.leg.channel?.uuid ?? ""),
    ourDirection: () => read(exchange.sip.dialog(callid).info.sdp.us).m[0]?.direction,
    reinvite: async (sdp) => {
      await exchange.sip.reinvites(callid, sdp === undefined ? undefined : offerOf(sdp));
      await exchange.settle();
    },
  };
}

t.test("hold and resume are answered on the same channel", async (t) => {
  const { exchange, call, channel, ourDirection, reinvite } = await answered();
  await reinvite({ direction: "sendonly", version: 2 });
  t.equal(exchange.sip.commandsOf("dialog.ok").length, 1);
  t.equal(ourDirection(), "recvonly");
  t.same(channel()?.remote?.direction, { send: false, recv: true });
  t.equal(call.hold, true);

  await exchange.sip.acks(call.callid);
  await reinvite({ direction: "sendrecv", version: 3 });
  t.equal(ourDirection(), "sendrecv");
  t.same(channel()?.remote?.direction, { send: true, recv: true });
  t.equal(call.hold, false);
  t.equal(exchange.media.commandsOf("open").length, 1);
  t.same(
    call.history.map(({ what }) => what).filter((what) => /hold/i.test(what)),
    ["Hold", "Off hold"],
  );
});

t.test("inactive goes both ways", async (t) => {
  const { channel, ourDirection, reinvite, call } = await answered();
  await reinvite({ direction: "inactive", version: 2 });
  t.equal(ourDirection(), "inactive");
  t.same(channel()?.remote?.direction, { send: false, recv: false });
  t.equal(call.hold, true);
});

t.test("the older hold, 0.0.0.0, keeps the address that was known", async (t) => {
  const { channel, reinvite, call } = await answered();
  await reinvite({ address: "0.0.0.0", version: 2 });
  t.equal(call.hold, true);
  t.match(channel()?.remote, { address: "192.0.2.1", port: 4000, direction: { send: false } });
});

t.test("J091: a re-INVITE that changes only where to send is answered, and followed", async (t) => {
  const { exchange, channel, reinvite, call } = await answered();
  await reinvite({ port: 4500, version: 2 });
  t.match(channel()?.remote, { port: 4500 });
  t.equal(exchange.sip.commandsOf("dialog.ok").length, 1);
  t.equal(call.hold, false);
});

t.test("each description of ours has a version one higher", async (t) => {
  const { exchange, reinvite, call } = await answered();
  const ours = () => read(exchange.sip.dialog(call.callid).info.sdp.us).o;
  const first = ours();
  await reinvite({ version: 2 });
  t.equal(ours().sessionversion, String(Number(first.sessionversion) + 1));
  t.equal(ours().sessionid, first.sessionid);
});

t.test(
  "a re-INVITE without an offer gets ours; the ACK's answer is followed, and nobody is told",
  async (t) => {
    const { exchange, channel, reinvite, call } = await answered();
    let told = 0;
    call.onanswer = () => {
      told += 1;
    };
    await reinvite();
    const { us } = exchange.sip.dialog(call.callid).info.sdp;
    t.same(read(us).m[0]?.payloads, ["8", "0", "9", "97", "101"], "all we speak");
    await exchange.sip.acks(call.callid, answerTo(us, { port: 4700, codecs: ["pcma"] }));
    await exchange.settle();
    t.match(channel()?.remote, { port: 4700, formats: [{ payloadType: 8, format: "PCMA" }] });
    t.equal(told, 0);
  },
);

t.test(
  "where the SIP side shows the older offer for one without, the ACK's answer is followed too",
  async (t) => {
    const { exchange, channel, call } = await answered();
    await exchange.sip.reinvites(call.callid, exchange.sip.dialog(call.callid).info.sdp.them);
    await exchange.settle();
    const { us } = exchange.sip.dialog(call.callid).info.sdp;
    await exchange.sip.acks(call.callid, answerTo(us, { port: 4800 }));
    await exchange.settle();
    t.match(channel()?.remote, { port: 4800 });
  },
);

t.test(
  "RFC 3261 §14.2: a re-INVITE that leaves no common codec is refused, and the call goes on",
  async (t) => {
    const { exchange, call, channel, reinvite } = await answered();
    const before = channel()?.remote;
    await reinvite({ codecs: ["l16"], version: 2 });
    t.match(exchange.sip.commandsOf("dialog.refuse"), [{ callid: call.callid, code: 488 }]);
    t.equal(call.haserror, false);
    t.same(channel()?.remote, before);
    await reinvite({ version: 3 });
    t.equal(exchange.sip.commandsOf("dialog.ok").length, 1, "the next one is answered");
  },
);

const MOH = { files: [{ wav: "moh.wav" }], loop: true };
const HOLD = { direction: "sendonly" } as const;

t.test("J089: the other hears the music of the one who holds", async (t) => {
  const { exchange, caller, callee, channelOf, reinvites } = await talking();
  exchange.projectcontrol.moh = { files: [{ wav: "everybody.wav" }] };
  caller.moh = MOH;
  await reinvites(caller, HOLD);
  t.match(exchange.media.commandsOf("play"), [{ uuid: callee.leg.channel?.uuid, soup: MOH }]);
  t.equal(channelOf(caller).group.size, 0);
  t.equal(channelOf(caller).playing, undefined);
  t.equal(exchange.sip.commandsOf("dialog.ok").length, 1);
  t.ok(what(callee).includes("Play music on hold"));
});

t.test("J011, J035: music is the call's own, else that of projectcontrol", async (t) => {
  const { exchange, caller, callee, reinvites } = await talking();
  t.same(exchange.projectcontrol.moh, {});
  exchange.projectcontrol.moh = MOH;
  t.same([exchange.projectcontrol.moh, caller.moh], [MOH, MOH]);
  await reinvites(callee, HOLD);
  t.match(exchange.media.commandsOf("play"), [{ uuid: caller.leg.channel?.uuid, soup: MOH }]);
  callee.moh = {};
  t.same([callee.moh, caller.moh], [{}, MOH]);
});

t.test("J090: off hold the two hear each other again", async (t) => {
  const { exchange, caller, callee, channelOf, reinvites } = await talking();
  exchange.projectcontrol.moh = MOH;
  await reinvites(caller, HOLD);
  await reinvites(caller, {});
  t.equal(channelOf(caller).group.size, 2);
  t.equal(channelOf(caller).group, channelOf(callee).group);
  t.equal(channelOf(callee).playing, undefined);
});

t.test("without music the two stay joined: a phone may play its own", async (t) => {
  const { exchange, caller, channelOf, reinvites } = await talking();
  await reinvites(caller, HOLD);
  t.equal(channelOf(caller).group.size, 2);
  await reinvites(caller, {});
  t.equal(exchange.media.commandsOf("mix").length, 1);
});

t.test("a re-INVITE without an offer may hold as well: the answer in its ACK says so", async (t) => {
  const { exchange, caller, callee, channelOf } = await talking();
  exchange.projectcontrol.moh = MOH;
  for (const [direction, hold] of [
    ["sendonly", true],
    ["sendrecv", false],
  ] as const) {
    await exchange.sip.reinvites(caller.callid);
    await exchange.settle();
    const { us } = exchange.sip.dialog(caller.callid).info.sdp;
    await exchange.sip.acks(caller.callid, answerTo(us, { direction }));
    await exchange.settle();
    t.equal(caller.hold, hold);
    t.equal(channelOf(callee).playing !== undefined, hold);
    t.equal(channelOf(caller).group.size, hold ? 0 : 2);
  }
});

t.test("J052: onhold and onoffhold run each time, those of projectcontrol first", async (t) => {
  const { exchange, caller, reinvites } = await talking();
  const seen: string[] = [];
  exchange.projectcontrol.onhold = (call) => seen.push(`all hold ${String(call === caller)}`);
  exchange.projectcontrol.onoffhold = () => seen.push("all off");
  caller.onhold = function (call) {
    seen.push(`hold ${String(this === call && call.hold)}`);
  };
  caller.onoffhold = (call) => seen.push(`off ${String(!call.hold)}`);
  for (const sdp of [HOLD, {}, HOLD, {}]) await reinvites(caller, sdp);
  const once = ["all hold true", "hold true", "all off", "off true"];
  t.same(seen, [...once, ...once]);
});

t.test("a script's own music in onhold ends off hold, too", async (t) => {
  const { caller, callee, channelOf, reinvites } = await talking((call) => {
    call.onhold = () => call.other !== false && call.other.play(MOH);
  });
  await reinvites(caller, HOLD);
  t.ok(channelOf(callee).playing);
  await reinvites(caller, {});
  t.equal(channelOf(callee).playing, undefined);
  t.equal(channelOf(caller).group, channelOf(callee).group);
});

t.test("a script that unmixes in onhold has silence, and both are joined again off hold", async (t) => {
  const { caller, callee, channelOf, reinvites } = await talking((call) => {
    call.onhold = () => call.unmix();
  });
  await reinvites(caller, HOLD);
  t.same([channelOf(caller).group.size, channelOf(callee).playing], [0, undefined]);
  await reinvites(caller, {});
  t.equal(channelOf(caller).group.size, 2);
});

t.test("both hold: the first who comes back hears the other's music until that one does", async (t) => {
  const { exchange, caller, callee, channelOf, reinvites } = await talking();
  exchange.projectcontrol.moh = MOH;
  await reinvites(caller, HOLD);
  await reinvites(callee, HOLD);
  await reinvites(caller, {});
  t.equal(channelOf(caller).group.size, 0);
  t.ok(channelOf(caller).playing, "the music of the callee");
  await reinvites(callee, {});
  t.equal(channelOf(caller).group.size, 2);
  t.equal(channelOf(caller).group, channelOf(callee).group);
});

t.test("a call that talks with nobody holds: nothing is played, and what it hears goes on", async (t) => {
  const { exchange, call, reinvite, channel } = await answered();
  exchange.projectcontrol.moh = MOH;
  await call.play({ files: [{ wav: "queue.wav" }] });
  await reinvite({ direction: "sendonly", version: 2 });
  await exchange.sip.acks(call.callid);
  await reinvite({ version: 3 });
  t.equal(exchange.media.commandsOf("play").length, 1);
  t.ok(channel()?.playing);
});

t.test("one of three who talk holds: the other two talk on", async (t) => {
  const { exchange, caller, callee, channelOf, reinvites } = await talking();
  exchange.projectcontrol.moh = MOH;
  const { uuid } = await exchange.media.execute({ type: "open" });
  await exchange.media.execute({ type: "mix", uuid: channelOf(callee).uuid, other: uuid });
  await reinvites(caller, HOLD);
  t.equal(channelOf(callee).group.size, 2);
  t.equal(channelOf(callee).playing, undefined);
  await reinvites(caller, {});
  t.equal(channelOf(callee).group.size, 3);
});

t.test("music that is not there is logged, and the call goes on", async (t) => {
  const { exchange, caller, callee, reinvites } = await talking();
  exchange.projectcontrol.moh = MOH;
  exchange.media.failNext("play", "MEDIA_FILE_UNKNOWN");
  await reinvites(caller, HOLD);
  t.same([caller.hungup, callee.hungup, caller.hold], [false, false, true]);
  t.ok(exchange.lines.some(({ level, text }) => level === "warn" && text.includes("music on hold")));
});

t.test("an onhold that throws is logged, and ends its call", async (t) => {
  const { exchange, caller, reinvites } = await talking((call) => {
    call.onhold = () => {
      throw new Error("in onhold");
    };
  });
  await reinvites(caller, HOLD);
  await exchange.settle();
  t.equal(caller.hungup, true);
  t.match(exchange.errors, [{ fields: { callid: caller.callid } }]);
});
