import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { NewCallRequest } from "../../ts/control/new-call-request.js";
import { seconds } from "../../ts/core/brand.js";
import { read, Exchange, NOTHING_LEFT, answerTo, offerOf } from "./exchange.js";

interface Outgoing {
  readonly exchange: Exchange;
  readonly caller: string;
  readonly child: Call;
  readonly events: string[];
}

/** 1000 calls; the script makes `request` of it. */
async function outgoing(
  request: NewCallRequest,
  prepare: (exchange: Exchange) => void = () => undefined,
  maxforwards = 70,
): Promise<Outgoing> {
  const exchange = await Exchange.open();
  prepare(exchange);
  const events: string[] = [];
  let child: Call | undefined;
  exchange.projectcontrol.onnewcall = (call) => {
    child = call.newcall(request);
    child.onnewcall = (c) => events.push(`newcall ${String(c.error?.code ?? "ok")}`);
    child.onhangup = () => events.push("hangup");
  };
  const caller = await exchange.sip.invited({ from: "1000", to: "1001", maxforwards, sdp: offerOf() });
  await exchange.settle();
  if (child === undefined) throw new Error("no child");
  return { exchange, caller, child, events };
}

const to1001 = { to: { user: "1001" } };

t.test("J050: a child's onnewcall tells that the call was made", async (t) => {
  const { events } = await outgoing(to1001);
  t.same(events, ["newcall ok"]);
});

t.test("J050, J034: and that it could not get a channel", async (t) => {
  const { exchange, events, child } = await outgoing(to1001, ({ media }) => (media.capacity = 0));
  t.same(events, ["newcall 480", "hangup"]);
  t.same(child.error, { code: 480, message: "Unable to create channel" });
  t.equal(exchange.sip.commandsOf("dialog.invite").length, 0);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J098: an invite that is refused ends the child, and the parent with the last one", async (t) => {
  const { exchange, events, child, caller } = await outgoing(to1001, ({ sip }) =>
    sip.failNext("dialog.invite", "USER_NOT_REGISTERED"),
  );
  t.same(events, ["newcall 480", "hangup"]);
  t.match(child.info, { hangup: true, error: { code: 480 } });
  t.match(exchange.sip.dialog(caller).info.error, { code: 480 });
  t.same(
    exchange.sip.commandsOf("dialog.hangup").map(({ callid }) => callid),
    [caller],
    "there is nothing to hang up where nothing was made",
  );
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("an invite whose result got lost is hung up, in case it was made", async (t) => {
  const { exchange, child } = await outgoing(to1001, ({ sip }) =>
    sip.failNext("dialog.invite", "SIP_UNAVAILABLE"),
  );
  t.ok(exchange.sip.commandsOf("dialog.hangup").some(({ callid }) => callid === child.callid));
  await exchange.clock.advance(seconds(5));
  t.equal(child.hungup, true);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J073: a child may be forwarded once less than its parent", async (t) => {
  const { exchange } = await outgoing(to1001, undefined, 12);
  t.equal(exchange.sip.commandsOf("dialog.invite")[0]?.request.maxforwards, 11);
});

t.test("J073: nothing is left to forward: 483, to the caller too", async (t) => {
  const { exchange, child, caller } = await outgoing(to1001, undefined, 1);
  t.match(child.error, { code: 483 });
  t.match(exchange.sip.dialog(caller).info.error, { code: 483, status: "Too Many Hops" });
  t.equal(exchange.sip.commandsOf("dialog.invite").length, 0);
  t.equal(exchange.media.commandsOf("open").length, 0);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J071, J072, J074: defaults come from the parent", async (t) => {
  const { exchange } = await outgoing(to1001);
  t.match(exchange.sip.commandsOf("dialog.invite")[0]?.request, {
    from: { user: "1000", domain: "example.net" },
    to: { user: "1001", domain: "example.net" },
    cid: { number: "1000", name: "1000" },
  });
});

t.test("J071-J076, J078: what the request says goes before that", async (t) => {
  const { exchange } = await outgoing({
    to: { user: "442071234567", domain: "trunk.example" },
    from: { user: "us", domain: "here.example", authsecret: "s" },
    cid: { number: "1", name: "One", private: true },
    maxforwards: 5,
    codecs: ["pcmu"],
    control: "http://192.0.2.9:9001",
  });
  const request = exchange.sip.commandsOf("dialog.invite")[0]?.request;
  t.match(request, {
    from: { user: "us", domain: "here.example", authsecret: "s" },
    to: { user: "442071234567", domain: "trunk.example" },
    cid: { number: "1", name: "One", private: true },
    maxforwards: 5,
    control: "http://192.0.2.9:9001",
  });
  t.same(read(request?.sdp).m[0]?.payloads, ["0"]);
  t.notHas(request, { codecs: [] });
});

t.test("J070: without a user to call the script is told at once", async (t) => {
  const exchange = await Exchange.open();
  t.throws(() => exchange.projectcontrol.newcall({ to: { user: "" }, from: { user: "a", domain: "b" } }), {
    code: "ARGUMENT_INVALID",
    field: "to.user",
  });
  t.throws(() => exchange.projectcontrol.newcall(to1001), { code: "ARGUMENT_INVALID", field: "from.user" });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J013: a call without a parent", async (t) => {
  const exchange = await Exchange.open();
  const heard: string[] = [];
  exchange.projectcontrol.onnewcall = () => heard.push("global onnewcall");
  exchange.projectcontrol.onanswer = () => heard.push("global onanswer");
  const call = exchange.projectcontrol.newcall({
    to: { user: "1001" },
    from: { user: "9", domain: "example.net" },
  });
  t.equal(exchange.projectcontrol.calls[call.callid], call, "it is in the books at once");
  await exchange.settle();
  t.equal(exchange.sip.commandsOf("dialog.invite")[0]?.request.maxforwards, 70);
  await exchange.sip.answers(call.callid, answerTo(exchange.sip.dialog(call.callid).info.sdp.us));
  await exchange.settle();
  t.same(heard, ["global onanswer"], "J005: not run for calls we make");
  t.same([call.originator, call.answered, call.destination], [true, true, "1001"]);
});

t.test("a codec name that is none ends the call, and says which", async (t) => {
  const { child, exchange } = await outgoing({ ...to1001, codecs: ["opus" as never] });
  t.match(child.error, { code: 500, message: /opus/ });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("codecs without audio", async (t) => {
  const { child, exchange } = await outgoing({ ...to1001, codecs: ["cn", "2833"] });
  t.match(child.error, { code: 488 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J097: events that overtake the result of the invite find their call", async (t) => {
  const { exchange, child } = await outgoing(to1001, ({ sip }) => {
    sip.duringInvite = async (callid) => {
      await sip.rings(callid);
      await sip.answers(callid, answerTo(sip.dialog(callid).info.sdp.us));
    };
  });
  t.same([child.ringing, child.answered], [true, true]);
  t.equal(exchange.controller.calls.size, 2);
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 1);
});

t.test("J097: the same where the SIP side takes another call-id", async (t) => {
  const { exchange, child, caller } = await outgoing(to1001, ({ sip }) => {
    sip.nameInvite = (_, fallback) => fallback;
    sip.duringInvite = async (callid) => {
      await sip.rings(callid);
      await sip.answers(callid, answerTo(sip.dialog(callid).info.sdp.us));
    };
  });
  t.same([child.ringing, child.answered], [true, true]);
  t.same([...exchange.controller.calls.keys()].sort(), [caller, child.callid].sort());
  t.match(child.callid, /^out-/);
  await exchange.sip.ends(caller);
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a call that was hung up while its invite was under way is hung up after it", async (t) => {
  let hangup = (): void => undefined;
  const { exchange, child } = await outgoing(to1001, ({ sip, controller }) => {
    hangup = () => void controller.calls.get([...controller.calls.keys()].at(-1) ?? "")?.hangup();
    sip.duringInvite = () => {
      hangup();
      return Promise.resolve();
    };
  });
  t.equal(child.hungup, true);
  t.ok(exchange.sip.commandsOf("dialog.hangup").some(({ callid }) => callid === child.callid));
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a call that ended before the result of its invite came is not told of as new", async (t) => {
  const { exchange, events } = await outgoing(to1001, ({ sip }) => {
    sip.duringInvite = (callid) => sip.ends(callid, 486, "Busy Here");
  });
  t.same(events, ["hangup"]);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a child for a call that is over comes to nothing", async (t) => {
  const exchange = await Exchange.open();
  let child: Call | undefined;
  exchange.projectcontrol.onnewcall = (call) => {
    call.onhangup = () => {
      child = call.newcall(to1001);
    };
    void call.hangup();
  };
  await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  t.match(child?.error, { code: 481 });
  t.equal(exchange.sip.commandsOf("dialog.invite").length, 0);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test(
  "RFC 5627: a caller who dialled one phone of a user gets that one, where the script calls this user",
  async (t) => {
    const exchange = await Exchange.open();
    exchange.projectcontrol.onnewcall = (call) => {
      call.newcall({ to: { user: "1001" } });
      call.newcall({ to: { user: "1002" } });
      call.newcall({ to: { user: "1001", gr: "urn:uuid:2" } });
    };
    await exchange.sip.invited({ from: "1000", to: "1001", gr: "urn:uuid:1", sdp: offerOf() });
    await exchange.settle();
    t.same(
      exchange.sip.commandsOf("dialog.invite").map(({ request }) => request.to.gr),
      ["urn:uuid:1", undefined, "urn:uuid:2"],
    );
  },
);
