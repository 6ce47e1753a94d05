import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { Exchange, NOTHING_LEFT, offerOf } from "./exchange.js";
import { talking, what } from "./talking.js";

const SOUP = { files: [{ wav: "welcome.wav" }] };

/** An answered call alone. */
async function alone(): Promise<{ exchange: Exchange; call: Call }> {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.answer();
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.settle();
  const call = exchange.controller.calls.get(callid);
  if (call === undefined) throw new Error("no call");
  return { exchange, call };
}

t.test("J060: a soup is played on the call's own channel, and is in the history", async (t) => {
  const { exchange, call } = await alone();
  await call.play(SOUP);
  t.match(exchange.media.commandsOf("play"), [{ uuid: call.leg.channel?.uuid, soup: SOUP }]);
  t.ok(what(call).some((line) => line.startsWith("Play soup") && line.includes("welcome.wav")));
});

t.test("J060: play right after answer waits for the channel", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => {
    void call.answer();
    void call.play(SOUP);
  };
  await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  t.equal(exchange.media.commandsOf("play").length, 1);
});

t.test("J060: without a channel nothing is played", async (t) => {
  const exchange = await Exchange.open();
  exchange.projectcontrol.onnewcall = (call) => call.play(SOUP);
  await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  t.same(exchange.media.commands, []);
  t.same(exchange.errors, []);
});

t.test("a soup that can't be played is logged, and the call goes on", async (t) => {
  const { exchange, call } = await alone();
  exchange.media.failNext("play", "MEDIA_FILE_UNKNOWN");
  await call.play(SOUP);
  t.match(exchange.errors, [{ fields: { callid: call.callid, err: { code: "MEDIA_FILE_UNKNOWN" } } }]);
  t.same([call.hungup, call.haserror], [false, false]);
});

t.test("a call in a mix leaves it to hear a soup, and mix takes it back, ending the soup", async (t) => {
  const { caller, callee, channelOf } = await talking();
  await caller.play(SOUP);
  t.equal(channelOf(caller).group.size, 0);
  t.equal(channelOf(callee).group.size, 0);
  t.ok(channelOf(caller).playing);
  await caller.mix();
  t.equal(channelOf(caller).group, channelOf(callee).group);
  t.equal(channelOf(caller).playing, undefined);
});

t.test("so does one that others mixed without our knowing", async (t) => {
  const { exchange, call } = await alone();
  const { uuid } = await exchange.media.execute({ type: "open" });
  await exchange.media.execute({ type: "mix", uuid: call.leg.channel?.uuid ?? "", other: uuid });
  await call.play(SOUP);
  t.same(exchange.errors, []);
  t.ok(exchange.media.channels.get(call.leg.channel?.uuid ?? "")?.playing);
});

t.test("J061, J062: unmix parts the two, mix joins them again; the callbacks get the call", async (t) => {
  const { caller, callee, channelOf } = await talking();
  const seen: unknown[] = [];
  const note = function (this: Call, call: Call): void {
    seen.push(this === call ? call : "other");
  };
  await caller.unmix(note);
  t.equal(channelOf(caller).group.size, 0);
  t.equal(channelOf(callee).group.size, 0);
  await callee.mix(note);
  t.equal(channelOf(caller).group, channelOf(callee).group);
  t.same(seen, [caller, callee]);
  t.same(
    what(caller).filter((line) => /^(Mix|Unmix)$/.test(line)),
    ["Mix", "Unmix", "Mix"],
  );
});

t.test("J061, J062: the callback is run where there is nobody to mix with, too", async (t) => {
  const { exchange, call } = await alone();
  let runs = 0;
  await call.mix(() => (runs += 1));
  await call.unmix(() => (runs += 1));
  t.equal(runs, 2);
  t.same([exchange.media.commandsOf("mix"), exchange.media.commandsOf("unmix")], [[], []]);
});

t.test("a callback of mix that throws ends its call", async (t) => {
  const { exchange, call } = await alone();
  await call.mix(() => {
    throw new Error("in a callback");
  });
  await exchange.settle();
  t.equal(call.hungup, true);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("what two play for themselves after unmix does not part them once more", async (t) => {
  const { exchange, caller, callee } = await talking();
  await caller.play(SOUP);
  await callee.play(SOUP);
  t.equal(exchange.media.commandsOf("unmix").length, 1);
});

t.test("demo 6: what the caller hears while it rings ends when the other answers", async (t) => {
  const { caller, callee, channelOf } = await talking((call) => {
    void call.answer();
    void call.play({ files: [{ wav: "ring.wav", loop: true }], loop: true });
  });
  t.equal(channelOf(caller).playing, undefined);
  t.equal(channelOf(caller).group, channelOf(callee).group);
});

t.test("a caller that plays in its onanswer is joined all the same", async (t) => {
  const { caller, callee, channelOf } = await talking((call) => {
    call.onanswer = () => call.play(SOUP);
  });
  t.equal(channelOf(caller).group.size, 2);
  t.equal(channelOf(caller).group, channelOf(callee).group);
});

t.test("echo: the far end hears itself, or no more; where it can't, the call goes on", async (t) => {
  const { exchange, call } = await alone();
  await call.echo();
  await call.echo({ enabled: false });
  t.match(exchange.media.commandsOf("echo"), [{ enabled: true }, { enabled: false }]);
  t.ok(what(call).includes("Echo off"));
  exchange.media.failNext("echo", "MEDIA_MIXED");
  await call.echo();
  t.match(exchange.errors, [{ fields: { err: { code: "MEDIA_MIXED" } } }]);
  t.same([call.hungup, call.haserror], [false, false]);
});
