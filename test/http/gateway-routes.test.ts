import t from "tap";
import { silentLog } from "../../ts/core/log.js";
import { SystemClock } from "../../ts/core/system-clock.js";
import { HttpClient } from "../../ts/http/client.js";
import { ControlCallbacks } from "../../ts/http/control-callbacks.js";
import { gatewayCallbackRoutes, gatewayRoutes, type GatewayEvent } from "../../ts/http/gateway-routes.js";
import type { Method } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { FakeSipService } from "../support/fake-sip-service.js";
import { call } from "./raw-http.js";

interface Row {
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly reply?: object;
  /** Command that must have been given; undefined = none. */
  readonly command?: object;
}

const gateway = { from: { user: "4420", authsecret: "never-told" }, to: { domain: "trunk.example" } };
const shown = {
  name: "trunk",
  from: { user: "4420", domain: "trunk.example", authuser: "4420" },
  to: { domain: "trunk.example" },
  register: true,
  state: "registered",
  expires: 3600,
  route: [],
  path: [],
  sources: [],
};

const rows: Row[] = [
  { method: "GET", path: "/gateway", status: 200, reply: { gateways: [] }, command: { type: "gateway.get" } },
  {
    method: "PUT",
    path: "/gateway/trunk",
    body: { ...gateway, control: { host: "192.0.2.9", port: 9001 }, sources: ["192.0.2.0/24"], expires: 600 },
    status: 200,
    reply: { created: true },
    command: {
      type: "gateway.put",
      name: "trunk",
      ...gateway,
      control: "http://192.0.2.9:9001",
      sources: ["192.0.2.0/24"],
      expires: 600,
    },
  },
  {
    method: "PUT",
    path: "/gateway/trunk",
    body: gateway,
    status: 200,
    reply: { created: false },
    command: {},
  },
  {
    method: "GET",
    path: "/gateway/trunk",
    status: 200,
    reply: shown,
    command: { type: "gateway.get", name: "trunk" },
  },
  { method: "GET", path: "/gateway", status: 200, reply: { gateways: [shown] }, command: {} },
  { method: "GET", path: "/gateway/none", status: 404, reply: { code: "GATEWAY_UNKNOWN" }, command: {} },
  { method: "PUT", path: "/gateway/trunk", status: 400 },
  { method: "PUT", path: "/gateway/trunk", body: [], status: 400 },
  { method: "PUT", path: "/gateway/x", body: { from: gateway.from }, status: 400, reply: { field: "to" } },
  {
    method: "PUT",
    path: "/gateway/x",
    body: { ...gateway, from: { user: 4420 } },
    status: 400,
    reply: { field: "from.user" },
  },
  {
    method: "PUT",
    path: "/gateway/x",
    body: { ...gateway, secret: "?" },
    status: 400,
    reply: { code: "ARGUMENT_INVALID" },
  },
  {
    method: "PUT",
    path: "/gateway/x",
    body: { ...gateway, sources: "all" },
    status: 400,
    reply: { field: "sources" },
  },
  { method: "POST", path: "/gateway/x", body: gateway, status: 405 },
  { method: "DELETE", path: "/gateway/none", status: 404, reply: { code: "GATEWAY_UNKNOWN" }, command: {} },
  {
    method: "DELETE",
    path: "/gateway/trunk",
    status: 200,
    command: { type: "gateway.delete", name: "trunk" },
  },
  { method: "GET", path: "/gateway/trunk", status: 404, command: {} },
];

t.test("gateways: what is asked, what is answered, what is refused and changes nothing", async (t) => {
  const sip = new FakeSipService();
  const server = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    routes: gatewayRoutes(sip),
    log: silentLog,
  });
  t.teardown(() => server.close());
  for (const { method, path, body, status, reply, command } of rows) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const what = `${method} ${path} ${text ?? ""}`;
    const before = sip.commands.length;
    const answer = await call(server.address, method, path, text);
    t.equal(answer.status, status, what);
    if (reply !== undefined) t.match(answer.json, reply, what);
    t.notMatch(answer.text, /never-told/, what);
    const given = sip.commands.slice(before);
    if (command === undefined) t.strictSame(given, [], what);
    else t.match(given, [command], what);
  }
});

t.test("the news of a gateway go to its control", async (t) => {
  const came: GatewayEvent[] = [];
  const routes = gatewayCallbackRoutes(async (event) => {
    came.push(event);
  });
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
  const client = new HttpClient();
  t.teardown(async () => {
    await client.close();
    await server.close();
  });
  const { sip } = new ControlCallbacks({ client, clock: new SystemClock(), log: silentLog });
  const control = `http://127.0.0.1:${server.address.port}`;
  const news = [
    { name: "a/b", state: "registered", expires: 600 },
    { name: "a/b", state: "failed", error: { code: 403, status: "Forbidden" } },
    { name: "a/b", state: "unregistered" },
  ] as const;
  for (const one of news) await sip({ type: "gateway", control, gateway: one });
  t.strictSame(
    came.map(({ gateway: { ...each } }) => each),
    news,
  );
  await sip({ type: "gateway", gateway: news[0] });
  t.equal(came.length, 3, "without a control there is nobody to tell, and nothing is wrong");
});
