import t from "tap";
import { SystemClock } from "../../ts/core/system-clock.js";
import { silentLog } from "../../ts/core/log.js";
import { HttpClient } from "../../ts/http/client.js";
import { ControlCallbacks } from "../../ts/http/control-callbacks.js";
import type { Method } from "../../ts/http/route-table.js";
import { HttpServer } from "../../ts/http/server.js";
import { sipEventCallbackRoutes, sipEventRoutes, type SipTidings } from "../../ts/http/sip-event-routes.js";
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

const message = { from: { user: "reception", domain: "bling" }, to: { user: "1003" }, content: "hé" };

const rows: Row[] = [
  {
    method: "PUT",
    path: "/presence/bling/1003",
    body: { status: "closed", note: "at lunch" },
    status: 200,
    command: { type: "presence.set", domain: "bling", user: "1003", status: "closed", note: "at lunch" },
  },
  {
    method: "DELETE",
    path: "/presence/bling/1003",
    status: 200,
    command: { type: "presence.set", domain: "bling", user: "1003", status: undefined },
  },
  {
    method: "PUT",
    path: "/presence/bling/1003",
    body: { status: "busy" },
    status: 400,
    reply: { field: "status" },
  },
  { method: "PUT", path: "/presence/bling/1003", body: {}, status: 400, reply: { field: "status" } },
  {
    method: "PUT",
    path: "/presence/bling/1003",
    body: { status: "open", mood: "" },
    status: 400,
    reply: { field: "mood" },
  },
  {
    method: "PUT",
    path: "/presence/bling/1003",
    body: { status: "open", note: "x".repeat(256) },
    status: 400,
    reply: { field: "note" },
  },
  {
    method: "PUT",
    path: "/presence/bling/ghost",
    body: { status: "open" },
    status: 404,
    reply: { code: "USER_UNKNOWN" },
    command: {},
  },
  {
    method: "PUT",
    path: "/presence/nowhere/1003",
    body: { status: "open" },
    status: 404,
    reply: { code: "DOMAIN_UNKNOWN" },
    command: {},
  },
  { method: "GET", path: "/presence/bling/1003", status: 405, reply: {} },
  {
    method: "PUT",
    path: "/mwi/bling/10%2F03",
    body: { new: 2, old: 8, urgentNew: 1, urgentOld: 0, account: "sip:*97@bling" },
    status: 200,
    command: {
      type: "mwi.set",
      user: "10/03",
      mailbox: { new: 2, old: 8, urgentNew: 1, urgentOld: 0, account: "sip:*97@bling" },
    },
  },
  {
    method: "POST",
    path: "/mwi/bling/1003",
    body: { new: 0 },
    status: 200,
    command: { mailbox: { new: 0, old: 0 } },
  },
  { method: "PUT", path: "/mwi/bling/1003", body: {}, status: 400, reply: { field: "new" } },
  { method: "PUT", path: "/mwi/bling/1003", body: { new: -1 }, status: 400, reply: { field: "new" } },
  { method: "PUT", path: "/mwi/bling/1003", body: { new: 1.5 }, status: 400, reply: { field: "new" } },
  {
    method: "PUT",
    path: "/mwi/bling/1003",
    body: { new: 1, account: "a\r\nb" },
    status: 400,
    reply: { field: "account" },
  },
  {
    method: "POST",
    path: "/message",
    body: message,
    status: 200,
    reply: { status: 200 },
    command: { type: "message.send", request: message },
  },
  { method: "PUT", path: "/message", body: message, status: 200, reply: { status: 200 }, command: {} },
  {
    method: "POST",
    path: "/message",
    body: { ...message, to: { user: "ghost" } },
    status: 404,
    reply: { code: "USER_UNKNOWN" },
    command: {},
  },
  {
    method: "POST",
    path: "/message",
    body: { ...message, to: { user: "10/03" } },
    status: 480,
    reply: { code: "USER_NOT_REGISTERED" },
    command: {},
  },
  {
    method: "POST",
    path: "/message",
    body: { ...message, content: undefined },
    status: 400,
    reply: { field: "content" },
  },
  {
    method: "POST",
    path: "/message",
    body: { ...message, contentType: "a/b\r\nX: y" },
    status: 400,
    reply: { field: "contentType" },
  },
  {
    method: "POST",
    path: "/message",
    body: { ...message, from: { user: "a\nb", domain: "bling" } },
    status: 400,
    reply: { field: "from.user" },
  },
];

const serve = (routes: Parameters<typeof HttpServer.open>[0]["routes"]): Promise<HttpServer> =>
  HttpServer.open({ host: "127.0.0.1", port: 0, routes, log: silentLog });

t.test("presence, mailboxes and messages, row by row", async (t) => {
  const sip = new FakeSipService();
  sip.attach(() => Promise.resolve());
  const users = ["1003", "10/03"].map((username) => ({ username, secret: "s" }));
  await sip.execute({ type: "directory.put", domain: "bling", users });
  await sip.register("bling", "1003");
  const server = await serve(sipEventRoutes(sip));
  t.teardown(() => server.close());
  for (const { method, path, body, status, reply, command } of rows) {
    sip.commands.length = 0;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await call(server.address, method, path, text);
    const row = `${method} ${path} ${text ?? ""}`;
    t.equal(answer.status, status, row);
    if (reply === undefined) t.equal(answer.text, "", row);
    else t.match(answer.json, reply, row);
    t.equal(sip.commands.length, command === undefined ? 0 : 1, `${row}: commands`);
    if (command !== undefined) t.match(sip.commands[0], command, row);
  }
});

t.test(
  "control is told of subscriptions, and asked to take messages: once, for a sender waits",
  async (t) => {
    const heard: SipTidings[] = [];
    const server = await serve(
      sipEventCallbackRoutes((event) => {
        heard.push(event);
        return Promise.resolve();
      }),
    );
    const client = new HttpClient();
    t.teardown(async () => {
      await server.close();
      await client.close();
    });
    const control = `http://127.0.0.1:${String(server.address.port)}`;
    const callbacks = new ControlCallbacks({ client, clock: new SystemClock(), log: silentLog });
    const subscription = {
      domain: "bling",
      user: "10/03",
      event: "dialog",
      subscriber: "1000@bling",
      state: "active",
    } as const;
    const info = {
      callid: "m@x",
      domain: "bling",
      user: "",
      from: "1000@bling",
      contentType: "text/plain",
      content: "hé\r\n",
    };
    await callbacks.sip({ type: "subscribed", control, subscription });
    await callbacks.sip({ type: "message", control, message: info });
    t.strictSame(heard, [
      { type: "subscribed", subscription },
      { type: "message", message: info },
    ]);
    await callbacks.sip({ type: "subscribed", subscription });
    await t.rejects(
      callbacks.sip({ type: "message", message: info }),
      { code: "CONTROL_UNAVAILABLE" },
      "no control is set",
    );
    await t.rejects(callbacks.sip({ type: "message", control: "http://127.0.0.1:1", message: info }), {
      code: "CONTROL_UNAVAILABLE",
    });
  },
);
