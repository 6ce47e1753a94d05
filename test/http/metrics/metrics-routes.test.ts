/** `GET /metrics` and `GET /ready` of the components, over HTTP. */
import t, { type Test } from "tap";
import { silentLog } from "../../../ts/core/log.js";
import { mediaRoutes } from "../../../ts/http/media-routes.js";
import type { RouteTable } from "../../../ts/http/route-table.js";
import { HttpServer } from "../../../ts/http/server.js";
import { sipRoutes } from "../../../ts/http/sip-routes.js";
import { FakeMediaService } from "../../support/fake-media-service.js";
import { SipBench } from "../../support/sip-bench.js";

const TOKEN = "a-token-of-the-test";

async function served(
  t: Test,
  routes: RouteTable,
): Promise<(path: string, token?: string) => Promise<Response>> {
  const server = await HttpServer.open({ host: "127.0.0.1", port: 0, log: silentLog, routes, token: TOKEN });
  t.teardown(() => server.close());
  const base = `http://127.0.0.1:${String(server.address.port)}`;
  return (path, token) =>
    fetch(base + path, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
}

t.test("sip: ready for everybody to ask until it drains; counts for those with the token", async (t) => {
  const { sip } = new SipBench();
  const ask = await served(t, sipRoutes(sip));
  t.strictSame(await (await ask("/ready")).json(), { ready: true });
  t.equal((await ask("/metrics")).status, 401);
  const metrics = await ask("/metrics", TOKEN);
  t.match(metrics.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  t.match(await metrics.text(), /^mediaswitch_sip_calls 0$/m);
  await sip.execute({ type: "drain", enabled: true });
  const refused = await ask("/ready");
  t.equal(refused.status, 503);
  t.match(await refused.json(), { code: "SIP_DRAINING", detail: "nothing new is taken" });
  t.match(await (await ask("/metrics", TOKEN)).text(), /^mediaswitch_sip_draining 1$/m);
});

t.test("rtp: not ready when every channel is in use, and again when one is not", async (t) => {
  const media = new FakeMediaService({ capacity: 1 });
  const ask = await served(t, mediaRoutes(media));
  t.equal((await ask("/ready")).status, 200);
  const { uuid } = await media.execute({ type: "open" });
  t.match(await (await ask("/ready")).json(), { status: 503, code: "MEDIA_OUT_OF_PORTS" });
  t.match(await (await ask("/metrics", TOKEN)).text(), /^mediaswitch_rtp_channels 1$/m);
  await media.execute({ type: "close", uuid });
  t.equal((await ask("/ready")).status, 200);
});
