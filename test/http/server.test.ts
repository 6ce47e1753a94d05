import t from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import { silentLog, type Log } from "../../ts/core/log.js";
import { NOTHING, route, type RouteTable } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { plainRoute } from "./plain-route.js";
import { call, rawExchange } from "./raw-http.js";

const routes: RouteTable = {
  "/thing": {
    GET: plainRoute(() => ({ thing: 1 })),
    PUT: plainRoute(({ body }) => ({ got: body ?? null })),
    DELETE: route({ summary: "removes it", body: NOTHING, reply: NOTHING }, () => undefined),
  },
  "/thing/:name": { GET: plainRoute(({ path }) => ({ name: path["name"] })) },
  "/refused": {
    GET: plainRoute(() => {
      throw new MediaswitchError("USER_NOT_REGISTERED", "1003 has no binding", "to.user");
    }),
  },
  "/broken": {
    GET: plainRoute(() => {
      throw new Error("the secret is 42");
    }),
  },
  "/": { POST: plainRoute(() => undefined) },
  "/health": { GET: plainRoute(() => undefined) },
};

async function open(
  t: { teardown: (close: () => Promise<void>) => void },
  options: { token?: string; log?: Log; requestTimeout?: number } = {},
): Promise<HttpServer> {
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog, ...options });
  t.teardown(() => server.close());
  return server;
}

t.test("H001 H004 H008: any content type or none is JSON, a trailing slash changes nothing", async (t) => {
  const { address } = await open(t);
  for (const type of [undefined, "text/json", "application/x-www-form-urlencoded", "application/json"]) {
    const headers = type === undefined ? {} : { "content-type": type };
    const answer = await call(address, "PUT", "/thing/", '{"a":1}', headers);
    t.equal(answer.status, 200);
    t.strictSame(answer.json, { got: { a: 1 } });
    t.equal(answer.headers.get("content-length"), "15");
    t.match(answer.headers.get("content-type"), "application/json");
  }
});

t.test("H001: a chunked body is taken", async (t) => {
  const { address } = await open(t);
  const heard = await rawExchange(
    address,
    "PUT /thing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
      '4\r\n{"a"\r\n3\r\n:2}\r\n0\r\n\r\n',
  );
  t.match(heard, '{"got":{"a":2}}');
});

t.test("H010: the absolute form without Host, as peers of the original send it", async (t) => {
  const { address } = await open(t);
  const ask = (method: string, target: string): Promise<string> =>
    rawExchange(
      address,
      `${method} ${target} HTTP/1.1\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{"b":3}`,
    );
  const put = await ask("PUT", "http://control.example.com:9001/thing");
  t.match(put, /^HTTP\/1\.1 200 OK\r\n/);
  t.match(put, '{"got":{"b":3}}');
  t.match(await ask("PUT", "http://127.0.0.1/thing/?x=1"), '{"got":{"b":3}}');
  t.match(await ask("GET", "http://127.0.0.1:9001/thing/one%2Ftwo"), '{"name":"one/two"}');
  t.match(await ask("POST", "http://127.0.0.1:9002"), / 200 OK/, "no path is the path /");
  t.match(await ask("GET", "http://127.0.0.1:9002/nothing"), / 404 Not Found/);
});

t.test("H005 H006: unknown path and wrong method are answered in full", async (t) => {
  const { address } = await open(t);
  const missing = await call(address, "GET", "/nothing");
  t.equal(missing.status, 404);
  t.match(missing.headers.get("content-type"), "application/problem+json");
  t.match(missing.json, { status: 404, title: "Not Found", code: "ARGUMENT_INVALID" });
  t.equal(Number(missing.headers.get("content-length")), missing.text.length);

  const wrong = await call(address, "POST", "/thing", "{}");
  t.equal(wrong.status, 405);
  t.equal(wrong.headers.get("allow"), "GET, HEAD, PUT, DELETE");
  t.match(wrong.json, { title: "Method Not Allowed" });
});

t.test("an empty reply says so", async (t) => {
  const { address } = await open(t);
  const answer = await call(address, "DELETE", "/thing", "{}");
  t.equal(answer.status, 200);
  t.equal(answer.headers.get("content-length"), "0");
  t.equal(answer.text, "");
});

t.test("names in the path are percent-decoded; a malformed one is the caller's fault", async (t) => {
  const { address } = await open(t);
  t.strictSame((await call(address, "GET", "/thing/a%2Fb%40c")).json, { name: "a/b@c" });
  t.equal((await call(address, "GET", "/thing/%E0%A4%A")).status, 400);
});

t.test("H007: bad bodies are problems of the caller", async (t) => {
  const { address } = await open(t);
  const bad = await call(address, "PUT", "/thing", '{"a":');
  t.equal(bad.status, 400);
  t.match((bad.json as { detail: string }).detail, "not JSON");

  const kilobyte = `"${"x".repeat(1022)}"`;
  const fits = await call(address, "PUT", "/thing", `[${Array(255).fill(kilobyte).join(",")}]`);
  t.equal(fits.status, 200);
  const large = await call(address, "PUT", "/thing", `[${Array(257).fill(kilobyte).join(",")}]`);
  t.equal(large.status, 413);
  t.match(large.json, { detail: "the body is larger than 256 kB" });

  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  t.equal((await call(address, "PUT", "/thing", nested(32))).status, 200);
  const deep = await call(address, "PUT", "/thing", nested(33));
  t.equal(deep.status, 400);
  t.match((deep.json as { detail: string }).detail, "nested deeper than 32");
  t.equal(
    (await call(address, "PUT", "/thing", `["${"[".repeat(99)}\\"["]`)).status,
    200,
    "brackets in text",
  );
});

t.test("errors keep their code, status and field; what failed inside stays inside", async (t) => {
  const logged: string[] = [];
  const log = { ...silentLog, error: (_fields: object, text: string) => void logged.push(text) };
  const { address } = await open(t, { log });
  const refused = await call(address, "GET", "/refused");
  t.equal(refused.status, 480);
  t.strictSame(refused.json, {
    type: "about:blank",
    title: "Temporarily Unavailable",
    status: 480,
    detail: "1003 has no binding",
    code: "USER_NOT_REGISTERED",
    field: "to.user",
  });
  const broken = await call(address, "GET", "/broken");
  t.equal(broken.status, 500);
  t.notMatch(broken.text, "42");
  t.strictSame(logged, ["a request failed"]);
});

t.test("H013: with a token everything but GET /health needs it", async (t) => {
  const { address } = await open(t, { token: "sesame" });
  const status = async (method: string, path: string, authorization?: string): Promise<number> =>
    (await call(address, method, path, undefined, authorization === undefined ? {} : { authorization }))
      .status;
  t.equal(await status("GET", "/health"), 200);
  t.equal(await status("DELETE", "/health"), 401);
  t.equal(await status("GET", "/thing"), 401);
  t.equal(await status("GET", "/thing", "Bearer sesam"), 401);
  t.equal(await status("GET", "/thing", "Basic sesame"), 401);
  t.equal(await status("GET", "/thing", "Bearer sesame"), 200);
  t.equal(await status("GET", "/thing", "bearer  sesame"), 200);
  const refused = await call(address, "GET", "/thing");
  t.equal(refused.headers.get("www-authenticate"), "Bearer");
  t.match(refused.json, { code: "UNAUTHORIZED" });
});

t.test("H013: anything but loopback needs a token", async (t) => {
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1", "switch.example.com"]) {
    await t.rejects(
      HttpServer.open({ host, port: 0, routes, log: silentLog }),
      { code: "ARGUMENT_INVALID", field: "token", message: /set a token/ },
      host,
    );
    await t.rejects(HttpServer.open({ host, port: 0, routes, log: silentLog, token: "" }), {
      code: "ARGUMENT_INVALID",
    });
  }
  const server = await HttpServer.open({ host: "0.0.0.0", port: 0, routes, log: silentLog, token: "x" });
  await server.close();
});

t.test("without a token a foreign web page in a local browser gets nothing", async (t) => {
  const { address } = await open(t);
  const ask = (headers: string): Promise<string> =>
    rawExchange(address, `GET /thing HTTP/1.1\r\nConnection: close\r\n${headers}\r\n`);
  t.match(await ask("Host: 127.0.0.1\r\nOrigin: http://evil.example\r\n"), / 403 Forbidden/);
  t.match(await ask("Host: rebound.evil.example\r\n"), / 403 Forbidden/);
  t.match(await ask("Host: rebound.evil.example:9000\r\n"), / 403 Forbidden/);
  t.match(await ask("Host: 127.0.0.1:9000\r\nOrigin: http://localhost:9000\r\n"), / 200 OK/);
  t.match(await ask("Host: control\r\n"), / 200 OK/);
  t.match(await ask("Host: [::1]:9000\r\n"), / 200 OK/);
});

t.test("a port in use is said in one line", async (t) => {
  const { address } = await open(t);
  await t.rejects(HttpServer.open({ host: "127.0.0.1", port: address.port, routes, log: silentLog }), {
    message: `can't listen for HTTP on 127.0.0.1 port ${address.port} (TCP): the port is in use by another program`,
  });
});

t.test("closing ends kept connections", async (t) => {
  const server = await open(t);
  const { address } = server;
  let answered: () => void = () => undefined;
  const answer = new Promise<void>((resolve) => (answered = resolve));
  const kept = rawExchange(address, "GET /thing HTTP/1.1\r\nHost: localhost\r\n\r\n", answered);
  await answer;
  await server.close();
  t.match(await kept, "Connection: keep-alive");
  await t.rejects(call(address, "GET", "/thing"));
});

t.test("what is no HTTP request, or never ends, is answered as a problem and closed", async (t) => {
  const { address } = await open(t, { requestTimeout: 300 });
  const rows: [what: string, octets: string, status: number][] = [
    ["noise", "\0\0\0\r\n\r\n", 400],
    ["a NUL in the path", "GET /thing/\0 HTTP/1.1\r\n\r\n", 400],
    ["a space in the path", "GET /thing /x HTTP/1.1\r\n\r\n", 400],
    ["two lengths", "PUT /thing HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400],
    [
      "length and chunks",
      "PUT /thing HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n{",
      400,
    ],
    ["an endless path", `GET /${"x".repeat(40_000)} HTTP/1.1\r\n\r\n`, 431],
    ["endless headers", `GET /thing HTTP/1.1\r\nA: ${"b".repeat(40_000)}\r\n\r\n`, 431],
    ["a slow body", 'PUT /thing HTTP/1.1\r\nContent-Length: 100\r\n\r\n{"a":', 408],
    ["slow headers", "PUT /thing HTTP/1.1\r\nContent-", 408],
  ];
  for (const [what, octets, status] of rows) {
    const heard = await rawExchange(address, octets);
    t.match(heard, new RegExp(`^HTTP/1\\.1 ${status} `), what);
    t.match(heard, "Content-Type: application/problem+json", what);
    t.match(JSON.parse(heard.slice(heard.indexOf("\r\n\r\n"))), { status, code: "ARGUMENT_INVALID" }, what);
  }
  t.equal((await call(address, "GET", "/thing")).status, 200, "and others are served");
});

t.test("tricks with the path lead nowhere", async (t) => {
  const { address } = await open(t);
  const status = async (target: string): Promise<number> =>
    Number((await rawExchange(address, `GET ${target} HTTP/1.1\r\nConnection: close\r\n\r\n`)).split(" ")[1]);
  for (const target of [
    "/thing/%2e%2e",
    "/thing/%2E",
    "/thing/..",
    "/thing/%00",
    "/thing/a%0d%0ab",
    "/thing/%c2%85",
    "/thing/%ff",
    `/thing/${"x".repeat(5_000)}`,
  ]) {
    t.equal(await status(target), 400, target.slice(0, 40));
  }
  for (const target of [
    "//thing",
    "/thing//",
    "/thing//x",
    "/thing/../thing",
    "/%2e%2e/thing",
    "/thing;x/y",
    "*",
  ]) {
    t.equal(await status(target), 404, target);
  }
  t.equal(await status("/thing/a%2F..%2Fb"), 200, "a name with a slash is a name");
});
