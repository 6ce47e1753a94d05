/** Records and the API, put together as the commands do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { openOutside, outsideOf } from "../../ts/composition/outside.js";
import type { CallDetailRecord } from "../../ts/control/record/call-detail-record.js";
import { seconds } from "../../ts/core/brand.js";
import { Exchange, offerOf } from "../control/exchange.js";

t.test("stopping with live calls: hung up, and each written once, to file and callback", async (t) => {
  const path = join(t.testdir(), "cdr.jsonl");
  const exchange = await Exchange.open();
  const { sip, controller, clock, projectcontrol } = exchange;
  const heard: CallDetailRecord[] = [];
  projectcontrol.oncdr = (record) => void heard.push(record);
  projectcontrol.oncdr = () => {
    throw new Error("a script's fault");
  };
  projectcontrol.onnewcall = (call) => call.answer();
  const outside = openOutside(controller, { cdr: path });
  for (let i = 0; i < 3; i++) {
    const id = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
    await exchange.settle();
    await sip.acks(id);
  }
  await exchange.settle();
  await controller.hangupAll();
  const closing = outside.close();
  await clock.advance(seconds(1));
  await closing;
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  const written = lines.map((line) => JSON.parse(line) as CallDetailRecord);
  t.equal(written.length, 3);
  t.ok(
    written.every(({ cutShort }) => cutShort === undefined),
    "the last word was waited for",
  );
  t.same(heard.map(({ id }) => id).sort(), written.map(({ id }) => id).sort());
  t.equal(exchange.errors.length, 3, "a callback that fails is logged");
  t.equal(clock.pendingTimers, 0);
});

t.test("what the flags say", async (t) => {
  t.throws(() => outsideOf({ webhook: ["http://127.0.0.1:1/"] }), {
    code: "ARGUMENT_INVALID",
    field: "webhookSecret",
  });
  t.same(outsideOf({ webhook: ["http://a/", "http://b/"], webhookSecret: ["s"], cdr: "f", v1: true }), {
    cdr: "f",
    v1: true,
    webhooks: {
      "flag-1": { url: "http://a/", secrets: ["s"] },
      "flag-2": { url: "http://b/", secrets: ["s"] },
    },
  });
  const { controller } = await Exchange.open();
  t.throws(() => openOutside(controller, { webhooks: { one: { url: "http://a/", secrets: ["short"] } } }), {
    code: "ARGUMENT_INVALID",
  });
  const bare = openOutside(controller, {});
  t.same(Object.keys(bare.routes), []);
  t.equal(bare.upgrade, undefined);
  await bare.close();
  const served = openOutside(controller, { v1: true });
  t.ok("/v1/calls/:id" in served.routes);
  t.type(served.upgrade, "function");
  await served.close();
});
