import t from "tap";
import { MediaswitchError } from "../../ts/core/errors.js";
import { silentLog } from "../../ts/core/log.js";
import type { Method } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { sipRoutes } from "../../ts/http/sip-routes.js";
import type { DomainRegistrations, SipCommands, SipEvent } from "../../ts/sip/sip-service.js";
import { call } from "./raw-http.js";
import { recordingService } from "./recording-service.js";

const REGISTRATIONS: DomainRegistrations = {
  domain: "bling.babblevoice.com",
  count: 2,
  registered: 1,
  users: {
    "1000": { registered: false },
    "1003": {
      registered: true,
      outstandingping: 0,
      remote: { host: "127.0.0.1", port: 42068, agent: "Z 5.2.28 rv2.8.114" },
      epochs: { registered: 1552507958 },
      bindings: [{ contact: "sip:1003@127.0.0.1:42068", host: "127.0.0.1", port: 42068, expires: 3600 }],
    },
  },
};

const sip = recordingService<SipCommands, SipEvent>({
  "directory.put": () => ({ created: true }),
  "directory.patch": ({ domain }) => {
    if (domain === "unknown") throw new MediaswitchError("DOMAIN_UNKNOWN", "there is no domain unknown");
    return { created: false };
  },
  "directory.delete": () => ({}),
  "directory.get": ({ domain }) => {
    if (domain === "unknown") throw new MediaswitchError("DOMAIN_UNKNOWN", "there is no domain unknown");
    return domain === undefined ? { domains: ["a"] } : { users: ["1003"], control: "http://127.0.0.1:9001" };
  },
  "registrations.count": () => ({ count: 1255 }),
  "registrations.domain": () => REGISTRATIONS,
  "dialog.count": () => ({ count: 1, counter: 7 }),
  "dialog.get": () => {
    throw new MediaswitchError("CALL_UNKNOWN", "no such call");
  },
  "dialog.invite": ({ request }) => {
    if (request.to.user === "ghost") throw new MediaswitchError("USER_UNKNOWN", "To user not found");
    if (request.to.user === "away") throw new MediaswitchError("USER_NOT_REGISTERED", "no binding");
    return { callid: request.callid ?? "made-up" };
  },
  "dialog.ring": ({ callid }) => {
    if (callid === "unknown") throw new MediaswitchError("CALL_UNKNOWN", "there is no call unknown");
    return {};
  },
  "dialog.answer": () => ({}),
  "dialog.ok": () => ({}),
  "dialog.refuse": () => ({}),
  "dialog.ack": () => ({}),
  "dialog.hangup": () => ({}),
  "dialog.reinvite": () => ({}),
  "dialog.notify": () => ({}),
  "dialog.info": () => ({}),
  "dialog.message": () => ({}),
  "presence.set": () => ({}),
  "mwi.set": () => ({}),
  "message.send": () => ({ status: 200 }),
  "gateway.put": () => ({ created: true }),
  "gateway.delete": () => ({}),
  "gateway.get": () => ({ gateways: [] }),
  drain: ({ enabled }) => ({ draining: enabled, calls: 1 }),
  health: () => ({
    calls: 1,
    dialogs: 1,
    transactions: 0,
    timers: 2,
    sockets: 1,
    connections: 0,
    connectionTroubles: {},
    bindings: 0,
    subscriptions: 0,
    publications: 0,
    messages: 0,
    gateways: 0,
    instance: "i",
    started: 1,
    draining: false,
    admits: 1,
    eventsWaiting: 0,
    eventsLost: 0,
    refused: {},
  }),
});

/** RFC 4566's kind of description, as the seed's JSON; `clock` as text is what the original wanted back. */
const sdpJson = (clock: number | string): object => ({
  v: 0,
  o: { username: "-", sessionid: 1, sessionversion: 1, nettype: "IN", ipver: "IP4", address: "127.0.0.1" },
  s: " ",
  c: [{ nettype: "IN", ipver: "IP4", address: "127.0.0.1" }],
  t: { start: 0, stop: 0 },
  m: [
    {
      media: "audio",
      port: 10000,
      proto: "RTP/AVP",
      payloads: [0],
      rtpmap: { "0": { encoding: "PCMU", clock } },
      direction: "sendrecv",
      ptime: 20,
    },
  ],
});

const domain = "bling.babblevoice.com";
const user = { username: "1003", secret: "1123654789" };
const invited = (request: object): object => ({ type: "dialog.invite", request });
const nested = { from: { user: "1000", domain }, to: { user: "1003" } };
const withSdp = (sdp: unknown): object => ({ callid: "c", sdp });
const textSdp = {
  type: "dialog.answer",
  callid: "c",
  sdp: /^v=0\r\no=- 1 1 .*m=audio 10000 RTP\/AVP 0\r\n.*a=rtpmap:0 PCMU\/8000\r\n/s,
};

interface Row {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  /** Matched; undefined = the reply is empty. */
  readonly reply?: unknown;
  /** Command that must have been given; undefined = none. */
  readonly command?: object;
}

const actions: Row[] = (["PUT", "POST"] as const).flatMap((method): Row[] => [
  {
    id: "H057 X01",
    method,
    path: "/dialog/ring",
    body: { callid: "c" },
    status: 200,
    command: { type: "dialog.ring", callid: "c" },
  },
  {
    id: "H057",
    method,
    path: "/dialog/ring",
    body: { callid: "c", alertinfo: "bell" },
    status: 200,
    command: { alertinfo: "bell" },
  },
  {
    id: "H058",
    method,
    path: "/dialog/answer",
    body: { callid: "c" },
    status: 200,
    command: { type: "dialog.answer", callid: "c" },
  },
  {
    id: "H058",
    method,
    path: "/dialog/answer",
    body: withSdp({}),
    status: 200,
    command: { type: "dialog.answer", sdp: undefined },
  },
  {
    id: "H058 X47 clock is a number",
    method,
    path: "/dialog/answer",
    body: withSdp(sdpJson(8000)),
    status: 200,
    command: textSdp,
  },
  {
    id: "H058 X47 clock is text",
    method,
    path: "/dialog/answer",
    body: withSdp(sdpJson("8000")),
    status: 200,
    command: textSdp,
  },
  {
    id: "H059",
    method,
    path: "/dialog/ok",
    body: withSdp(sdpJson(8000)),
    status: 200,
    command: { ...textSdp, type: "dialog.ok" },
  },
  {
    id: "re-INVITE refused",
    method,
    path: "/dialog/refuse",
    body: { callid: "c", code: 488 },
    status: 200,
    command: { type: "dialog.refuse", callid: "c", code: 488 },
  },
  {
    id: "H057 early media",
    method,
    path: "/dialog/ring",
    body: withSdp(sdpJson(8000)),
    status: 200,
    command: { ...textSdp, type: "dialog.ring" },
  },
  {
    id: "H060",
    method,
    path: "/dialog/notify",
    body: { callid: "c" },
    status: 200,
    command: { type: "dialog.notify", callid: "c" },
  },
  {
    id: "H060 how it went",
    method,
    path: "/dialog/notify",
    body: { callid: "c", code: 486, reason: "Busy Here" },
    status: 200,
    command: { code: 486, reason: "Busy Here" },
  },
  {
    id: "H062 X22",
    method,
    path: "/dialog/invite",
    body: withSdp(sdpJson(8000)),
    status: 200,
    reply: { callid: "c" },
    command: { ...textSdp, type: "dialog.reinvite" },
  },
  {
    id: "H062 without a description",
    method,
    path: "/dialog/invite",
    body: withSdp({}),
    status: 200,
    reply: { callid: "c" },
    command: { type: "dialog.reinvite", callid: "c", sdp: undefined },
  },
  {
    id: "INFO",
    method,
    path: "/dialog/info",
    body: { callid: "c", contenttype: "application/dtmf-relay", body: "Signal=5" },
    status: 200,
    command: { type: "dialog.info", contenttype: "application/dtmf-relay", body: "Signal=5" },
  },
  {
    id: "MESSAGE",
    method,
    path: "/dialog/message",
    body: { callid: "c", contenttype: "text/plain", body: "hello" },
    status: 200,
    command: { type: "dialog.message" },
  },
  {
    id: "drain",
    method,
    path: "/drain",
    status: 200,
    reply: { draining: true, calls: 1 },
    command: { type: "drain", enabled: true },
  },
  {
    id: "drain until",
    method,
    path: "/drain",
    body: { seconds: 30 },
    status: 200,
    reply: {},
    command: { type: "drain", enabled: true, seconds: 30 },
  },
  {
    id: "drain off",
    method,
    path: "/drain",
    body: { enabled: false },
    status: 200,
    reply: { draining: false },
    command: { enabled: false },
  },
  {
    id: "a field we don't know",
    method,
    path: "/dialog/hangup",
    body: { callid: "c", raeson: "Busy" },
    status: 400,
    reply: { field: "raeson" },
  },
  {
    id: "a line end in what becomes a header",
    method,
    path: "/dialog/ring",
    body: { callid: "c", alertinfo: "a\r\nVia: b" },
    status: 400,
    reply: { field: "alertinfo" },
  },
  {
    id: "late offer",
    method,
    path: "/dialog/ack",
    body: withSdp(sdpJson(8000)),
    status: 200,
    command: { ...textSdp, type: "dialog.ack" },
  },
  {
    id: "H061",
    method,
    path: "/dialog/hangup",
    body: { callid: "c" },
    status: 200,
    command: { type: "dialog.hangup", callid: "c" },
  },
  {
    id: "H061",
    method,
    path: "/dialog/hangup",
    body: { callid: "c", code: 486, reason: "Busy here" },
    status: 200,
    command: { code: 486, reason: "Busy here" },
  },
  {
    id: "H064 unknown call",
    method,
    path: "/dialog/ring",
    body: { callid: "unknown" },
    status: 404,
    reply: { code: "CALL_UNKNOWN" },
    command: {},
  },
  { id: "H064 no callid", method, path: "/dialog/ring", body: {}, status: 400, reply: { field: "callid" } },
  { id: "H064 no body", method, path: "/dialog/ring", status: 400 },
  { id: "H064 unknown action", method, path: "/dialog/dance", body: { callid: "c" }, status: 404, reply: {} },
  {
    id: "hangup code",
    method,
    path: "/dialog/hangup",
    body: { callid: "c", code: 202 },
    status: 400,
    reply: { field: "code" },
  },
  {
    id: "hangup code: answered elsewhere",
    method,
    path: "/dialog/hangup",
    body: { callid: "c", code: 200, reason: "Call completed elsewhere" },
    status: 200,
    command: { type: "dialog.hangup", callid: "c", code: 200, reason: "Call completed elsewhere" },
  },
  {
    id: "refuse code",
    method,
    path: "/dialog/refuse",
    body: { callid: "c", code: 200 },
    status: 400,
    reply: { field: "code" },
  },
  {
    id: "bad sdp",
    method,
    path: "/dialog/answer",
    body: withSdp({ v: 0 }),
    status: 400,
    reply: { field: "sdp" },
  },
  {
    id: "bad sdp",
    method,
    path: "/dialog/answer",
    body: withSdp(["v=0"]),
    status: 400,
    reply: { field: "sdp" },
  },
]);

const rows: Row[] = [
  {
    id: "H020",
    method: "GET",
    path: "/reg",
    status: 200,
    reply: { count: 1255 },
    command: { type: "registrations.count" },
  },
  {
    id: "H020",
    method: "GET",
    path: "/reg/",
    status: 200,
    reply: { count: 1255 },
    command: { type: "registrations.count" },
  },
  {
    id: "H021 H023",
    method: "GET",
    path: `/reg/${domain}`,
    status: 200,
    reply: REGISTRATIONS,
    command: { type: "registrations.domain", domain },
  },
  {
    id: "H022",
    method: "GET",
    path: `/reg/${domain}/1003`,
    status: 200,
    reply: REGISTRATIONS,
    command: { domain, user: "1003" },
  },
  { id: "H014", method: "PUT", path: "/reg", body: {}, status: 405, reply: { title: "Method Not Allowed" } },

  {
    id: "H030",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { control: "http://127.0.0.1:9001", users: [user] },
    status: 201,
    reply: { created: true },
    command: { type: "directory.put", domain, control: "http://127.0.0.1:9001", users: [user] },
  },
  {
    id: "H030 X05 object",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { control: { host: "127.0.0.1", port: 9001 }, users: [] },
    status: 201,
    reply: {},
    command: { control: "http://127.0.0.1:9001" },
  },
  {
    id: "H030 X05 port 80",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { control: { host: "::1" }, users: [] },
    status: 201,
    reply: {},
    command: { control: "http://[::1]:80" },
  },
  {
    id: "H030 X05 array",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { control: [{ host: "h", port: 1 }, "http://b"], users: [] },
    status: 201,
    reply: {},
    command: { control: "http://h:1" },
  },
  {
    id: "H030 algorithms",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { algorithms: ["SHA-256"], users: [] },
    status: 201,
    reply: {},
    command: { algorithms: ["SHA-256"] },
  },
  {
    id: "H030 no users",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { control: "http://c" },
    status: 400,
    reply: { field: "users" },
  },
  {
    id: "H030 no secret",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { users: [user, { username: "1004" }] },
    status: 400,
    reply: { field: "users[1].secret" },
  },
  {
    id: "H030 bad control",
    method: "PUT",
    path: `/dir/${domain}`,
    body: { control: "127.0.0.1:9001", users: [] },
    status: 400,
    reply: { field: "control", detail: /expected an http URL/ },
  },
  {
    id: "H030 not an object",
    method: "PUT",
    path: `/dir/${domain}`,
    body: [1],
    status: 400,
    reply: { detail: /^body: / },
  },
  { id: "H031", method: "PUT", path: "/dir", body: {}, status: 400, reply: { detail: /too short/ } },
  ...(["PUT", "PATCH"] as const).flatMap((method): Row[] => [
    {
      id: "H032 H033 X07",
      method,
      path: `/dir/${domain}/1003`,
      body: { secret: "s" },
      status: 200,
      reply: { created: false },
      command: { type: "directory.patch", domain, users: [{ username: "1003", secret: "s" }] },
    },
    {
      id: "H032 unknown domain",
      method,
      path: "/dir/unknown/1003",
      body: { secret: "s" },
      status: 404,
      reply: { code: "DOMAIN_UNKNOWN" },
      command: {},
    },
    {
      id: "H032 no secret",
      method,
      path: `/dir/${domain}/1003`,
      body: {},
      status: 400,
      reply: { field: "secret" },
    },
  ]),
  {
    id: "H034",
    method: "PATCH",
    path: `/dir/${domain}`,
    body: { users: [user] },
    status: 200,
    reply: {},
    command: { type: "directory.patch", domain, users: [user] },
  },
  {
    id: "H034 control only",
    method: "PATCH",
    path: `/dir/${domain}`,
    body: { control: "http://c" },
    status: 200,
    reply: {},
    command: { control: "http://c", users: [] },
  },
  {
    id: "H035",
    method: "GET",
    path: `/dir/${domain}`,
    status: 200,
    reply: { users: ["1003"], control: "http://127.0.0.1:9001" },
    command: { type: "directory.get", domain },
  },
  {
    id: "H036",
    method: "GET",
    path: "/dir",
    status: 200,
    reply: { domains: ["a"] },
    command: { type: "directory.get" },
  },
  {
    id: "H037",
    method: "GET",
    path: "/dir/unknown",
    status: 404,
    reply: { code: "DOMAIN_UNKNOWN" },
    command: {},
  },
  {
    id: "H038",
    method: "DELETE",
    path: `/dir/${domain}`,
    status: 200,
    command: { type: "directory.delete", domain },
  },
  {
    id: "H039 H015",
    method: "DELETE",
    path: `/dir/${domain}/1003`,
    body: {},
    status: 200,
    command: { domain, user: "1003" },
  },

  {
    id: "H050",
    method: "GET",
    path: "/dialog",
    status: 200,
    reply: { count: 1, counter: 7 },
    command: { type: "dialog.count" },
  },
  {
    id: "H051 H053 H054",
    method: "POST",
    path: "/dialog/invite",
    body: nested,
    status: 200,
    reply: { callid: "made-up" },
    command: invited(nested),
  },
  {
    id: "H051 X03",
    method: "POST",
    path: "/invite",
    body: nested,
    status: 200,
    reply: { callid: "made-up" },
    command: invited(nested),
  },
  {
    id: "H053 everything",
    method: "POST",
    path: "/dialog/invite",
    body: {
      ...nested,
      callid: "mine",
      to: { user: "1", domain: "d" },
      maxforwards: 7,
      cid: { number: "1", name: "n", private: true },
      control: "http://c",
      forward: false,
      codecs: ["pcmu"],
      sdp: sdpJson(8000),
    },
    status: 200,
    reply: { callid: "mine" },
    command: invited({
      callid: "mine",
      to: { user: "1", domain: "d" },
      maxforwards: 7,
      cid: { number: "1", name: "n", private: true },
      control: "http://c",
      sdp: /^v=0\r\n/,
    }),
  },
  {
    id: "H052 X04",
    method: "POST",
    path: "/invite",
    body: [
      {
        domain,
        to: "1003",
        from: "1000",
        maxforwards: 70,
        callerid: { number: "123", name: "123", private: false },
        control: { host: "127.0.0.1", port: 9001 },
      },
    ],
    status: 200,
    reply: { callid: "made-up" },
    command: invited({
      ...nested,
      maxforwards: 70,
      cid: { number: "123", name: "123", private: false },
      control: "http://127.0.0.1:9001",
    }),
  },
  {
    id: "H052 whole addresses",
    method: "POST",
    path: "/invite",
    body: { from: "sip:1000@a", to: "1003@b" },
    status: 200,
    reply: {},
    command: invited({ from: { user: "1000", domain: "a" }, to: { user: "1003", domain: "b" } }),
  },
  {
    id: "X04 array of the nested shape",
    method: "POST",
    path: "/invite",
    body: [nested],
    status: 200,
    reply: {},
    command: invited(nested),
  },
  {
    id: "H052 two at once",
    method: "POST",
    path: "/invite",
    body: [nested, nested],
    status: 400,
    reply: { detail: /one call/ },
  },
  {
    id: "H055 no such user",
    method: "POST",
    path: "/invite",
    body: { ...nested, to: "ghost" },
    status: 404,
    reply: { code: "USER_UNKNOWN", detail: "To user not found" },
    command: {},
  },
  {
    id: "H055 not registered",
    method: "POST",
    path: "/invite",
    body: { ...nested, to: "away" },
    status: 480,
    reply: { title: "Temporarily Unavailable" },
    command: {},
  },
  {
    id: "H055 no domain",
    method: "POST",
    path: "/invite",
    body: { from: "1000", to: "1003" },
    status: 400,
    reply: { field: "from.domain" },
  },
  {
    id: "H055 no to",
    method: "POST",
    path: "/invite",
    body: { from: nested.from },
    status: 400,
    reply: { field: "to" },
  },
  ...actions,
  { id: "H006", method: "DELETE", path: "/dialog/ring", body: {}, status: 405, reply: {} },
  {
    id: "health",
    method: "GET",
    path: "/health",
    status: 200,
    reply: { calls: 1, timers: 2, http: { sockets: 0 } },
    command: { type: "health" },
  },
];

t.test("the sip component's interface, row by row", async (t) => {
  const routes = sipRoutes(sip, () => ({ http: { requests: 0, sockets: 0 } }));
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });
  t.teardown(() => server.close());
  for (const { id, method, path, body, status, reply, command } of rows) {
    sip.commands.length = 0;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await call(server.address, method, path, text);
    const row = `${id}: ${method} ${path} ${text ?? ""}`;
    t.equal(answer.status, status, row);
    if (status >= 400) t.match(answer.headers.get("content-type"), "application/problem+json", row);
    else if (reply === undefined) t.equal(answer.text, "", row);
    if (reply !== undefined) t.match(answer.json, reply, row);
    t.equal(sip.commands.length, command === undefined ? 0 : 1, `${row}: commands`);
    if (command !== undefined) t.match(sip.commands[0], command, row);
  }
});
