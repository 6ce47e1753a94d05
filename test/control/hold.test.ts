import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { FakeChannel } from "../support/fake-media-channel.js";
import { Exchange, answerTo, offerOf, read, type PhoneSdp } from "./exchange.js";

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
