import t from "tap";
import { Exchange, NOTHING_LEFT, offerOf } from "./exchange.js";

t.test("an event that comes twice is taken once", async (t) => {
  const exchange = await Exchange.open();
  let calls = 0;
  let answers = 0;
  exchange.projectcontrol.onnewcall = (call) => {
    calls += 1;
    call.onanswer = () => {
      answers += 1;
      call.onanswer = () => (answers += 1);
    };
    return call.answer();
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.sip.repeatsLastEvent(callid, "new");
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.sip.repeatsLastEvent(callid, "answered");
  await exchange.settle();
  t.same([calls, answers], [1, 1]);
  t.equal(exchange.controller.calls.size, 1);
});

t.test("so is one that asks for something each time", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer();
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.sip.reinvites(callid, offerOf({ port: 4444 }));
  await exchange.sip.repeatsLastEvent(callid, "reinvite");
  await exchange.settle();
  t.equal(exchange.sip.commandsOf("dialog.ok").length, 1);
});

t.test("a call that is hung up before its answer was begun gets no channel", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    void call.ring();
    void call.answer();
    void call.hangup("busy");
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.same(exchange.media.commands, []);
  t.same(
    exchange.sip.commands.map(({ type }) => type),
    ["dialog.hangup"],
  );
  t.match(exchange.sip.dialog(callid).info.error, { code: 486 });
});

t.test("a call that is hung up while its channel is opened is not answered", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    void call.answer();
    exchange.media.duringOpen = () => call.hangup("busy");
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.same(exchange.sip.commandsOf("dialog.answer"), []);
  t.match(exchange.sip.dialog(callid).info.error, { code: 486 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("events of calls that are not known here are left alone", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = () => undefined;
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  const { info } = exchange.sip.dialog(callid);
  for (const originator of [true, false]) {
    for (const cause of ["ringing", "answered", "reinvite", "ended"] as const) {
      await exchange.controller.onSipEvent({
        type: "dialog",
        number: 5,
        cause,
        info: { ...info, callid: "unknown", originator },
      });
    }
  }
  await exchange.settle();
  t.same([...exchange.controller.calls.keys()], [callid]);
});

t.test("a far end that hangs up while the answer is being made leaves nothing open", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    void call.answer();
    void exchange.sip.ends(call.callid, 487, "Request Terminated");
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
  t.equal(exchange.sip.dialog(callid).info.answered, false);
  t.same(exchange.errors, [], "which is nobody's fault");
});

t.test("a verb that the end of the call overtook is no error", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = () => undefined;
  const callid = await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  const call = exchange.controller.calls.get(callid);
  exchange.sip.failNext("dialog.ring", "CALL_UNKNOWN");
  await call?.ring();
  await exchange.settle();
  t.equal(call?.haserror, false);
  t.same(exchange.errors, []);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a channel's closing that nobody waits for is left alone", async (t) => {
  const exchange = await Exchange.open();
  await exchange.media.execute({ type: "open" });
  const [uuid = ""] = exchange.media.channels.keys();
  await exchange.media.closes(uuid, "idle-timeout");
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a channel that is closed while its call is about to use it", async (t) => {
  const exchange = await Exchange.open();
  const call = exchange.projectcontrol.newcall({
    to: { user: "1" },
    from: { user: "9", domain: "example.net" },
  });
  await exchange.settle();
  const uuid = call.metadata.channel?.uuid ?? "";
  const offered = exchange.sip.offers(call.callid, offerOf());
  await Promise.all([offered, exchange.media.closes(uuid, "idle-timeout")]);
  await exchange.settle();
  t.equal(call.hungup, true);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("hangupAll ends every call", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    call.newcall({ to: { user: "1001" } });
  };
  for (let count = 0; count < 3; count++)
    await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.same(exchange.controller.health(), { calls: 6, channels: 3 });
  await exchange.controller.hangupAll();
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});
