/** The page and what it asks for, over HTTP: who may have it, and what is refused. */
import t from "tap";
import { offerOf } from "../control/exchange.js";
import { rawExchange } from "../http/raw-http.js";
import { openControlWithPage } from "./support/page-under-test.js";

t.setTimeout(90_000);

t.test("the files: a strict policy, nothing inline, nothing from elsewhere", async (t) => {
  const { url } = await openControlWithPage(t);
  const slashless = await fetch(`${url}/page`, { redirect: "manual" });
  t.equal(slashless.status, 308);
  t.equal(slashless.headers.get("location"), "page/");
  const page = await fetch(`${url}/page/`);
  t.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy") ?? "";
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
    t.match(policy, rule);
  }
  t.notMatch(policy, /unsafe|\*|https?:/);
  const html = await page.text();
  t.notMatch(html, /<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|https?:/);
  for (const [file, type] of [
    ["page.js", "text/javascript; charset=utf-8"],
    ["page.css", "text/css; charset=utf-8"],
  ] as const) {
    const reply = await fetch(`${url}/page/${file}`);
    t.equal(reply.headers.get("content-type"), type);
    t.equal((await reply.text()).length > 1000, true);
  }
  t.equal((await fetch(`${url}/page/other.js`)).status, 404);
  t.equal((await fetch(`${url}/page/`, { method: "POST" })).status, 405);
});

t.test("with a token: the files are for anybody, what they ask for is not", async (t) => {
  const { url } = await openControlWithPage(t, "open-sesame");
  const status = async (path: string, init: RequestInit = {}): Promise<number> => {
    const reply = await fetch(`${url}/page/${path}`, init);
    await reply.text();
    return reply.status;
  };
  for (const file of ["", "page.js", "page.css"]) t.equal(await status(file), 200);
  for (const path of ["data/live", "data/phones", "data/servers", "data/services", "../trace"]) {
    t.equal(await status(path), 401, path);
    const wrong = { headers: { authorization: "Bearer open-sesamf" } };
    t.equal(await status(path, wrong), 401, path);
  }
  t.equal(await status("data/calls/x", { method: "DELETE" }), 401);
  const right = { headers: { authorization: "Bearer open-sesame" } };
  t.equal(await status("data/services", right), 200);
});

t.test("without a token, pages of other servers on this machine get nothing", async (t) => {
  const { url } = await openControlWithPage(t);
  const { hostname, port } = new URL(url);
  // Node's own fetch says where it comes from by itself.
  const status = async (method: string, headers: Record<string, string>): Promise<number> => {
    const path = method === "GET" ? "/page/data/services" : "/page/data/calls/none";
    const lines = Object.entries({ Host: "127.0.0.1", Connection: "close", ...headers });
    const answer = await rawExchange(
      { address: hostname, port: Number(port) },
      `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
    );
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
  };
  t.equal(
    await status("DELETE", { "sec-fetch-site": "same-origin" }),
    404,
    "our own page: there is no such call",
  );
  t.equal(await status("DELETE", {}), 404, "a program");
  t.equal(await status("DELETE", { "sec-fetch-site": "same-site" }), 403, "another port");
  t.equal(await status("DELETE", { "sec-fetch-site": "cross-site" }), 403);
  t.equal(await status("GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }), 403);
  t.equal(
    await status("GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }),
    200,
    "a link",
  );
  const posted = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  t.equal(await status("DELETE", posted), 403, "a form");
  t.equal(await status("GET", { origin: "http://evil.example" }), 403);
});

t.test("what can't be done is a problem, with its code", async (t) => {
  const { url, sip, control } = await openControlWithPage(t);
  control.onnewcall = () => undefined;
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const reply = await fetch(`${url}/page/data/${path}`, init);
    return reply.status === 200 ? 200 : await reply.json();
  };
  const id = await sip.invited({ from: "1000", to: "1", sdp: offerOf() });
  t.match(await send("DELETE", "calls/none"), { status: 404, code: "CALL_UNKNOWN" });
  t.match(await send("POST", `calls/${id}/mute`, { muted: true }), { status: 409, code: "CALL_STATE" });
  t.match(await send("POST", `calls/${id}/mute`, { muted: "yes" }), { status: 400, field: "muted" });
  t.match(await send("POST", "rooms/none", { action: "lock" }), { status: 400, field: "room" });
  t.match(await send("POST", "rooms/none", { action: "burn" }), { status: 400, field: "action" });
  t.match(await send("POST", "rooms/none/members/x", { action: "kick" }), { status: 400, field: "room" });
  t.match(await send("POST", "queues/none/agents/x", { action: "pause" }), { status: 400, field: "queue" });
  t.equal(await send("DELETE", `calls/${encodeURIComponent(id)}`), 200);
  t.equal(sip.live.length, 0, "it is hung up");
});

t.test("phones and servers", async (t) => {
  const { url, sip, control } = await openControlWithPage(t);
  await control.directory("example.net", [
    { username: "1000", secret: "x" },
    { username: "1001", secret: "x" },
  ]);
  await sip.register("example.net", "1000", "192.0.2.7", 5062);
  const get = async (path: string): Promise<unknown> => (await fetch(`${url}/page/data/${path}`)).json();
  t.match(await get("phones"), {
    domains: [{ domain: "example.net", users: 2, registered: 1 }],
    phones: [{ user: "1000", host: "192.0.2.7", port: 5062 }],
    more: 0,
  });
  t.match(await get("phones?search=1001"), { phones: [], more: 0 });
  t.match(await get("phones?limit=0"), { status: 400, field: "limit" });
  t.match(await get("servers"), { calls: 0, rtp: [{ state: "up" }], sip: { draining: false } });
});
