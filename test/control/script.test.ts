/** The seed's face of a call: one test per behaviour of its callbacks, getters and methods. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { Exchange, NOTHING_LEFT, answerTo, offerOf } from "./exchange.js";

/** An inbound call that `script` is given. */
async function inbound(
  script: (call: Call, exchange: Exchange) => unknown,
): Promise<{ exchange: Exchange; call: Call }> {
  const exchange = await Exchange.open();
  let seen: Call | undefined;
  exchange.projectcontrol.onnewcall = (call) => {
    seen = call;
    return script(call, exchange);
  };
  await exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  if (seen === undefined) throw new Error("the script saw no call");
  return { exchange, call: seen };
}

const nothing = (): void => undefined;

async function up(exchange: Exchange, call: Call): Promise<void> {
  await exchange.sip.acks(call.callid);
  await exchange.settle();
}

t.test("J080: nothing is sent to the caller until the script acts", async (t) => {
  const { exchange, call } = await inbound(nothing);
  t.same(
    exchange.sip.commands.map(({ type }) => type),
    [],
  );
  t.same([call.ringing, call.answered, call.hungup, call.haserror], [false, false, false, false]);
});

t.test("without a script that takes calls, a call is refused at once", async (t) => {
  const exchange = await Exchange.open();
  const callid = await exchange.sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  t.match(exchange.sip.dialog(callid).info.error, { code: 480 });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("callbacks get the call as this and as argument", async (t) => {
  const seen: unknown[] = [];
  const { exchange, call } = await inbound((c) => {
    c.onringing = function (argument) {
      seen.push(this, argument);
    };
    void c.ring();
  });
  await exchange.settle();
  t.equal(seen.length, 2);
  t.ok(seen.every((value) => value === call));
});

t.test("J006: setters stack: all are called, in their order, global ones first", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c, { projectcontrol }) => {
    c.onringing = () => heard.push("call 1");
    c.onringing = () => heard.push("call 2");
    projectcontrol.onringing = () => heard.push("global 1");
    projectcontrol.onringing = () => heard.push("global 2");
  });
  await call.ring();
  t.same(heard, ["global 1", "global 2", "call 1", "call 2"]);
  t.equal(exchange.errors.length, 0);
});

t.test("J005: onnewcall stacks as well", async (t) => {
  const exchange = await Exchange.open();
  const heard: string[] = [];
  exchange.projectcontrol.onnewcall = () => heard.push("one");
  exchange.projectcontrol.onnewcall = () => heard.push("two");
  await exchange.sip.invited({ from: "1000", to: "1001" });
  await exchange.settle();
  t.same(heard, ["one", "two"]);
});

t.test("J007: onringing and onanswer of projectcontrol are for all calls", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((_, { projectcontrol }) => {
    projectcontrol.onringing = (c) => heard.push(`ringing ${c.callid}`);
    projectcontrol.onanswer = (c) => heard.push(`answer ${c.callid}`);
  });
  await call.ring();
  await call.answer();
  await up(exchange, call);
  t.same(heard, [`ringing ${call.callid}`, `answer ${call.callid}`]);
});

t.test("J008, J019, J053: the order at the end of a call", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c, { projectcontrol }) => {
    const inBooks = (): string => String(c.callid in projectcontrol.calls);
    c.onreporting = () => heard.push(`call onreporting ${inBooks()}`);
    c.onhangup = () => heard.push(`call onhangup ${inBooks()}`);
    projectcontrol.onreporting = () => heard.push("onreporting");
    projectcontrol.onhangup = (x) => heard.push(`onhangup ${String(x.hungup)}`);
  });
  await exchange.sip.ends(call.callid);
  await exchange.settle();
  t.same(heard, ["onhangup true", "call onhangup true", "onreporting", "call onreporting true"]);
  t.same(Object.keys(exchange.projectcontrol.calls), []);
});

t.test("J003, J004: calls and channels are objects by id", async (t) => {
  const { exchange, call } = await inbound((c) => c.answer());
  t.equal(exchange.projectcontrol.calls[call.callid], call);
  const uuid = call.metadata.channel?.uuid ?? "";
  t.equal(exchange.projectcontrol.channels[uuid], call);
  await call.hangup();
  await exchange.settle();
  t.same(exchange.projectcontrol.channels, {});
});

t.test("J030: info is what the last event said", async (t) => {
  const { exchange, call } = await inbound((c) => c.answer());
  t.equal(call.info.answered, false);
  await up(exchange, call);
  t.equal(call.info.answered, true);
  t.not(call.info.epochs.answer, 0);
});

t.test("J031, J032, J033: getters", async (t) => {
  const { exchange, call } = await inbound((c) => c.ring());
  t.same([call.ringing, call.answered, call.hungup], [true, false, false]);
  t.same([call.originator, call.destination, call.hold], [false, "1001", false]);
  await call.answer();
  t.equal(call.answered, false, "not before the ACK");
  await up(exchange, call);
  t.equal(call.answered, true);
  await call.hangup();
  await exchange.settle();
  t.equal(call.hungup, true);
});

t.test("J036: assigning history adds a line; the library adds its own", async (t) => {
  const { exchange, call } = await inbound((c) => {
    c.history = "into the menu";
    return c.ring();
  });
  await call.answer();
  await up(exchange, call);
  await exchange.sip.ends(call.callid, 486, " Busy Here");
  await exchange.settle();
  t.same(
    call.history.map(({ what }) => what),
    [
      "New call",
      "into the menu",
      "We ring",
      "We answer call",
      "Client confirmed answer",
      "Client hungup: Busy Here(486)",
    ],
  );
  t.equal(call.history[0]?.when, exchange.clock.epoch());
  t.equal(call.metadata.history, call.history);
});

t.test("J037, J038, J040, J041: metadata, family, other and others", async (t) => {
  const { call } = await inbound((c) => {
    c.metadata["ticket"] = 7;
    return c.newcall([{ to: { user: "1" } }, { to: { user: "2" } }]);
  });
  const [one, two] = call.metadata.family.children;
  t.equal(call.metadata["ticket"], 7);
  t.equal(one?.metadata.family.parent, call);
  t.equal(call.other, one);
  t.same(call.others, [one, two]);
  t.equal(one?.other, call);
  t.same(one?.others, [call]);
});

t.test("J040, J041: a call without a family has nobody", async (t) => {
  const { call } = await inbound(nothing);
  t.equal(call.other, false);
  t.same(call.others, []);
});

t.test("J039: metadata.channel tells where the channel is", async (t) => {
  const { exchange, call } = await inbound((c) => c.answer());
  t.match(call.metadata.channel, { ip: exchange.media.ip, port: 10_000, uuid: /-/ });
});

t.test("J051: onringing and onanswer fire once", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c) => {
    c.onringing = () => heard.push("ringing");
    c.onanswer = () => heard.push("answer");
  });
  await call.ring();
  await call.ring();
  await call.answer();
  await up(exchange, call);
  await call.answer();
  t.same(heard, ["ringing", "answer"]);
});

t.test("J054: ring tells the caller, with its alert info", async (t) => {
  const { exchange, call } = await inbound((c) => c.ring("<http://example.net/ring>"));
  t.match(exchange.sip.dialog(call.callid), { rung: true, alertinfo: "<http://example.net/ring>" });
});

t.test("J054: where it rings already, callbacks that wait for that are run", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c) => c.ring());
  call.onringing = () => heard.push("ringing");
  call.onanswer = () => heard.push("answer");
  await call.ring();
  t.same(heard, ["ringing"], "it is not answered");
  t.equal(exchange.sip.commandsOf("dialog.ring").length, 1);
});

t.test("J055: where it is answered already, callbacks that wait for that are run", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c) => c.answer());
  await up(exchange, call);
  call.onanswer = () => heard.push("one");
  void call.answer();
  t.same(heard, [], "not while the script runs");
  await exchange.settle();
  t.same(heard, ["one"]);
  t.equal(exchange.sip.commandsOf("dialog.answer").length, 1);
});

t.test("J056: hangup takes a name, a status, or nothing", async (t) => {
  const cases = [
    [undefined, { code: undefined, reason: undefined }],
    ["normal", { code: undefined, reason: undefined }],
    ["busy", { code: 486, reason: "Busy here" }],
    ["INCOMPATIBLE_DESTINATION", { code: 488, reason: "Not Acceptable Here" }],
    [
      { code: 604, reason: "Nobody" },
      { code: 604, reason: "Nobody" },
    ],
    [{ code: 503 }, { code: 503, reason: "Service Unavailable" }],
  ] as const;
  for (const [reason, expected] of cases) {
    const { exchange, call } = await inbound((c) => c.hangup(reason));
    const [command] = exchange.sip.commandsOf("dialog.hangup");
    t.same({ code: command?.code, reason: command?.reason }, expected, JSON.stringify(reason));
    t.equal(call.hungup, true);
  }
});

t.test("J056: a reason that is none is logged, and hangs up all the same", async (t) => {
  for (const reason of ["bussy", { code: 200 }, { code: 486.5 }]) {
    const { exchange, call } = await inbound((c) => c.hangup(reason));
    t.equal(call.hungup, true);
    t.equal(exchange.sip.commandsOf("dialog.hangup")[0]?.code, undefined);
    const told = exchange.lines.filter(({ level }) => level !== "debug");
    t.match(told, [{ level: "info" }, { level: "warn", fields: { reason } }]);
  }
});

t.test("J057: busy, notfound and paymentrequired", async (t) => {
  for (const [verb, code, reason] of [
    ["busy", 486, "Busy here"],
    ["notfound", 404, "Not found"],
    ["paymentrequired", 402, "Payment required"],
  ] as const) {
    const { exchange, call } = await inbound((c) => c[verb]());
    t.match(exchange.sip.commandsOf("dialog.hangup"), [{ code, reason }]);
    await call[verb]();
    t.equal(exchange.sip.commandsOf("dialog.hangup").length, 1, "no more once it is hung up");
  }
});

t.test("J099: a second hang-up changes nothing", async (t) => {
  const { exchange, call } = await inbound((c) => {
    void c.hangup("busy");
    void c.hangup("notfound");
  });
  t.match(exchange.sip.commandsOf("dialog.hangup"), [{ code: 486 }]);
  await call.hangup();
  t.equal(exchange.sip.commandsOf("dialog.hangup").length, 1);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("verbs on a call that is over do nothing, and do not reject", async (t) => {
  const { exchange, call } = await inbound((c) => c.hangup());
  const before = exchange.sip.commands.length;
  await call.ring();
  await call.answer();
  await call.busy();
  t.equal(exchange.sip.commands.length, before);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J100: a callback added by a callback is kept for the next time", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c) => {
    c.onanswer = () => {
      heard.push("first");
      c.onanswer = () => heard.push("second");
    };
    return c.answer();
  });
  await up(exchange, call);
  t.same(heard, ["first"]);
  await call.answer();
  t.same(heard, ["first", "second"]);
});

t.test("J009: registrations come as objects", async (t) => {
  const exchange = await Exchange.open();
  const seen: unknown[] = [];
  exchange.projectcontrol.onreg = (registration) => seen.push(registration);
  exchange.projectcontrol.ondereg = (who) => seen.push(who);
  await exchange.sip.register("example.net", "1000");
  await exchange.sip.deregister("example.net", "1000");
  t.match(seen, [
    { domain: "example.net", user: "1000", host: "192.0.2.1", port: 5060, agent: "fake" },
    { domain: "example.net", user: "1000" },
  ]);
});

t.test("a callback that throws ends its call, and no other", async (t) => {
  const exchange = await Exchange.open();
  const calls: Call[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    calls.push(call);
    if (call.destination === "bad") throw new Error("the script's own fault");
  };
  const good = await exchange.sip.invited({ from: "1000", to: "good", sdp: offerOf() });
  const bad = await exchange.sip.invited({ from: "1000", to: "bad", sdp: offerOf() });
  await exchange.settle();
  t.match(exchange.sip.dialog(bad).info.error, { code: 500, status: "Server Internal Error" });
  t.match(exchange.errors, [{ fields: { callid: bad }, text: /the script's own fault/ }]);
  t.same([...exchange.controller.calls.keys()], [good]);
  t.match(calls[1]?.error, { code: 500, message: "the script's own fault" });
});

t.test("so does one whose promise rejects, whenever it does", async (t) => {
  const { exchange, call } = await inbound(async (c) => {
    await c.answer();
    throw new Error("later");
  });
  t.match(call.error, { message: "later" });
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("callbacks that throw in each other place", async (t) => {
  const fail = (): never => {
    throw new Error("oops");
  };
  for (const setter of ["onringing", "onanswer", "onhangup", "onreporting"] as const) {
    const { exchange, call } = await inbound((c) => {
      c[setter] = fail;
      return c.ring();
    });
    await call.answer();
    if (!call.hungup) await up(exchange, call).catch(nothing);
    await call.hangup();
    await exchange.settle();
    t.equal(exchange.errors.length, 1, setter);
    t.same(exchange.left, NOTHING_LEFT, setter);
  }
});

t.test("what follows a callback that throws is run all the same", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c) => {
    c.onhangup = () => {
      throw new Error("oops");
    };
    c.onhangup = () => heard.push("second");
  });
  await call.hangup();
  await exchange.settle();
  t.same(heard, ["second"]);
});

t.test("a callback of registrations that throws ends nothing", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onreg = () => {
    throw new Error("oops");
  };
  await exchange.sip.register("example.net", "1000");
  t.match(exchange.errors, [{ text: /registration/ }]);
});

t.test("J085: hanging up a child leaves the caller with those that remain", async (t) => {
  const { exchange, call } = await inbound((c) => {
    c.newcall({ to: { user: "1" } });
    c.newcall({ to: { user: "2" } });
  });
  const [one, two] = call.metadata.family.children;
  await one?.hangup();
  await exchange.settle();
  t.same([call.hungup, call.others], [false, [two]]);
  await two?.hangup();
  await exchange.settle();
  t.equal(call.hungup, true);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J083: the child's own onanswer runs when the parent's answer is under way", async (t) => {
  const heard: string[] = [];
  const { exchange, call } = await inbound((c) => {
    const child = c.newcall({ to: { user: "1" } });
    child.onanswer = () => heard.push(`child, caller answered: ${String(c.answered)}`);
    c.onanswer = () => heard.push("caller");
  });
  const [child] = call.metadata.family.children;
  const { us } = exchange.sip.dialog(child?.callid ?? "").info.sdp;
  await exchange.sip.answers(child?.callid ?? "", answerTo(us));
  await exchange.settle();
  await up(exchange, call);
  t.same(heard, ["child, caller answered: false", "caller"]);
});
