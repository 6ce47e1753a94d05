import t from "tap";
import { silentLog } from "../../ts/core/log.js";
import { MediaswitchError } from "../../ts/core/errors.js";
import { HttpClient } from "../../ts/http/client.js";
import { controlRoutes } from "../../ts/http/control-routes.js";
import { RemoteMediaService } from "../../ts/http/remote-media-service.js";
import { RemoteSipService } from "../../ts/http/remote-sip-service.js";
import type { Method } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import type { MediaEvent } from "../../ts/rtp/media-service.js";
import type { SipEvent } from "../../ts/sip/sip-service.js";
import { call } from "./raw-http.js";

const registration = { host: "127.0.0.1", port: 45646, agent: "Z 5.2.28 rv2.8.114" };
const registered = { type: "registered", registration: { domain: "bling", user: "1003", ...registration } };
const deregistered = { type: "deregistered", domain: "bling", user: "1003" };

interface Row {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
  readonly status: number;
  readonly reply?: unknown;
  /** The event control must have been given; undefined = none. */
  readonly event?: object;
}

const closed = {
  number: 1,
  event: {
    type: "closed",
    uuid: "u",
    reason: "idle-timeout",
    statistics: {
      datagrams: 2,
      forwarded: 1,
      consumed: 0,
      received: { packets: 1, octets: 2, lost: 0, jitterMillis: 0.5, rFactor: 93.2, mos: 4.4 },
      sent: { packets: 3, octets: 4, lost: null, jitterMillis: null, rFactor: null, mos: null },
      roundTripMillis: null,
      dropped: { NotMedia: 1 },
      tick: { count: 0, meanUs: 0, maxUs: 0 },
    },
  },
};

const rows: Row[] = [
  ...(["PUT", "POST"] as const).flatMap((method): Row[] => [
    {
      id: "H080",
      method,
      path: `/dialog/a-${method}`,
      body: { callid: `a-${method}`, to: "1003" },
      status: 200,
      event: { type: "dialog", cause: "new", number: 1, info: { callid: `a-${method}`, to: "1003" } },
    },
    {
      id: "H080 the body's callid counts",
      method,
      path: "/dialog/other",
      body: { callid: `b-${method}` },
      status: 200,
      event: { info: { callid: `b-${method}` } },
    },
    {
      id: "H080 no callid in the path",
      method,
      path: "/dialog",
      body: { callid: `c-${method}` },
      status: 200,
      event: { info: { callid: `c-${method}` } },
    },
    { id: "H081 X09", method, path: "/reg/bling/1003", body: registration, status: 200, event: registered },
    {
      id: "H081 X09 user as the original sends it",
      method,
      path: "/reg/bling/1003",
      body: { user: "1003@bling", ...registration },
      status: 200,
      event: registered,
    },
    {
      id: "H081 X10 identity in the body",
      method,
      path: "/reg",
      body: { domain: "bling", user: "1003" },
      status: 200,
      event: { type: "registered", registration: { domain: "bling", user: "1003" } },
    },
    {
      id: "H081 user@domain",
      method,
      path: "/reg",
      body: { user: "1003@bling", ...registration },
      status: 200,
      event: registered,
    },
    { id: "H081 nobody", method, path: "/reg", body: {}, status: 400, reply: { field: "user" } },
    {
      id: "H081 no domain",
      method,
      path: "/reg",
      body: { user: "1003" },
      status: 400,
      reply: { field: "domain" },
    },
  ]),
  {
    id: "H080 unknown call",
    method: "PUT",
    path: "/dialog/x",
    body: { callid: "x", hangup: true },
    status: 200,
    event: { cause: "ended" },
  },
  {
    id: "H080 no callid at all",
    method: "PUT",
    path: "/dialog/x",
    body: {},
    status: 400,
    reply: { field: "callid" },
  },
  {
    id: "H080 refused",
    method: "PUT",
    path: "/dialog/r",
    body: { callid: "refused" },
    status: 503,
    reply: { code: "CONTROL_UNAVAILABLE" },
    event: {},
  },
  {
    id: "H080 cause and number",
    method: "PUT",
    path: "/dialog/n",
    body: { callid: "n", cause: "offer", number: 7 },
    status: 200,
    event: { cause: "offer", number: 7 },
  },
  { id: "H082", method: "DELETE", path: "/reg/bling/1003", status: 200, event: deregistered },
  {
    id: "H082 identity in the body",
    method: "DELETE",
    path: "/reg",
    body: { domain: "bling", user: "1003" },
    status: 200,
    event: deregistered,
  },
  {
    id: "H082 why",
    method: "DELETE",
    path: "/reg/bling/1003",
    body: { reason: "connection" },
    status: 200,
    event: { ...deregistered, reason: "connection" },
  },
  { id: "H082 H088 nobody", method: "DELETE", path: "/reg", status: 400, reply: { field: "user" } },
  { id: "H084 H088", method: "GET", path: "/calls", status: 200, reply: ["one", "two"] },
  { id: "H085", method: "GET", path: "/nothing", status: 404, reply: {} },
  { id: "H098", method: "PUT", path: "/channel/u", body: closed, status: 200, event: closed.event },
  {
    id: "H098",
    method: "PUT",
    path: "/channel/v",
    body: { number: 1, event: { type: "telephone-event", uuid: "v", event: "5" } },
    status: 200,
    event: { type: "telephone-event", event: "5" },
  },
  {
    id: "H098 repeated",
    method: "PUT",
    path: "/channel/v",
    body: { number: 1, event: { type: "telephone-event", uuid: "v", event: "5" } },
    status: 200,
  },
  {
    id: "H098 bad",
    method: "PUT",
    path: "/channel/v",
    body: { number: 2, event: { type: "sneeze", uuid: "v" } },
    status: 400,
    reply: { field: "event.type" },
  },
  ...[
    { from: { user: "1000", domain: "bling" }, to: { user: "1003" } },
    [{ domain: "bling", to: "1003", from: "1000", control: { host: "127.0.0.1", port: 9001 } }],
    {
      domain: "bling",
      to: "1003",
      from: "sip:1000@bling",
      callerid: { number: "1", name: "A" },
      maxforwards: 70,
    },
  ].map((body): Row => ({
    id: "H083 X12",
    method: "POST",
    path: "/invite",
    body,
    status: 200,
    reply: { callid: "of-1000-to-1003" },
  })),
  {
    id: "H083 nobody",
    method: "POST",
    path: "/invite",
    body: { to: "1" },
    status: 400,
    reply: { field: "from" },
  },
  {
    id: "H083 one at a time",
    method: "POST",
    path: "/invite",
    body: [
      { domain: "d", from: "1", to: "2" },
      { domain: "d", from: "1", to: "2" },
    ],
    status: 400,
    reply: { code: "ARGUMENT_INVALID" },
  },
  {
    id: "H083 nobody knows him",
    method: "POST",
    path: "/invite",
    body: { domain: "bling", from: "nobody", to: "1003" },
    status: 404,
    reply: { code: "USER_UNKNOWN" },
  },
  {
    id: "H083 strict",
    method: "POST",
    path: "/invite",
    body: { domain: "d", from: "1", to: "2", hurry: 1 },
    status: 400,
    reply: {},
  },
  { id: "H083 others", method: "PUT", path: "/invite", body: {}, status: 405, reply: {} },
  { id: "health", method: "GET", path: "/health", status: 200, reply: { calls: 2 } },
];

t.test("the control component's interface, row by row", async (t) => {
  const client = new HttpClient();
  const sip = new RemoteSipService({ client, url: "http://127.0.0.1:1" });
  const media = new RemoteMediaService({ client, url: "http://127.0.0.1:1" });
  const events: (SipEvent | MediaEvent)[] = [];
  sip.attach(async (event) => {
    events.push(event);
    if (event.type === "dialog" && event.info.callid === "refused") {
      throw new MediaswitchError("CONTROL_UNAVAILABLE", "nobody wants it");
    }
  });
  media.attach(async (event) => {
    events.push(event);
  });
  const routes = controlRoutes({
    sip,
    media,
    originate: ({ from, to }) =>
      from.user === "nobody"
        ? Promise.reject(new MediaswitchError("USER_UNKNOWN", "who?"))
        : Promise.resolve(`of-${from.user}-to-${to.user}`),
    calls: () => ["one", "two"],
    health: () => ({ calls: 2 }),
  });
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
  t.teardown(async () => {
    await server.close();
    await client.close();
  });
  for (const { id, method, path, body, status, reply, event } of rows) {
    events.length = 0;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await call(server.address, method, path, text);
    const row = `${id}: ${method} ${path}`;
    t.equal(answer.status, status, row);
    if (reply === undefined) t.equal(answer.text, "", row);
    else t.match(answer.json, reply, row);
    t.equal(events.length, event === undefined ? 0 : 1, `${row}: events`);
    if (event !== undefined) t.match(events[0], event, row);
  }
});

t.test("a control with everything in its own process takes no callbacks", async (t) => {
  const routes = controlRoutes({ calls: () => [], health: () => ({}) });
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
  t.teardown(() => server.close());
  const answer = await call(server.address, "PUT", "/dialog/x", '{"callid":"x"}');
  t.equal(answer.status, 503);
});

t.test("H081, H082: but registrations, from whoever knows of them", async (t) => {
  const events: SipEvent[] = [];
  const routes = controlRoutes({
    registrations: async (event) => void events.push(event),
    calls: () => [],
    health: () => ({}),
  });
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
  t.teardown(() => server.close());
  const identity = JSON.stringify({ domain: "bling", user: "1003" });
  t.equal((await call(server.address, "POST", "/reg", identity)).status, 200);
  t.equal((await call(server.address, "DELETE", "/reg/bling/1003")).status, 200);
  t.match(events, [{ type: "registered", registration: { domain: "bling", user: "1003" } }, deregistered]);
});
