import t from "tap";
import type { Call } from "../../ts/control/call.js";
import { CallQueues } from "../../ts/control/queue-of-calls.js";
import { projectqueue } from "../../ts/projectqueue.js";
import { Exchange, NOTHING_LEFT, offerOf } from "./exchange.js";
import { what } from "./talking.js";

interface Line {
  readonly exchange: Exchange;
  readonly queues: CallQueues;
  readonly heard: string[];
  readonly joins: (from: string) => Promise<Call>;
}

async function line(): Promise<Line> {
  const exchange = await Exchange.open();
  const queues = new CallQueues();
  const heard: string[] = [];
  let last: Call | undefined;
  exchange.projectcontrol.onnewcall = async (call) => {
    last = call;
    await call.answer();
    queues.find("sales").queue(call);
  };
  queues.find("sales").onpositionchange = (call) => {
    heard.push(`${call.info.from} ${String(call.metadata.queue?.position)}`);
  };
  return {
    exchange,
    queues,
    heard,
    joins: async (from) => {
      const callid = await exchange.sip.invited({ from, to: "1", sdp: offerOf() });
      await exchange.settle();
      await exchange.sip.acks(callid);
      await exchange.settle();
      if (last === undefined) throw new Error("no call");
      return last;
    },
  };
}

t.test("J110: a name is one queue, made when it is first asked for", (t) => {
  const queues = new CallQueues();
  t.equal(queues.find("a"), queues.find("a"));
  t.not(queues.find("a"), queues.find("b"));
  t.equal(queues.find("a").name, "a");
  t.ok(projectqueue instanceof CallQueues);
  t.end();
});

t.test("J112: who joins waits at the end, and the history says so", async (t) => {
  const { queues, joins } = await line();
  const first = await joins("a");
  const second = await joins("b");
  t.same(first.metadata.queue, { state: "waiting", position: 1 });
  t.same(second.metadata.queue, { state: "waiting", position: 2 });
  t.ok(what(second).includes("Queue sales: waiting, position 2"));
  t.same(queues.find("sales").calls, [first, second]);
});

t.test("J111, J113: callbacks run for who joins, and for all that are left when one gives up", async (t) => {
  const { exchange, heard, joins } = await line();
  const first = await joins("a");
  const second = await joins("b");
  const third = await joins("c");
  t.same(heard.splice(0), ["a 1", "b 2", "c 3"]);
  await exchange.sip.ends(second.callid);
  await exchange.settle();
  t.same(heard, ["a 1", "c 2"]);
  t.match(second.metadata.queue, { state: "abandoned" });
  t.same(
    [first.metadata.queue, third.metadata.queue],
    [
      { state: "waiting", position: 1 },
      { state: "waiting", position: 2 },
    ],
  );
});

t.test("J111: callbacks stack, and those of all queues run first", async (t) => {
  const { queues, heard, joins } = await line();
  queues.onpositionchange = function (call) {
    heard.push(`all ${String(this === call)}`);
  };
  queues.find("sales").onpositionchange = () => heard.push("second");
  await joins("a");
  t.same(heard, ["all true", "a 1", "second"]);
});

t.test("J114: who is delivered waits no more: the others move up", async (t) => {
  const { exchange, queues, heard, joins } = await line();
  const first = await joins("a");
  const second = await joins("b");
  heard.length = 0;
  queues.find("sales").delivered(first);
  t.match(first.metadata.queue, { state: "talking" });
  t.same(second.metadata.queue, { state: "waiting", position: 1 });
  t.same(heard, ["b 1"]);
  const third = await joins("c");
  t.match(third.metadata.queue, { position: 2 });
  await exchange.sip.ends(first.callid);
  await exchange.settle();
  t.match(first.metadata.queue, { state: "talking" }, "its end abandons nothing");
});

t.test("J115: on a change of position a soup is played", async (t) => {
  const { exchange, queues, joins } = await line();
  queues.find("sales").onpositionchange = (call) =>
    call.play({
      files: [{ wav: `${String(call.metadata.queue?.position)}.wav` }, { wav: "moh.wav", loop: true }],
    });
  const first = await joins("a");
  await joins("b");
  queues.find("sales").delivered(first);
  await exchange.settle();
  t.match(
    exchange.media.commandsOf("play").map(({ soup }) => soup.files[0]),
    [{ wav: "1.wav" }, { wav: "2.wav" }, { wav: "1.wav" }],
  );
});

t.test("clearcallbacks does not take a call out of sight of its queue", async (t) => {
  const { exchange, queues, joins } = await line();
  const call = await joins("a");
  call.clearcallbacks();
  await exchange.sip.ends(call.callid);
  await exchange.settle();
  t.same(queues.find("sales").calls, []);
});

t.test("a call waits once, in one queue, and never when it is over", async (t) => {
  const { exchange, queues, heard, joins } = await line();
  const call = await joins("a");
  queues.find("sales").queue(call);
  t.same(heard, ["a 1"]);
  queues.find("other").queue(call);
  t.same([queues.find("sales").calls, queues.find("other").calls], [[], [call]]);
  await exchange.sip.ends(call.callid);
  await exchange.settle();
  queues.find("sales").queue(call);
  t.same(queues.find("sales").calls, []);
  t.same(exchange.left, NOTHING_LEFT);
});

t.test("a callback that throws ends its own call; the others hear of it", async (t) => {
  const { exchange, queues, joins } = await line();
  const first = await joins("a");
  const second = await joins("b");
  queues.find("sales").onpositionchange = (call) => {
    if (call === first) throw new Error("in onpositionchange");
  };
  const third = await joins("c");
  queues.find("sales").delivered(third);
  await exchange.settle();
  t.same([first.hungup, second.hungup], [true, false]);
  t.same(second.metadata.queue, { state: "waiting", position: 1 });
});

t.test("a callback may take the next one out: who left is not told", async (t) => {
  const { queues, heard, joins } = await line();
  const first = await joins("a");
  const second = await joins("b");
  const third = await joins("c");
  let isOut = false;
  queues.find("sales").onpositionchange = () => {
    if (isOut) return;
    isOut = true;
    queues.find("sales").delivered(third);
  };
  heard.length = 0;
  queues.find("sales").delivered(first);
  t.same(queues.find("sales").calls, [second]);
  t.notOk(heard.includes("c 2"));
});

t.test("names have a limit", (t) => {
  const queues = new CallQueues();
  for (let number = 0; number < 10_000; number += 1) queues.find(String(number));
  t.throws(() => queues.find("one more"), { code: "ARGUMENT_INVALID", field: "name" });
  t.equal(queues.find("7").name, "7");
  t.end();
});
