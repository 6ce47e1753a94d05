/** The stream that the record, the verbs that wait and those who watch from outside all read. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { CallEvent } from "../../ts/control/call-event.js";
import { Exchange, answerTo, offerOf } from "./exchange.js";
import { talking } from "./talking.js";

const kinds = (events: readonly CallEvent[]): string[] =>
  events.map(({ type }) => type).filter((type) => type !== "note" && type !== "channel");

t.test("an inbound call: each step once, in order, at its time", async (t) => {
  const exchange = await Exchange.open();
  const told: { call: Call; event: CallEvent }[] = [];
  exchange.controller.watchers.add((one) => told.push(one));
  exchange.projectcontrol.onnewcall = async (call) => {
    await call.ring();
    await call.answer();
  };
  const callid = await exchange.sip.invited({ from: "1000", to: "9", sdp: offerOf() });
  await exchange.settle();
  await exchange.sip.acks(callid);
  await exchange.sip.repeatsLastEvent(callid, "answered");
  await exchange.settle();
  await exchange.sip.ends(callid);
  await exchange.settle();
  t.same(kinds(told.map(({ event }) => event)), ["new", "rung", "answered", "ended"]);
  t.ok(told.every(({ call, event }) => call.callid === callid && event.at === exchange.clock.epoch()));
});

t.test("an outbound call: ringing, early, answered, ended", async (t) => {
  const exchange = await Exchange.open();
  const told: CallEvent[] = [];
  exchange.controller.watchers.add(({ event }) => told.push(event));
  const call = exchange.projectcontrol.newcall({
    to: { user: "1001" },
    from: { user: "1000", domain: "example.net" },
  });
  await exchange.settle();
  const ours = exchange.sip.dialog(call.callid).info.sdp.us;
  await exchange.sip.rings(call.callid);
  await exchange.sip.progresses(call.callid, answerTo(ours));
  await exchange.sip.answers(call.callid, answerTo(ours));
  await exchange.settle();
  await call.hangup();
  await exchange.settle();
  t.same(kinds(told), ["new", "ringing", "early", "answered", "ended"]);
  t.equal(call.endedBy, "us");
});

t.test("hold, unhold, keys of each way, and messages", async (t) => {
  const { exchange, caller, reinvites } = await talking();
  const told: CallEvent[] = [];
  caller.watchers.add((event) => told.push(event));
  await reinvites(caller, { direction: "inactive" });
  await reinvites(caller, {});
  const uuid = caller.leg.channel?.uuid ?? "";
  await exchange.media.emit({ type: "telephone-event", uuid, event: "5" });
  await exchange.media.emit({ type: "telephone-event-end", uuid, event: "5", durationMillis: 120 });
  await exchange.media.emit({ type: "telephone-event", uuid, event: "#", inband: true });
  await exchange.sip.presses(caller.callid, "*");
  await exchange.settle();
  t.match(
    told.filter(({ type }) => type !== "note" && type !== "channel"),
    [
      { type: "hold" },
      { type: "unhold" },
      { type: "key", key: "5", source: "telephone-event" },
      { type: "key-end", key: "5", durationMillis: 120 },
      { type: "key", key: "#", source: "inband" },
      { type: "key", key: "*", source: "info" },
    ],
  );
});

t.test("what the channel does is told of its call, and each line of the history", async (t) => {
  const { exchange, caller } = await talking();
  const told: CallEvent[] = [];
  caller.watchers.add((event) => told.push(event));
  await caller.play({ files: [{ wav: "a.wav" }] });
  await exchange.settle();
  t.match(
    told.filter(({ type }) => type === "channel"),
    [{ event: { type: "mix", event: "finished" } }, { event: { type: "play", event: "start" } }],
  );
  t.same(
    told.flatMap((event) => (event.type === "note" ? [event.what] : [])),
    caller.history.slice(-2).map(({ what }) => what),
  );
});

t.test("ended is the last event, told once, whoever ends it and however", async (t) => {
  for (const ends of [
    (exchange: Exchange, call: Call) => exchange.sip.ends(call.callid),
    (_exchange: Exchange, call: Call) => call.hangup("busy"),
    (exchange: Exchange, call: Call) => exchange.media.closes(call.leg.channel?.uuid ?? "", "idle-timeout"),
  ]) {
    const { exchange, caller } = await talking();
    const told: CallEvent[] = [];
    caller.watchers.add((event) => told.push(event));
    await ends(exchange, caller);
    await exchange.settle();
    t.equal(told.filter(({ type }) => type === "ended").length, 1);
    t.equal(kinds(told).at(-1), "ended");
  }
});

t.test("a history has a limit; those who watch are told of all", async (t) => {
  const { caller } = await talking();
  let notes = 0;
  caller.watchers.add(({ type }) => (notes += type === "note" ? 1 : 0));
  for (let line = 0; line < 6_000; line += 1) caller.history = `line ${String(line)}`;
  t.equal(notes, 6_000);
  t.equal(caller.history.length, 5_001);
  t.match(caller.history.at(-1), { what: "… and so on" });
});

t.test("onkey and onmessage hear what comes, each time, until the call is over", async (t) => {
  const { exchange, caller } = await talking();
  const heard: unknown[] = [];
  caller.onkey = function (call, { key, source }) {
    heard.push([this === call, key, source]);
  };
  caller.onmessage = (_call, { method, body }) => heard.push([method, body]);
  const uuid = caller.leg.channel?.uuid ?? "";
  await exchange.media.emit({ type: "telephone-event", uuid, event: "1" });
  await exchange.sip.presses(caller.callid, "2");
  caller.tell({ type: "message", message: { method: "MESSAGE", type: "text/plain", body: "hello" } });
  await exchange.settle();
  t.same(heard, [
    [true, "1", "telephone-event"],
    [true, "2", "info"],
    ["MESSAGE", "hello"],
  ]);
  void caller.hangup();
  await exchange.media.emit({ type: "telephone-event", uuid, event: "3" });
  await exchange.settle();
  t.equal(heard.length, 3);
});

t.test("an onkey that throws ends its call", async (t) => {
  const { exchange, caller } = await talking((call) => {
    call.onkey = () => {
      throw new Error("in onkey");
    };
  });
  await exchange.media.emit({ type: "telephone-event", uuid: caller.leg.channel?.uuid ?? "", event: "1" });
  await exchange.settle();
  t.equal(caller.hungup, true);
});
