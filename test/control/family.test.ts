import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { Exchange, NOTHING_LEFT, offerOf } from "./exchange.js";
import { talking, what } from "./talking.js";

async function three(): Promise<{ exchange: Exchange; calls: [Call, Call, Call] }> {
  const exchange = await Exchange.open();
  const calls: Call[] = [];
  exchange.projectcontrol.onnewcall = (call) => {
    calls.push(call);
    return call.answer();
  };
  for (const from of ["1000", "1001", "1002"]) {
    const callid = await exchange.sip.invited({ from, to: "9", sdp: offerOf() });
    await exchange.settle();
    await exchange.sip.acks(callid);
  }
  await exchange.settle();
  const [a, b, c] = calls;
  if (a === undefined || b === undefined || c === undefined) throw new Error("no three calls");
  return { exchange, calls: [a, b, c] };
}

t.test("J063: link makes a child, and hang-ups follow", async (t) => {
  const { exchange, calls } = await three();
  const [a, b] = calls;
  a.link(b);
  t.equal(b.metadata.family.parent, a);
  t.same(a.metadata.family.children, [b]);
  t.same([a.other, b.other], [b, a]);
  await exchange.sip.ends(a.callid);
  await exchange.settle();
  t.equal(b.hungup, true);
});

t.test("J063: link( false ) is nothing", async (t) => {
  const { calls } = await three();
  calls[0].link(false);
  t.same(calls[0].others, []);
});

t.test("a call can't be its own child", async (t) => {
  const { calls } = await three();
  t.throws(() => calls[0].link(calls[0]), { code: "ARGUMENT_INVALID", field: "other" });
});

t.test("a linked child leaves its former parent, which goes on", async (t) => {
  const { exchange, calls } = await three();
  const [a, b, c] = calls;
  a.link(b);
  c.link(b);
  t.same(a.metadata.family.children, []);
  await exchange.sip.ends(a.callid);
  await exchange.settle();
  t.same([b.hungup, c.hungup], [false, false]);
});

t.test("linked the other way round, the former parent is the child alone", async (t) => {
  const { calls } = await three();
  const [a, b] = calls;
  a.link(b);
  b.link(a);
  t.same([a.metadata.family.children, b.metadata.family.children], [[], [a]]);
  t.equal(b.metadata.family.parent, undefined);
});

t.test("a child linked to a call that is over is hung up; one that is over is not linked", async (t) => {
  const { exchange, calls } = await three();
  const [a, b, c] = calls;
  await exchange.sip.ends(a.callid);
  await exchange.settle();
  a.link(b);
  c.link(a);
  await exchange.settle();
  t.same([b.hungup, c.hungup, c.others.length], [true, false, 0]);
  await c.hangup();
  await exchange.settle();
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("J064: unlink drops parent and children both ways, and nobody is hung up", async (t) => {
  const { exchange, calls } = await three();
  const [a, b, c] = calls;
  a.link(b);
  b.link(c);
  b.unlink();
  t.same(
    calls.map(({ others }) => others),
    [[], [], []],
  );
  await exchange.sip.ends(b.callid);
  await exchange.settle();
  t.same([a.hungup, c.hungup], [false, false]);
  t.ok(what(b).includes("Unlink"));
});

t.test("J064: unlink keeps the parent's other children", async (t) => {
  const { calls } = await three();
  const [a, b, c] = calls;
  a.link(b);
  a.link(c);
  b.unlink();
  t.same(a.metadata.family.children, [c]);
});

t.test("two who are unlinked go on to hear each other, and end by themselves", async (t) => {
  const { exchange, caller, callee, channelOf } = await talking();
  callee.unlink();
  t.equal(channelOf(caller).group.size, 2);
  await exchange.sip.ends(callee.callid);
  await exchange.settle();
  t.equal(caller.hungup, false);
});
