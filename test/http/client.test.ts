import { createServer as createTcpServer, type AddressInfo } from "node:net";
import t, { type Test } from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import { silentLog } from "../../ts/core/log.js";
import { HttpClient, joinUrl, type HttpRequest } from "../../ts/http/client.js";
import { HttpServer } from "../../ts/http/server.js";
import { plainRoute } from "./plain-route.js";

const UNREACHABLE = "SIP_UNAVAILABLE";

function openClient(t: Test, options: { token?: string; timeout?: number } = {}): HttpClient {
  const client = new HttpClient(options);
  t.teardown(() => client.close());
  return client;
}

/** A peer that says the same octets to every request, and closes or not. */
async function rawPeer(
  t: Test,
  answer: string | undefined,
  closes: "closes" | "keeps",
): Promise<{ base: string; requests: string[]; connections: () => number }> {
  const requests: string[] = [];
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      requests.push(data.toString());
      if (answer === undefined) return;
      socket.write(answer);
      if (closes === "closes") socket.end();
    });
    t.teardown(() => {
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { base: `http://127.0.0.1:${port}`, requests, connections: () => connections };
}

const get = (base: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: "GET",
  base,
  path: "/x",
  unavailable: UNREACHABLE,
  ...more,
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/json\r\nContent-Length: 7\r\n\r\n{"a":1}';

t.test("H011: the path of the base comes first", (t) => {
  t.equal(joinUrl("http://h:1", "/dialog/x"), "http://h:1/dialog/x");
  t.equal(joinUrl("http://h:1/", "/dialog/x"), "http://h:1/dialog/x");
  t.equal(joinUrl("http://h:1/pre/", "/dialog/x"), "http://h:1/pre/dialog/x");
  t.end();
});

t.test("connections are kept and counted", async (t) => {
  const { base, connections } = await rawPeer(t, OK, "keeps");
  const client = openClient(t);
  t.strictSame(await client.request(get(base)), { status: 200, body: { a: 1 } });
  for (let count = 0; count < 10; count += 1) await client.request(get(base));
  t.ok(connections() <= 2, "a second one is opened when the first has not settled yet");
  t.strictSame(client.health, { http: { requests: 0, sockets: connections() } });
});

t.test("H002: a peer that closes after every reply without a word", async (t) => {
  const { base, requests } = await rawPeer(t, OK, "closes");
  const client = openClient(t);
  for (let count = 0; count < 20; count += 1) {
    t.strictSame((await client.request(get(base, { method: "PUT", body: { count } }))).body, { a: 1 });
  }
  t.ok(requests.length >= 20);
});

t.test(
  "a kept connection that is closed as it is used: idempotent requests are repeated, once",
  async (t) => {
    const seen: string[] = [];
    /** How many more requests lose their connection. */
    let drops = 0;
    const server = createTcpServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        seen.push(data.toString().slice(0, 4).trim());
        if (drops > 0) socket.destroy();
        else socket.write(OK);
        drops -= 1;
      });
      t.teardown(() => {
        socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.teardown(() => server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = openClient(t);
    drops = 1;
    t.strictSame((await client.request(get(base, { method: "PUT", body: {} }))).body, { a: 1 });
    t.strictSame(seen.splice(0), ["PUT", "PUT"]);
    drops = 1;
    await t.rejects(client.request(get(base, { method: "POST", body: {} })), { code: UNREACHABLE });
    t.strictSame(seen.splice(0), ["POST"]);
    drops = 2;
    await t.rejects(client.request(get(base)), { code: UNREACHABLE });
    t.strictSame(seen.splice(0), ["GET", "GET"]);
  },
);

t.test("the token goes with every request", async (t) => {
  const { base, requests } = await rawPeer(t, OK, "keeps");
  await openClient(t, { token: "sesame" }).request(get(base));
  t.match(requests[0], /authorization: Bearer sesame\r\n/i);
});

t.test("no answer, no connection, nonsense: the peer is unavailable", async (t) => {
  const silent = await rawPeer(t, undefined, "keeps");
  await t.rejects(openClient(t, { timeout: 50 }).request(get(silent.base)), {
    code: UNREACHABLE,
    message: /no answer within 50 ms/,
  });
  await t.rejects(openClient(t).request(get("http://127.0.0.1:1")), {
    code: UNREACHABLE,
    message: /ECONNREFUSED/,
  });
  const garbled = await rawPeer(t, "SIP/2.0 200 OK\r\n\r\n", "closes");
  await t.rejects(openClient(t).request(get(garbled.base)), { code: UNREACHABLE });
});

t.test("aborting", async (t) => {
  const { base } = await rawPeer(t, undefined, "keeps");
  const client = openClient(t);
  const abort = new AbortController();
  const waiting = client.request(get(base, { signal: abort.signal }));
  t.equal(client.inFlight, 1);
  abort.abort();
  await t.rejects(waiting, { code: "ABORTED" });
  t.equal(client.inFlight, 0);
  await t.rejects(client.request(get(base, { signal: AbortSignal.abort() })), { code: "ABORTED" });
});

t.test("our own errors come back as they were", async (t) => {
  const server = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    routes: {
      "/x": {
        GET: plainRoute(() => {
          throw new MediaswitchError("MAX_FORWARDS_EXCEEDED", "too often", "maxforwards");
        }),
      },
    },
  });
  t.teardown(() => server.close());
  await t.rejects(openClient(t).request(get(`http://127.0.0.1:${server.address.port}`)), {
    code: "MAX_FORWARDS_EXCEEDED",
    message: "too often",
    field: "maxforwards",
  });
});

t.test("errors of peers that say no more than a status", async (t) => {
  const rows: [status: number, code: string][] = [
    [404, "CALL_UNKNOWN"],
    [400, "ARGUMENT_INVALID"],
    [401, "UNAUTHORIZED"],
    [403, "UNAUTHORIZED"],
    [500, UNREACHABLE],
    [302, "ARGUMENT_INVALID"],
  ];
  for (const [status, code] of rows) {
    const { base } = await rawPeer(
      t,
      `HTTP/1.1 ${status} So\r\nContent-Length: 9\r\n\r\nNot found`,
      "closes",
    );
    const call = get(base, { refusals: { 404: "CALL_UNKNOWN" } });
    await t.rejects(openClient(t).request(call), { code }, String(status));
  }
});
