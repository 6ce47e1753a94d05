/** Events by server-sent events, WebSocket and webhook, over real HTTP. */
import { connect } from "node:net";
import t from "tap";
import { WebSocket } from "ws";
import { seconds } from "../../../ts/core/brand.js";
import { verifyWebhook } from "../../../ts/core/webhook-signature.js";
import { PATIENCE } from "../../../ts/http/v1/event-reader.js";
import type { Gap, V1Event } from "../../../ts/http/v1/event-schema.js";
import { Receiver, SseReader, until, V1Bench } from "./v1-bench.js";

async function opened(
  t: { teardown(run: () => unknown): void },
  options: { readonly token?: string } = {},
): Promise<V1Bench> {
  const bench = await V1Bench.open(options);
  bench.exchange.projectcontrol.onnewcall = () => undefined;
  t.teardown(() => bench.close());
  return bench;
}

async function stream(
  t: { teardown(run: () => unknown): void },
  bench: V1Bench,
  query = "",
  headers: Record<string, string> = {},
): Promise<SseReader> {
  const reader = await SseReader.open(bench, query, headers);
  t.teardown(() => reader.close());
  return reader;
}

/** A call that comes and is hung up by the caller. */
async function shortCall(bench: V1Bench): Promise<string> {
  const id = await bench.invited();
  await bench.exchange.sip.ends(id, 487, "Request Terminated");
  await bench.exchange.clock.advance(seconds(10));
  return id;
}

t.test("a call's events, its record last, numbered without a gap", async (t) => {
  const bench = await opened(t);
  const reader = await stream(t, bench);
  t.equal(reader.status, 200);
  t.match(reader.headers.get("content-type"), /^text\/event-stream/);
  const id = await shortCall(bench);
  await until(() => reader.types.includes("cdr"));
  t.equal(reader.types[0], "call.new");
  t.equal(reader.types.at(-1), "cdr");
  t.match(reader.events.find(({ event }) => event === "call.ended")?.data, {
    call: id,
    data: { call: { state: "ended", cause: { name: "ORIGINATOR_CANCEL", sip: 487, side: "them" } } },
  });
  t.match(reader.events.at(-1)?.data, { data: { record: { legs: [{ callid: id }] } } });
  const records = new Set(reader.events.map(({ data }) => data["record"]));
  t.equal(records.size, 1, "one record id in all of them");
  const numbers = reader.events.map(({ data }) => data["number"]);
  t.same(
    numbers,
    numbers.map((_number, index) => index + 1),
  );
  for (const { id: place, data } of reader.events)
    t.equal(place, `${String(data["feed"])}.${String(data["number"])}`);
});

t.test("one who was away goes on where he was", async (t) => {
  const bench = await opened(t);
  const first = await stream(t, bench);
  await shortCall(bench);
  await until(() => first.types.includes("cdr"));
  first.close();
  const place = first.events[1]!.id;
  await shortCall(bench);
  const second = await stream(t, bench, "", { "last-event-id": place });
  await until(() => second.types.filter((type) => type === "cdr").length === 2);
  t.equal(second.events[0]?.id, first.events[2]?.id, "neither twice nor left out");
  const third = await stream(t, bench, `?since=${place}&type=cdr`);
  await until(() => third.events.length === 2);
  t.same(third.types, ["cdr", "cdr"]);
  const other = await stream(t, bench, "?since=elsewhere.3");
  await until(() => other.events.length > 1);
  t.match(other.events[0], { event: "gap", data: { data: { reason: "restarted" } } });
});

t.test("only those of one call", async (t) => {
  const bench = await opened(t);
  const one = await bench.invited();
  const reader = await stream(t, bench, `?call=${one}&type=call.ended,call.rung&since=0`);
  await shortCall(bench);
  await bench.act(one, { action: "ring" });
  await bench.exchange.sip.ends(one);
  await bench.exchange.settle();
  await until(() => reader.types.includes("call.ended"));
  t.same(reader.types, ["call.rung", "call.ended"]);
  t.ok(reader.events.every(({ data }) => data["call"] === one));
});

t.test("what can't be asked for is refused", async (t) => {
  const bench = await opened(t);
  for (const query of ["?since=x", "?type=call.dance", "?unknown=1"]) {
    t.match(
      await bench.ask("GET", `/v1/events${query}`),
      { status: 400, json: { code: "ARGUMENT_INVALID" } },
      query,
    );
  }
  t.equal((await bench.ask("POST", "/v1/events")).status, 405);
  t.equal((await bench.ask("HEAD", "/v1/events")).status, 200, "which ends at once");
  t.equal(bench.v1.health().eventReaders, 0);
});

t.test("the same by WebSocket", async (t) => {
  const bench = await opened(t);
  const socket = new WebSocket(
    `${bench.base.replace("http", "ws")}/v1/events/ws?type=call.new,call.ended,cdr`,
  );
  const got: (V1Event | Gap)[] = [];
  socket.on("message", (data: Buffer) => got.push(JSON.parse(data.toString("utf8")) as V1Event));
  await new Promise((resolve) => socket.once("open", resolve));
  await shortCall(bench);
  await until(() => got.length === 3);
  t.same(
    got.map(({ type }) => type),
    ["call.new", "call.ended", "cdr"],
  );
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  bench.v1.close();
  t.equal(await closed, 1001);
});

t.test("a token guards all of it, also the upgrade", async (t) => {
  const bench = await opened(t, { token: "a token" });
  t.equal((await fetch(`${bench.base}/v1/events`)).status, 401);
  t.equal((await fetch(`${bench.base}/v1/calls`)).status, 401);
  t.equal((await bench.ask("GET", "/v1/calls")).status, 200);
  const refused = (headers: Record<string, string>, path = "/v1/events/ws"): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`${bench.base.replace("http", "ws")}${path}`, { headers });
      socket.once("unexpected-response", (request, response) => {
        resolve(response.statusCode ?? 0);
        request.destroy();
      });
      socket.once("open", () => {
        resolve(101);
        socket.terminate();
      });
      socket.on("error", () => undefined);
    });
  t.equal(await refused({}), 401);
  t.equal(await refused({ authorization: "Bearer another" }), 401);
  t.equal(await refused(bench.headers), 101);
  t.equal(await refused(bench.headers, "/v1/elsewhere"), 404);
  t.equal(await refused(bench.headers, "/v1/events/ws?since=x"), 400);
});

t.test("a web page from elsewhere may not listen without a token", async (t) => {
  const bench = await opened(t);
  const socket = new WebSocket(`${bench.base.replace("http", "ws")}/v1/events/ws`, {
    origin: "https://example.com",
  });
  const status = await new Promise((resolve) => {
    socket.once("unexpected-response", (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.once("open", () => resolve(101));
    socket.on("error", () => undefined);
  });
  t.equal(status, 403);
});

t.test("an idle stream beats, and ends with a reason when control does", async (t) => {
  const bench = await opened(t);
  const reader = await stream(t, bench);
  t.equal(bench.v1.health().eventReaders, 1);
  await bench.exchange.clock.advance(seconds(60));
  bench.v1.close();
  await until(() => reader.hasEnded);
  t.match(reader.events.at(-1), { event: "end", data: { reason: "closing" } });
  t.equal(bench.v1.health().eventReaders, 0);
  t.equal(bench.exchange.clock.pendingTimers, 0);
});

t.test("one who takes nothing is cut off, and the others hear everything", async (t) => {
  const bench = await opened(t);
  const { address, port } = bench.server.address;
  const stuck = connect(port, address);
  stuck.pause();
  stuck.on("error", () => undefined);
  const closed = new Promise((resolve) => stuck.once("close", resolve));
  stuck.write("GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const reader = await stream(t, bench, "?type=call.note");
  await until(() => bench.v1.health().eventReaders === 2);
  const id = await bench.invited();
  const call = bench.exchange.controller.calls.get(id)!;
  const before = reader.events.length;
  for (let turn = 0; turn < 100; turn++) {
    for (let line = 0; line < 10; line++) call.history = "x".repeat(12_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => reader.events.length >= before + 1000);
  await bench.exchange.clock.advance(PATIENCE);
  await until(() => bench.v1.health().eventReaders === 1);
  stuck.resume();
  await closed;
  t.notOk(reader.hasEnded);
});

t.test("one who goes leaves nothing behind", async (t) => {
  const bench = await opened(t);
  const reader = await SseReader.open(bench);
  reader.close();
  await until(() => bench.v1.health().eventReaders === 0);
  t.equal(bench.exchange.clock.pendingTimers, 0);
});

t.test("webhooks are set, signed, changed and taken away", async (t) => {
  const bench = await opened(t);
  const receiver = await Receiver.open();
  t.teardown(() => receiver.close());
  const [old, fresh] = ["the secret that was there", "the secret that comes next"];
  const body = { url: receiver.url, secrets: [old], types: ["call.new", "cdr"] };
  const put = await bench.ask("PUT", "/v1/webhooks/mine", body);
  t.match(put, { status: 200, json: { name: "mine", url: receiver.url, secrets: 1, waiting: 0 } });
  t.notMatch(put.text, old, "secrets are never told");
  await shortCall(bench);
  await until(() => receiver.requests.length === 2);
  const now = bench.exchange.clock.epoch() / 1000;
  for (const { headers, body: text } of receiver.requests) {
    const { number } = verifyWebhook({ headers, body: text, secrets: [old], now });
    t.equal((JSON.parse(text) as V1Event).number, number);
  }
  await bench.ask("PUT", "/v1/webhooks/mine", { ...body, secrets: [fresh, old] });
  await shortCall(bench);
  await until(() => receiver.requests.length === 4);
  for (const secrets of [[old], [fresh]]) {
    const { headers, body: text } = receiver.requests[3]!;
    t.ok(verifyWebhook({ headers, body: text, secrets, now: bench.exchange.clock.epoch() / 1000 }));
  }
  t.match((await bench.ask("GET", "/v1/webhooks")).json, { webhooks: [{ name: "mine", delivered: 4 }] });
  t.equal((await bench.ask("DELETE", "/v1/webhooks/mine")).status, 200);
  t.match(await bench.ask("GET", "/v1/webhooks/mine"), { status: 404, json: { code: "WEBHOOK_UNKNOWN" } });
  await shortCall(bench);
  t.equal(receiver.requests.length, 4);
});

t.test("a receiver that comes back gets what it missed", async (t) => {
  const bench = await opened(t);
  const receiver = await Receiver.open();
  t.teardown(() => receiver.close());
  receiver.status = 503;
  await bench.ask("PUT", "/v1/webhooks/mine", {
    url: receiver.url,
    secrets: ["sixteen octets and more"],
    types: ["call.*"],
  });
  await bench.invited();
  await until(() => receiver.requests.length === 1);
  receiver.status = 200;
  await until(() => bench.exchange.clock.pendingTimers > 0);
  await bench.exchange.clock.advance(seconds(1));
  await until(() => receiver.requests.length >= 3);
  const numbers = receiver.requests.map(({ body }) => (JSON.parse(body) as V1Event).number);
  t.same(numbers, [1, 1, 2]);
});

t.test("settings that make no sense are blamed by their field", async (t) => {
  const bench = await opened(t);
  const good = { url: "http://127.0.0.1:1/", secrets: ["sixteen octets and more"] };
  const bad: [object, RegExp][] = [
    [{ ...good, url: "ftp://x" }, /^url/],
    [{ ...good, secrets: [] }, /^secrets/],
    [{ ...good, secrets: ["short"] }, /^secrets/],
    [{ ...good, secrets: [good.secrets[0], good.secrets[0], good.secrets[0]] }, /^secrets/],
    [{ ...good, types: ["call.dance"] }, /^types/],
    [{ ...good, extra: 1 }, /^extra/],
  ];
  for (const [body, field] of bad) {
    t.match(
      await bench.ask("PUT", "/v1/webhooks/mine", body),
      { status: 400, json: { field } },
      JSON.stringify(body),
    );
  }
  t.match(await bench.ask("PUT", "/v1/webhooks/a%20b", good), { status: 400, json: { field: "name" } });
});
