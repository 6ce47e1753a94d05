/** What the documents say of the API is what it does. */
import { readFileSync } from "node:fs";
import t from "tap";
import { z } from "zod";
import { seconds } from "../../../ts/core/brand.js";
import { actionBody } from "../../../ts/http/v1/action-schema.js";
import { callSchema } from "../../../ts/http/v1/call-schema.js";
import { EVENT_TYPES, eventSchema } from "../../../ts/http/v1/event-schema.js";
import { answerTo } from "../../control/exchange.js";
import { SseReader, until, V1Bench } from "./v1-bench.js";

const guide = readFileSync(new URL("../../../docs/v1.md", import.meta.url), "utf8");

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

async function opened(t: { teardown(run: () => unknown): void }): Promise<V1Bench> {
  const bench = await V1Bench.open();
  bench.exchange.projectcontrol.onnewcall = () => undefined;
  t.teardown(() => bench.close());
  return bench;
}

t.test("the OpenAPI document has all of it", async (t) => {
  const bench = await opened(t);
  const { paths } = (await bench.ask("GET", "/openapi.json")).json as {
    paths: Record<string, Record<string, Operation>>;
  };
  const methods = (path: string): string[] =>
    Object.keys(paths[path] ?? {}).filter((key) => key !== "parameters");
  t.same(methods("/v1/calls"), ["get", "post"]);
  t.same(methods("/v1/calls/{id}"), ["get", "patch", "delete"]);
  t.same(methods("/v1/webhooks/{name}"), ["get", "put", "delete"]);
  const names = (path: string): string[] => (paths[path]?.["get"]?.parameters ?? []).map(({ name }) => name);
  t.same(names("/v1/events"), ["since", "call", "type"]);
  for (const name of ["limit", "after", "state"]) t.ok(names("/v1/calls").includes(name), name);
  t.same(Object.keys(paths["/v1/events"]?.["get"]?.responses["200"]?.content ?? {}), ["text/event-stream"]);
  const text = JSON.stringify(paths["/v1/events"]);
  for (const type of EVENT_TYPES) t.ok(text.includes(`"${type}"`), type);
});

t.test("docs/v1.md names each action, and no other", (t) => {
  const actions = actionBody.options.map(({ shape }) => shape.action.value);
  const table = guide.slice(guide.indexOf("| `action`"), guide.indexOf("Each is the verb"));
  const named = [...table.matchAll(/^\| ((?:`[\w-]+`(?:, )?)+) *\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name),
  );
  t.same(named.filter((name) => name !== "action").sort(), [...actions].sort());
  t.end();
});

t.test("the bodies that docs/v1.md shows are what the API takes", async (t) => {
  const bodies = [...guide.matchAll(/-X PATCH \S+ -d '([^']+)'/g)].map(([, body = ""]) => body);
  t.ok(bodies.length >= 3);
  for (const body of bodies) t.ok(actionBody.safeParse(JSON.parse(body)).success, body);
  const bench = await opened(t);
  const [, posted = ""] = /v1\/calls -d '([^']+)'/.exec(guide) ?? [];
  t.equal((await bench.ask("POST", "/v1/calls", JSON.parse(posted) as object)).status, 201);
  const [, put = ""] = /webhooks\/crm -d '([^']+)'/.exec(guide) ?? [];
  t.equal((await bench.ask("PUT", "/v1/webhooks/crm", JSON.parse(put) as object)).status, 200);
});

t.test("every event and every call is as its schema says", async (t) => {
  const bench = await opened(t);
  const { sip, media, clock } = bench.exchange;
  const reader = await SseReader.open(bench);
  t.teardown(() => reader.close());
  const id = await bench.talking();
  await sip.presses(id, "5");
  await bench.act(id, { action: "play", sounds: "a.wav" });
  await bench.act(id, { action: "stop-play" });
  await bench.act(id, { action: "gather", count: 1 });
  await sip.presses(id, "7");
  await bench.exchange.settle();
  await bench.act(id, { action: "record", file: "b.wav" });
  await bench.act(id, { action: "dial", to: "1002" });
  await until(() => sip.live.length === 2);
  const other = sip.live.find(({ info }) => info.originator)!.info.callid;
  await sip.rings(other);
  await sip.answers(other, answerTo(sip.dialog(other).info.sdp.us));
  await bench.exchange.settle();
  t.ok(
    z.strictObject(callSchema.shape).safeParse(await bench.get(other)).success,
    "no field without a schema",
  );
  await sip.ends(other, 0);
  await sip.ends(id);
  await bench.exchange.settle();
  await clock.advance(seconds(10));
  t.equal(media.channels.size, 0);
  await until(() => reader.types.includes("cdr"));
  const seen = new Set<string>(reader.types);
  for (const type of ["call.key", "call.channel", "call.action", "call.ringing", "call.ended", "cdr"]) {
    t.ok(seen.has(type), `${type} was seen`);
  }
  for (const { data } of reader.events) {
    const read = eventSchema.safeParse(data);
    t.ok(read.success, `${JSON.stringify(data).slice(0, 100)} ${String(read.error?.message)}`);
  }
  const gathered = reader.events.find(
    ({ data }) => (data["data"] as { action?: string }).action === "gather",
  );
  t.match(gathered?.data, { data: { result: { digits: "7", ended: "count" } } });
  const dialled = reader.events.find(({ data }) => (data["data"] as { action?: string }).action === "dial");
  t.match(dialled?.data, { data: { result: { outcome: "answered", call: other } } });
});
