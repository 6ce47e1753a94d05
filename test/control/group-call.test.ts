import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { Exchange, NOTHING_LEFT, answerTo, offerOf } from "./exchange.js";

interface Group {
  readonly exchange: Exchange;
  readonly caller: Call;
  readonly first: Call;
  readonly second: Call;
  readonly answers: (call: Call) => Promise<void>;
}

async function ringing(): Promise<Group> {
  const exchange = await Exchange.open();
  let children: Call[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    children = call.newcall([{ to: { user: "1001" } }, { to: { user: "1003" } }]);
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  const caller = exchange.controller.calls.get(callid);
  const [first, second] = children;
  if (caller === undefined || first === undefined || second === undefined) throw new Error("no group");
  await exchange.sip.rings(first.callid);
  await exchange.sip.rings(second.callid);
  await exchange.settle();
  const answers = (call: Call): Promise<void> =>
    exchange.sip.answers(call.callid, answerTo(exchange.sip.dialog(call.callid).info.sdp.us));
  return { exchange, caller, first, second, answers };
}

t.test("J059: the first to answer ends the others", async (t) => {
  const { exchange, caller, first, second, answers } = await ringing();
  await answers(second);
  await exchange.settle();
  t.same(exchange.sip.dialog(first.callid).hungup, { code: 200, reason: "Call completed elsewhere" });
  t.same([first.hungup, second.hungup, caller.hungup], [true, false, false]);
  t.same(caller.others, [second]);
  await exchange.sip.acks(caller.callid);
  await exchange.settle();
  t.match(exchange.media.commandsOf("mix"), [{ uuid: second.leg.channel?.uuid }]);
  await exchange.sip.ends(second.callid);
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J086: a loser's end does not end the caller", async (t) => {
  const { exchange, caller, first, second, answers } = await ringing();
  await exchange.sip.ends(first.callid, 486, "Busy Here");
  await exchange.settle();
  t.equal(caller.hungup, false);
  await answers(second);
  await exchange.settle();
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 1);
});

t.test("two answers that cross: one wins, and only one", async (t) => {
  const { exchange, caller, first, second, answers } = await ringing();
  await Promise.all([answers(first), answers(second)]);
  await exchange.settle();
  await exchange.sip.acks(caller.callid);
  await exchange.settle();
  t.same([first.hungup, second.hungup, caller.hungup], [false, true, false]);
  t.match(exchange.media.commandsOf("mix"), [{ uuid: first.leg.channel?.uuid }]);
});

t.test("the caller gives up: all are ended", async (t) => {
  const { exchange, caller } = await ringing();
  await exchange.sip.ends(caller.callid, 487, "Request Terminated");
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J087: all fail: the last one ends the caller, with the default code", async (t) => {
  const { exchange, caller, first, second } = await ringing();
  await exchange.sip.ends(first.callid, 486, "Busy Here");
  await exchange.settle();
  t.equal(caller.hungup, false);
  await exchange.sip.ends(second.callid, 603, "Decline");
  await exchange.settle();
  const { code, q850 } = exchange.sip.commandsOf("dialog.hangup").at(-1) ?? {};
  t.equal(code, undefined, "SIP's default");
  t.equal(q850, 21, "and beside it why the last one did not come: rejected");
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a request that can't be used starts none of the group", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    call.newcall([{ to: { user: "1001" } }, { to: { user: "" } }]);
  };
  await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  t.equal(exchange.sip.commandsOf("dialog.invite").length, 0);
  t.same(exchange.left, NOTHING_LEFT);
});
