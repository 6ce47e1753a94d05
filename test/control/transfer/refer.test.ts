import t from "tap";
import { ms } from "../../../ts/core/brand.js";
import type { Call } from "../../../ts/control/call.js";
import type { CallHappening } from "../../../ts/control/call-event.js";
import type { TransferRequest } from "../../../ts/control/transfer/transfer-rule.js";
import type { CallRefer } from "../../../ts/sip/sip-service.js";
import { Exchange, NOTHING_LEFT, answerTo, offerOf } from "../exchange.js";

const DOMAIN = "example.net";

interface Pair {
  readonly exchange: Exchange;
  readonly caller: Call;
  readonly callee: Call;
}

/** 1000 and 1001 talk; whoever is dialled is called. */
async function talking(): Promise<Pair> {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.newcall({ to: { user: call.destination } });
  const callid = await exchange.sip.invited({ from: "1000", to: "1001", domain: DOMAIN, sdp: offerOf() });
  await exchange.settle();
  const caller = exchange.controller.calls.get(callid);
  const callee = caller?.metadata.family.children[0];
  if (caller === undefined || callee === undefined) throw new Error("no call");
  await answers(exchange, callee);
  await exchange.sip.acks(callid);
  await exchange.settle();
  return { exchange, caller, callee };
}

async function answers(exchange: Exchange, call: Call): Promise<void> {
  await exchange.sip.answers(call.callid, answerTo(exchange.sip.dialog(call.callid).info.sdp.us));
  await exchange.settle();
}

/** The far end's REFER. @returns whether it is taken. */
async function refers(
  { exchange }: Pair,
  call: Call,
  user: string,
  more: Partial<CallRefer> = {},
): Promise<boolean> {
  const isTaken = await exchange.sip.refers(call.callid, user, more);
  await begins(exchange);
  return isTaken;
}

/** A transfer begins after its REFER is answered. */
async function begins(exchange: Exchange): Promise<void> {
  await exchange.clock.advance(ms(0));
  await exchange.settle();
}

const notifies = ({ exchange }: Pair): unknown[] =>
  exchange.sip.commandsOf("dialog.notify").map(({ callid, code }) => [callid, code]);

const childOf = (call: Call): Call => {
  const [child] = call.metadata.family.children;
  if (child === undefined) throw new Error("no child");
  return child;
};

t.test("J092: the other leg runs through onnewcall again; callbacks set before are gone", async (t) => {
  const pair = await talking();
  const { exchange, caller, callee } = pair;
  const ran: string[] = [];
  caller.onhangup = () => ran.push("of the first conversation");
  const seen: Call[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    seen.push(call);
    call.onhangup = () => ran.push("of the second");
  };
  const events: CallHappening[] = [];
  caller.watchers.add((event) => events.push(event));
  t.equal(await refers(pair, callee, "1003", { referredby: "sip:1001@example.net" }), true);
  t.strictSame(seen, [caller]);
  t.equal(caller.destination, "1003");
  t.equal(caller.info.refer?.referredby, "sip:1001@example.net");
  t.equal(callee.info.refer, undefined, "the REFER is told by its own event alone");
  t.match(
    events.find(({ type }) => type === "referred"),
    { to: "1003", domain: DOMAIN, by: callee.callid },
  );
  await answers(exchange, childOf(caller));
  t.strictSame(notifies(pair), [[callee.callid, 200]]);
  t.ok(callee.isOver, "the transferor is released");
  t.equal(caller.destination, "1003", "and stays it");
  await exchange.sip.ends(caller.callid);
  await exchange.settle();
  t.strictSame(ran, ["of the second"]);
  t.strictSame(exchange.left, NOTHING_LEFT);
});

t.test("J085 after a transfer: hang-ups follow between transferee and target", async (t) => {
  const pair = await talking();
  const { exchange, caller, callee } = pair;
  await refers(pair, callee, "1003");
  const target = childOf(caller);
  await answers(exchange, target);
  await exchange.sip.ends(target.callid);
  await exchange.settle();
  t.ok(caller.hasEnded);
  t.strictSame(exchange.left, NOTHING_LEFT);
});

t.test("the caller transfers: who was called calls, under its own name", async (t) => {
  const pair = await talking();
  const { exchange, caller, callee } = pair;
  t.equal(await refers(pair, caller, "1003"), true);
  const invite = exchange.sip.commandsOf("dialog.invite").at(-1);
  t.match(invite?.request, { from: { user: "1001" }, to: { user: "1003" } });
  t.equal(childOf(callee).metadata.family.parent, callee);
});

t.test("a rule decides: yes or no, at once or later; one that fails is a no", async (t) => {
  const asked: TransferRequest[] = [];
  for (const [rule, isAllowed] of [
    [() => true, true],
    [() => false, false],
    [() => Promise.resolve(true), true],
    [() => Promise.resolve(false), false],
    [() => Promise.reject(new Error("no idea")), false],
  ] as const) {
    const pair = await talking();
    const { exchange, caller, callee } = pair;
    exchange.controller.script.mayTransfer = (request) => {
      asked.push(request);
      return rule();
    };
    t.equal(await refers(pair, callee, "1003"), isAllowed);
    t.match(asked.at(-1), { refer: { to: "1003" } });
    t.equal(asked.at(-1)?.call, callee);
    t.equal(asked.at(-1)?.other, caller);
    t.equal(caller.metadata.family.children[0] === callee, !isAllowed, "refused: nothing has changed");
  }
});

t.test("who may not: an unanswered leg, one whose other leg is none, or is being transferred", async (t) => {
  const pair = await talking();
  const { exchange, callee } = pair;
  const alone = await exchange.sip.invited({ from: "1004", to: "9", domain: DOMAIN, sdp: offerOf() });
  await exchange.settle();
  const call = exchange.controller.calls.get(alone);
  if (call === undefined) throw new Error("no call");
  t.equal(await refers(pair, call, "1003"), false);
  t.equal(await refers(pair, callee, "1003"), true);
  t.equal(await refers(pair, callee, "1005"), false, "it has nobody to transfer any more");
});

t.test("the SIP side fails to notify: the transfer goes on", async (t) => {
  const pair = await talking();
  const { exchange, caller, callee } = pair;
  await refers(pair, callee, "1003");
  exchange.sip.failNext("dialog.notify", "SIP_UNAVAILABLE");
  await answers(exchange, childOf(caller));
  t.ok(callee.isOver);
  t.notOk(caller.isOver);
  t.equal(exchange.media.commandsOf("mix").length, 2);
});

t.test(
  "a script that throws in onnewcall ends the transferee and the transferor, and says 500",
  async (t) => {
    const pair = await talking();
    const { exchange, caller, callee } = pair;
    exchange.projectcontrol.onnewcall = () => {
      throw new Error("a mistake in the script");
    };
    await refers(pair, callee, "1003");
    t.ok(caller.isOver);
    t.ok(callee.isOver);
    t.strictSame(notifies(pair), [[callee.callid, 500]]);
    await exchange.settle();
    t.strictSame(exchange.left, NOTHING_LEFT);
  },
);

t.test("two who transfer each other at the same time: the first has it", async (t) => {
  const pair = await talking();
  const { exchange, caller, callee } = pair;
  const [first, second] = await Promise.all([
    exchange.sip.refers(callee.callid, "1003"),
    exchange.sip.refers(caller.callid, "1004"),
  ]);
  await begins(exchange);
  t.strictSame([first, second], [true, true], "neither has begun yet");
  t.strictSame(
    notifies(pair).map((each) => (each as unknown[])[1]),
    [487],
    "the second has no partner left",
  );
  t.equal(childOf(caller).info.to, "1003");
  t.notOk(caller.isOver);
});

t.test("whoever hangs up between the REFER and its beginning is left alone", async (t) => {
  for (const who of ["caller", "callee"] as const) {
    const pair = await talking();
    const { exchange, callee } = pair;
    t.equal(await exchange.sip.refers(callee.callid, "1003"), true);
    await exchange.sip.ends(pair[who].callid);
    await begins(exchange);
    t.strictSame(exchange.left, NOTHING_LEFT, who);
    t.strictSame(exchange.errors, []);
  }
});
