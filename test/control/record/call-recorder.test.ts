/** What is written of a call when it is over. */
import t from "tap";
import { seconds } from "../../../ts/core/brand.js";
import type { CallDetailRecord } from "../../../ts/control/record/call-detail-record.js";
import { CallRecorder } from "../../../ts/control/record/call-recorder.js";
import { SeededRandom } from "../../support/seeded-random.js";
import { answerTo, Exchange, offerOf } from "../exchange.js";

async function recorded(
  options: { readonly keepsDigits?: boolean } = {},
): Promise<{ exchange: Exchange; recorder: CallRecorder; records: CallDetailRecord[] }> {
  const exchange = await Exchange.open();
  const { controller, clock, log } = exchange;
  const recorder = new CallRecorder({ controller, clock, log, random: new SeededRandom(9), ...options });
  const records: CallDetailRecord[] = [];
  recorder.add((record) => void records.push(record));
  return { exchange, recorder, records };
}

t.test("two legs: one record, with times, legs, cause and who hung up", async (t) => {
  const { exchange, records } = await recorded();
  const { sip, clock, projectcontrol } = exchange;
  projectcontrol.onnewcall = (call) => {
    call.metadata["cdr"] = { customer: 17 };
    call.newcall({ to: { user: "1001" } });
  };
  const started = clock.epoch();
  const a = await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  const [b] = sip.live.filter(({ info }) => info.originator);
  t.ok(b);
  await clock.advance(seconds(2));
  await sip.rings(b!.info.callid);
  await clock.advance(seconds(3));
  await sip.answers(b!.info.callid, answerTo(b!.info.sdp.us));
  await exchange.settle();
  await sip.acks(a);
  await exchange.settle();
  await clock.advance(seconds(60));
  t.same(records, [], "nothing while it lives");
  await sip.ends(b!.info.callid);
  await exchange.settle();
  await clock.advance(seconds(10));
  t.equal(records.length, 1);
  const [record] = records;
  t.match(record, {
    version: 1,
    direction: "inbound",
    from: "1000",
    to: "1001",
    domain: "example.net",
    start: started,
    ring: started + 2000,
    answer: started + 5000,
    duration: 65_000,
    billed: 60_000,
    cause: { name: "normal", q850: 16, side: "us" },
    endedBy: { leg: b!.info.callid, side: "them" },
    metadata: { customer: 17 },
    legs: [
      { callid: a, direction: "inbound", billed: 60_000 },
      { callid: b!.info.callid, direction: "outbound", billed: 60_000, cause: { side: "them" } },
    ],
  });
  for (const leg of record!.legs)
    t.type(leg.media?.received.lost, "number", "statistics of the closed channel");
  t.notOk(record!.cutShort);
  t.doesNotThrow(() => JSON.stringify(record));
});

t.test("a busy callee: the caller's record has both causes", async (t) => {
  const { exchange, records } = await recorded();
  const { sip, clock, projectcontrol } = exchange;
  projectcontrol.onnewcall = (call) => {
    call.newcall({ to: { user: "1001" } });
  };
  await sip.invited({ from: "1000", to: "1001", sdp: offerOf() });
  await exchange.settle();
  const [b] = sip.live.filter(({ info }) => info.originator);
  await sip.ends(b!.info.callid, 486, "Busy Here");
  await exchange.settle();
  await clock.advance(seconds(10));
  t.equal(records.length, 1);
  t.match(records[0], {
    billed: 0,
    legs: [{ direction: "inbound" }, { cause: { name: "USER_BUSY", sip: 486, q850: 17, side: "them" } }],
  });
  t.equal(records[0]!.answer, undefined);
});

t.test("keys are counted, and kept only where that was asked for", async (t) => {
  for (const keepsDigits of [false, true]) {
    const { exchange, records } = await recorded({ keepsDigits });
    const { sip, clock, projectcontrol } = exchange;
    projectcontrol.onnewcall = (call) => call.answer();
    const a = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
    await exchange.settle();
    await sip.acks(a);
    await exchange.settle();
    for (const key of ["4", "7", "1", "1"]) await sip.presses(a, key);
    await sip.ends(a);
    await exchange.settle();
    await clock.advance(seconds(10));
    const text = JSON.stringify(records[0]);
    t.equal(records[0]?.legs[0]?.keys, 4);
    t.equal(records[0]?.legs[0]?.digits, keepsDigits ? "4711" : undefined);
    t.equal(text.includes("4711"), keepsDigits);
    t.same(
      records[0]?.events.filter(({ type }) => type === "key").map(({ what }) => what),
      [undefined, undefined, undefined, undefined],
    );
  }
});

t.test(
  "a leg made in the last moment belongs to the call; one made after its record continues it",
  async (t) => {
    const { exchange, records } = await recorded();
    const { sip, clock, projectcontrol } = exchange;
    projectcontrol.onnewcall = (call) => call.answer();
    let late: (() => unknown) | undefined;
    projectcontrol.onhangup = (call) => {
      if (call.originator) return;
      call.newcall({ to: { user: "1002" } });
      late = () => call.newcall({ to: { user: "1003" } });
    };
    const a = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
    await exchange.settle();
    await sip.ends(a, 487, "Request Terminated");
    await exchange.settle();
    await clock.advance(seconds(10));
    t.equal(records.length, 1);
    t.equal(records[0]?.legs.length, 2);
    t.match(records[0]?.cause, { name: "ORIGINATOR_CANCEL", sip: 487, side: "them" });
    late?.();
    await exchange.settle();
    await clock.advance(seconds(100));
    t.equal(records.length, 2);
    t.equal(records[1]?.continues, records[0]?.id);
    t.not(records[1]?.id, records[0]?.id);
  },
);

t.test("what is noted of a call that is over makes no further record", async (t) => {
  const { exchange, records } = await recorded();
  const { sip, clock, projectcontrol, controller } = exchange;
  projectcontrol.onnewcall = (call) => call.answer();
  const a = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  const call = controller.calls.get(a);
  await sip.ends(a);
  await exchange.settle();
  await clock.advance(seconds(10));
  call!.history = "afterwards";
  await clock.advance(seconds(10));
  t.equal(records.length, 1);
});

t.test("closing writes what there is of live calls, once", async (t) => {
  const { exchange, recorder, records } = await recorded();
  const { sip, clock, projectcontrol } = exchange;
  projectcontrol.onnewcall = (call) => call.answer();
  const a = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  await sip.acks(a);
  await exchange.settle();
  await clock.advance(seconds(7));
  await recorder.close();
  t.match(records, [{ cutShort: true, billed: 7000, legs: [{ callid: a }] }]);
  await sip.ends(a);
  await exchange.settle();
  await clock.advance(seconds(100));
  await recorder.close();
  t.equal(records.length, 1);
  t.equal(clock.pendingTimers, 0);
});

t.test("a sink that fails keeps no other from its record", async (t) => {
  const { exchange, recorder, records } = await recorded();
  recorder.add(() => {
    throw new Error("full");
  });
  recorder.add(() => Promise.reject(new Error("later")));
  const more: CallDetailRecord[] = [];
  recorder.add((record) => void more.push(record));
  exchange.projectcontrol.onnewcall = (call) => call.busy();
  await exchange.sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  await exchange.clock.advance(seconds(10));
  t.equal(records.length, 1);
  t.equal(more.length, 1);
  t.equal(exchange.errors.length, 2);
  t.match(records[0]?.cause, { name: "USER_BUSY", sip: 486, q850: 17, side: "us" });
});

t.test("what grows without end is counted only", async (t) => {
  const { exchange, records } = await recorded();
  const { sip, clock, projectcontrol } = exchange;
  projectcontrol.onnewcall = (call) => {
    for (let i = 0; i < 1000; i++) call.history = `line ${i}`;
    call.metadata["cdr"] = { text: "x".repeat(10_000) };
    return call.busy();
  };
  await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  await exchange.settle();
  await clock.advance(seconds(10));
  t.equal(records[0]?.events.length, 500);
  t.ok((records[0]?.eventsOmitted ?? 0) > 500);
  t.match(records[0]?.metadata, { omitted: /larger/ });
});
