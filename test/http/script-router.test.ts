import t, { type Test } from "tap";
import { newHandlers, type HttpHandlers } from "../../ts/control/http-handlers.js";
import { silentLog } from "../../ts/core/log.js";
import { controlRoutes } from "../../ts/http/control-routes.js";
import { HttpServer } from "../../ts/http/server.js";

async function serving(t: Test, handlers: HttpHandlers, token?: string): Promise<string> {
  const server = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    handlers,
    ...(token === undefined ? {} : { token }),
    routes: controlRoutes({ calls: () => ["one"], health: () => ({ calls: 1 }) }),
  });
  t.teardown(() => server.close());
  return `http://127.0.0.1:${String(server.address.port)}`;
}

t.test("J018: a script's handler gets the parts of the path and the body as text", async (t) => {
  const handlers = newHandlers();
  const seen: unknown[] = [];
  handlers["POST"] = {
    report: (pathparts, request, response, body) => {
      seen.push(pathparts, request.headers["x-one"], body);
      response.writeHead(202, { "Content-Type": "text/plain" }).end("taken");
    },
  };
  const url = await serving(t, handlers);
  const reply = await fetch(`${url}/report/a%20b/c`, {
    method: "POST",
    body: "no { json",
    headers: { "x-one": "1" },
  });
  t.same([reply.status, await reply.text()], [202, "taken"]);
  t.same(seen, [["report", "a b", "c"], "1", "no { json"]);
});

t.test("handlers may be added while it runs; other methods and paths are not theirs", async (t) => {
  const handlers = newHandlers();
  const url = await serving(t, handlers);
  t.equal((await fetch(`${url}/later`)).status, 404);
  (handlers["GET"] ??= {})["later"] = (_parts, _request, response, body) => response.end(`[${body}]`);
  t.equal(await (await fetch(`${url}/later`)).text(), "[]");
  t.equal((await fetch(`${url}/later`, { method: "PUT", body: "{}" })).status, 404);
  t.equal((await fetch(`${url}/constructor`)).status, 404);
});

t.test("control's own routes can't be taken over", async (t) => {
  const handlers = newHandlers();
  const url = await serving(t, handlers);
  for (const method of ["GET", "PUT"]) {
    handlers[method] = Object.fromEntries(
      ["calls", "dialog", "reg", "health", "openapi.json"].map((first) => [
        first,
        (_parts: unknown, _request: unknown, response: { end: (text: string) => unknown }) =>
          response.end("mine"),
      ]),
    );
  }
  t.same(await (await fetch(`${url}/calls`)).json(), ["one"]);
  t.equal((await fetch(`${url}/dialog/x`, { method: "PUT", body: "{}" })).status, 400);
});

t.test("a handler that throws, now or later, is answered 500", async (t) => {
  const handlers = newHandlers();
  handlers["GET"] = {
    now: () => {
      throw new Error("in a handler");
    },
    later: () => Promise.reject(new Error("in a handler")),
  };
  const url = await serving(t, handlers);
  for (const path of ["now", "later"]) t.equal((await fetch(`${url}/${path}`)).status, 500);
});

t.test("the token and the limit of a body count for handlers, too", async (t) => {
  const handlers = newHandlers();
  handlers["POST"] = { up: (_parts, _request, response) => response.end() };
  const url = await serving(t, handlers, "secret");
  t.equal((await fetch(`${url}/up`, { method: "POST" })).status, 401);
  const headers = { authorization: "Bearer secret" };
  t.equal((await fetch(`${url}/up`, { method: "POST", headers })).status, 200);
  const big = "x".repeat(256 * 1024 + 1);
  t.equal((await fetch(`${url}/up`, { method: "POST", headers, body: big })).status, 413);
});
