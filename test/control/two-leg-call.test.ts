import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { seconds } from "../../ts/core/brand.js";
import { Exchange, NOTHING_LEFT, answerTo, offerOf, read } from "./exchange.js";

interface Pair {
  readonly exchange: Exchange;
  readonly caller: Call;
  readonly child: Call;
}

/** 1000 calls, the script calls 1001 for it. */
async function dialled(): Promise<Pair> {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.newcall({ to: { user: "1001" } });
  const callid = await exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  const caller = exchange.controller.calls.get(callid);
  const child = caller?.metadata.family.children[0];
  if (caller === undefined || child === undefined) throw new Error("no call");
  return { exchange, caller, child };
}

async function calleeAnswers({ exchange, child }: Pair, port = 5000): Promise<void> {
  const { us } = exchange.sip.dialog(child.callid).info.sdp;
  await exchange.sip.answers(child.callid, answerTo(us, { address: "192.0.2.2", port, codecs: ["pcma"] }));
  await exchange.settle();
}

async function talking(): Promise<Pair> {
  const pair = await dialled();
  await calleeAnswers(pair);
  await pair.exchange.sip.acks(pair.caller.callid);
  await pair.exchange.settle();
  return pair;
}

t.test("the callee is offered our own channel and the codecs the engine speaks", async (t) => {
  const { exchange, child } = await dialled();
  const [invite] = exchange.sip.commandsOf("dialog.invite");
  t.match(invite?.request, {
    callid: child.callid,
    from: { user: "1000", domain: "example.net" },
    to: { user: "1001", domain: "example.net" },
    cid: { number: "1000", name: "1000" },
    maxforwards: 69,
  });
  const [channel] = exchange.media.channels.values();
  const [audio] = read(invite?.request.sdp).m;
  t.match(audio, { port: channel?.port, payloads: ["8", "0", "9", "97", "101"] });
  t.equal(read(invite?.request.sdp).c?.address, exchange.media.ip);
  t.match(read(invite?.request.sdp).o, { sessionid: /^\d+$/, sessionversion: "1" });
});

t.test("J082: what rings at the callee rings at the caller, once", async (t) => {
  const { exchange, caller, child } = await dialled();
  await exchange.sip.rings(child.callid);
  await exchange.sip.rings(child.callid);
  await exchange.settle();
  t.equal(exchange.sip.dialog(caller.callid).rung, true);
  t.equal(exchange.sip.commandsOf("dialog.ring").length, 1);
  t.same([child.ringing, caller.ringing, caller.answered], [true, true, false]);
});

t.test("J083, J084: the callee's answer answers the caller, and the ACK bridges them", async (t) => {
  const pair = await dialled();
  const { exchange, caller, child } = pair;
  await calleeAnswers(pair);
  const answered = exchange.sip.dialog(caller.callid).info.sdp.us;
  t.match(read(answered).m[0]?.payloads, ["0"], "the caller's own codec is answered");
  t.equal(exchange.media.commandsOf("mix").length, 0, "nobody is bridged before the ACK");

  await exchange.sip.acks(caller.callid);
  await exchange.settle();
  const [mix] = exchange.media.commandsOf("mix");
  t.match(mix, { uuid: child.leg.channel?.uuid, other: caller.leg.channel?.uuid });
  const [one, two] = [caller, child].map(
    ({ leg }) => exchange.media.channels.get(leg.channel?.uuid ?? "")?.remote,
  );
  t.match(one, { address: "192.0.2.1", port: 4000, formats: [{ payloadType: 0, format: "PCMU" }] });
  t.match(two, { address: "192.0.2.2", port: 5000, formats: [{ payloadType: 8, format: "PCMA" }] });
  t.same([one?.direction, two?.direction], Array(2).fill({ send: true, recv: true }));
  t.same(exchange.errors, []);
});

t.test("iLBC at one end, G.722 at the other, and keys numbered by each", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.newcall({ to: { user: "1001" } });
  const theirs = offerOf({ codecs: ["ilbc@30", "2833"] })
    .replaceAll(/\b97\b/g, "120")
    .replaceAll(/\b101\b/g, "121");
  const callid = await exchange.sip.invited({ from: "1000", to: "1001", sdp: theirs });
  await exchange.settle();
  const caller = exchange.controller.calls.get(callid);
  const child = caller?.metadata.family.children[0];
  const { us } = exchange.sip.dialog(child?.callid ?? "").info.sdp;
  const answer = answerTo(us, { address: "192.0.2.2", codecs: ["722", "2833"] }).replaceAll(/\b101\b/g, "96");
  await exchange.sip.answers(child?.callid ?? "", answer);
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.settle();
  const [one, two] = [caller, child].map(
    (call) => exchange.media.channels.get(call?.leg.channel?.uuid ?? "")?.remote,
  );
  t.match(one, { formats: [{ payloadType: 120, format: "iLBC/30" }], telephoneEvent: 121, ptime: 30 });
  t.match(two, {
    formats: [{ payloadType: 9, format: "G722" }],
    telephoneEvent: 96,
    telephoneEventReceive: 101,
  });
  const [audio] = read(exchange.sip.dialog(callid).info.sdp.us).m;
  t.match(audio, { payloads: ["120", "121"], fmtp: new Map([["120", "mode=30"]]), ptime: 30 });
  t.equal(exchange.media.commandsOf("mix").length, 1);
});

t.test("a channel is pointed at the caller before the caller hears of the answer", async (t) => {
  const { exchange, caller } = await talking();
  const uuid = caller.leg.channel?.uuid;
  t.ok(exchange.media.commandsOf("target").some((command) => command.uuid === uuid));
});

t.test("the caller hangs up", async (t) => {
  const { exchange, caller, child } = await talking();
  await exchange.sip.ends(caller.callid);
  await exchange.settle();
  t.same(exchange.sip.dialog(child.callid).hungup, {}, "the callee got a BYE");
  t.same(exchange.left, NOTHING_LEFT);
  t.same([caller.hungup, child.hungup], [true, true]);
});

t.test("J085: the callee hangs up", async (t) => {
  const { exchange, caller, child } = await talking();
  await exchange.sip.ends(child.callid);
  await exchange.settle();
  t.same(exchange.sip.dialog(caller.callid).hungup, {}, "the caller got a BYE");
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("the script hangs up either leg", async (t) => {
  for (const side of ["caller", "child"] as const) {
    const pair = await talking();
    await pair[side].hangup();
    await pair.exchange.settle();
    t.same(pair.exchange.left, NOTHING_LEFT, side);
  }
});

t.test("J088: the caller gives up while the callee rings", async (t) => {
  const { exchange, caller, child } = await dialled();
  await exchange.sip.rings(child.callid);
  await exchange.sip.ends(caller.callid, 487, "Request Terminated");
  await exchange.settle();
  t.not(exchange.sip.dialog(child.callid).hungup, undefined, "the callee got a CANCEL");
  t.same(exchange.left, NOTHING_LEFT);
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 0);
});

t.test("the caller gives up before the callee was even invited", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    call.newcall({ to: { user: "1001" } });
    void call.hangup();
  };
  await exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  t.equal(exchange.sip.commandsOf("dialog.invite").length, 0);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("the callee is busy: the caller hears the default refusal", async (t) => {
  const { exchange, caller, child } = await dialled();
  await exchange.sip.ends(child.callid, 486, " Busy Here");
  await exchange.settle();
  t.match(exchange.sip.dialog(caller.callid).info.error, { code: 480 });
  t.same(child.info.error, { code: 486, status: " Busy Here" });
  t.equal(child.haserror, false, "nothing went wrong here");
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a hang-up callback of the callee's leg may choose what the caller hears", async (t) => {
  const { exchange, caller, child } = await dialled();
  child.onhangup = () => caller.busy();
  await exchange.sip.ends(child.callid, 486, " Busy Here");
  await exchange.settle();
  t.match(exchange.sip.dialog(caller.callid).hungup, { code: 486, reason: "Busy here" });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a hang-up callback may try somebody else: the caller stays", async (t) => {
  const { exchange, caller, child } = await dialled();
  child.onhangup = () => caller.newcall({ to: { user: "1002" } });
  await exchange.sip.ends(child.callid, 486, " Busy Here");
  await exchange.settle();
  t.equal(exchange.sip.dialog(caller.callid).hungup, undefined);
  t.equal(exchange.sip.commandsOf("dialog.invite")[1]?.request.to.user, "1002");
  t.same(exchange.controller.health(), { calls: 2, channels: 1 });
});

t.test("a caller without an offer gets ours, and the ACK's answer is followed", async (t) => {
  const exchange = await Exchange.open();
  const fired: string[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    call.onanswer = () => fired.push("answer");
    void call.answer();
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "9" });
  await exchange.settle();
  const { us } = exchange.sip.dialog(callid).info.sdp;
  t.match(read(us).m[0], { payloads: ["8", "0", "9", "97", "101"], direction: "sendrecv" });
  t.equal(exchange.media.commandsOf("target").length, 0, "nobody has said yet where to send");
  await exchange.sip.acks(callid, answerTo(us, { port: 4321, codecs: ["pcmu"] }));
  await exchange.settle();
  t.match(exchange.media.commandsOf("target"), [{ remote: { port: 4321, formats: [{ format: "PCMU" }] } }]);
  t.same(fired, ["answer"]);
});

t.test("a late offer whose ACK brings no answer ends the call", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer();
  const callid = await exchange.sip.invited({ from: "1000", to: "9" });
  await exchange.settle();
  const call = exchange.controller.calls.get(callid);
  await exchange.sip.acks(callid);
  await exchange.settle();
  t.match(call?.error, { code: 488 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a 2xx with an offer is answered in our ACK", async (t) => {
  const { exchange, caller, child } = await dialled();
  await exchange.sip.offers(child.callid, offerOf({ port: 5050, codecs: ["pcma"] }));
  await exchange.settle();
  const [ack] = exchange.sip.commandsOf("dialog.ack");
  t.match(read(ack?.sdp).m[0]?.payloads, ["8"]);
  t.match(exchange.media.channels.get(child.leg.channel?.uuid ?? "")?.remote, { port: 5050 });
  await exchange.sip.acks(caller.callid);
  await exchange.settle();
  t.equal(exchange.media.commandsOf("mix").length, 1);
});

t.test("no codec in common with the caller: 488", async (t) => {
  const exchange = await Exchange.open();
  let call: Call | undefined;
  exchange.projectcontrol.onnewcall = (c) => {
    call = c;
    return c.answer();
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf({ codecs: ["l16"] }) });
  await exchange.settle();
  t.match(exchange.sip.dialog(callid).info.error, { code: 488, status: "Not Acceptable Here" });
  t.match(call?.error, { code: 488 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("answer({ codecs }) narrows what is taken", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer({ codecs: ["pcma"] });
  const sdp = offerOf({ codecs: ["pcmu", "pcma"] });
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp });
  await exchange.settle();
  t.same(read(exchange.sip.dialog(callid).info.sdp.us).m[0]?.payloads, ["8"]);
});

t.test("an offer that can't be read: 488", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer();
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: "v=1\r\n" });
  await exchange.settle();
  t.match(exchange.sip.dialog(callid).info.error, { code: 488 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a callee whose answer is of no use is hung up, and the caller with it", async (t) => {
  const { exchange, child } = await dialled();
  await exchange.sip.answers(child.callid, offerOf({ codecs: ["l16"] }));
  await exchange.settle();
  t.match(child.error, { code: 488 });
  t.same(exchange.left, NOTHING_LEFT);
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 0);
});

t.test("no port for the caller: 480, and nothing stays", async (t) => {
  const exchange = await Exchange.open();
  exchange.media.capacity = 0;
  let call: Call | undefined;
  exchange.projectcontrol.onnewcall = (c) => {
    call = c;
    return c.answer();
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  t.same(call?.error, { code: 480, message: "Unable to create channel" });
  t.match(exchange.sip.dialog(callid).info.error, { code: 480 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("no port for the second leg once the first has one", async (t) => {
  const pair = await dialled();
  pair.exchange.media.capacity = 1;
  await calleeAnswers(pair);
  t.match(pair.caller.error, { code: 480 });
  t.same(pair.exchange.left, NOTHING_LEFT);
});

t.test("each command that can fail: the call ends and nothing stays", async (t) => {
  const steps = ["dialog.answer", "dialog.ring"] as const;
  for (const type of steps) {
    const pair = await dialled();
    pair.exchange.sip.failNext(type, "SIP_UNAVAILABLE");
    await pair.exchange.sip.rings(pair.child.callid);
    if (type === "dialog.answer") await calleeAnswers(pair);
    await pair.exchange.settle();
    t.match(pair.caller.error, { code: 503 }, type);
    t.same(pair.exchange.left, NOTHING_LEFT, type);
  }
  for (const type of ["target", "mix"] as const) {
    const pair = await dialled();
    pair.exchange.media.failNext(type, "MEDIA_UNAVAILABLE");
    await calleeAnswers(pair);
    if (type === "mix") await pair.exchange.sip.acks(pair.caller.callid);
    await pair.exchange.settle();
    t.match(pair.child.error, { code: 503 }, type);
    t.same(pair.exchange.left, NOTHING_LEFT, type);
  }
});

t.test("a hang-up that the SIP side refuses ends the call here all the same", async (t) => {
  const { exchange, caller } = await talking();
  exchange.sip.failNext("dialog.hangup", "SIP_UNAVAILABLE");
  await caller.hangup();
  await exchange.settle();
  t.equal(caller.hungup, true);
  t.match(exchange.controller.health(), { calls: 0, channels: 0 });
});

t.test("a last word that never comes is not waited for without end", async (t) => {
  const { exchange, caller } = await talking();
  exchange.sip.confirmsHangups = false;
  await caller.hangup();
  await exchange.clock.advance(seconds(69));
  t.equal(caller.hungup, false);
  await exchange.clock.advance(seconds(80));
  t.equal(caller.hungup, true);
  t.match(exchange.left, { calls: 0, channels: 0, timers: 0 });
});

t.test("a channel that the engine closes ends both legs", async (t) => {
  for (const reason of ["idle-timeout", "error"] as const) {
    const { exchange, caller, child } = await talking();
    await exchange.media.closes(caller.leg.channel?.uuid ?? "", reason);
    await exchange.settle();
    t.match(caller.error, { code: 503, message: new RegExp(reason) });
    t.same([caller.hungup, child.hungup], [true, true]);
    t.same(exchange.left, NOTHING_LEFT);
    t.equal(exchange.media.commandsOf("close").length, 1, "what is closed already is not closed again");
  }
});

t.test("a call already answered by the script is bridged when its callee answers", async (t) => {
  const exchange = await Exchange.open();
  let child: Call | undefined;
  exchange.projectcontrol.onnewcall = (call) => {
    call.onanswer = () => {
      child = call.newcall({ to: { user: "1001" } });
    };
    void call.answer();
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "6", sdp: offerOf() });
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.settle();
  if (child === undefined) throw new Error("no child");
  await exchange.sip.rings(child.callid);
  await exchange.sip.answers(child.callid, answerTo(exchange.sip.dialog(child.callid).info.sdp.us));
  await exchange.settle();
  t.equal(exchange.sip.commandsOf("dialog.ring").length, 0);
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 1);
  t.equal(exchange.media.commandsOf("mix").length, 1);
});
