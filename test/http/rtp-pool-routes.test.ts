import t from "tap";
import { silentLog } from "../../ts/core/log.js";
import type { Method } from "../../ts/http/route-table.js";
import { rtpPoolRoutes } from "../../ts/http/rtp-pool-routes.js";
import { HttpServer } from "../../ts/http/server.js";
import { MediaPool } from "../../ts/rtp/media-pool/media-pool.js";
import { FakeMediaService } from "../support/fake-media-service.js";
import { ManualClock } from "../support/manual-clock.js";
import { call } from "./raw-http.js";

const a = { url: "http://a:9002", weight: 1, state: "up", channels: 0 };
const b = { url: "http://b:9002", weight: 2.5 };

/** One after the other, on the same pool. */
const rows: [method: Method, path: string, body: object | undefined, status: number, reply: object][] = [
  ["GET", "/rtp", undefined, 200, { servers: [{ ...a, reported: { active: 0, draining: false } }] }],
  ["POST", "/rtp", { url: "http://b:9002/", weight: 2.5 }, 200, { servers: [a, b] }],
  ["POST", "/rtp", { url: "http://b:9002" }, 400, { code: "ARGUMENT_INVALID", field: "url" }],
  ["PUT", "/rtp", { url: "b:9002" }, 400, { field: "url" }],
  ["POST", "/rtp", { url: "http://c", weight: 0 }, 400, { field: "weight" }],
  ["POST", "/rtp", { url: "http://c", load: 0 }, 400, { code: "ARGUMENT_INVALID" }],
  ["POST", "/rtp/drain", { url: "http://a:9002" }, 200, { servers: [{ ...a, state: "draining" }, b] }],
  ["PUT", "/rtp/drain", { url: "http://a:9002", enabled: false }, 200, { servers: [a, b] }],
  ["POST", "/rtp/drain", { url: "http://x" }, 400, { code: "ARGUMENT_INVALID", field: "url" }],
  ["POST", "/rtp/remove", { url: "http://b:9002" }, 200, { servers: [a] }],
  ["POST", "/rtp/remove", { url: "http://b:9002" }, 400, { field: "url" }],
  ["DELETE", "/rtp", undefined, 405, {}],
];

t.test("the RTP servers over HTTP", async (t) => {
  const pool = new MediaPool({
    servers: [{ url: "http://a:9002" }],
    connect: () => new FakeMediaService(),
    clock: new ManualClock(),
    log: silentLog,
  });
  await pool.ready();
  const server = await HttpServer.open({
    host: "127.0.0.1",
    port: 0,
    routes: rtpPoolRoutes(pool),
    log: silentLog,
  });
  t.teardown(() => server.close());
  for (const [method, path, body, status, reply] of rows) {
    const answer = await call(server.address, method, path, body && JSON.stringify(body));
    t.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}`);
    t.match(answer.json, reply);
  }
  await pool.execute({ type: "open" });
  const answer = await call(server.address, "POST", "/rtp/remove", JSON.stringify({ url: "http://a:9002" }));
  t.match([answer.status, answer.json], [409, { code: "MEDIA_STATE", field: "url" }]);
});
