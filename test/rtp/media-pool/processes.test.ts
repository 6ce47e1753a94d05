/** A pool of three real RTP servers, each a process of its own; one is killed, one drained. */
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { seconds } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { SystemClock } from "../../../ts/core/system-clock.js";
import { ChannelLease } from "../../../ts/control/channel-lease.js";
import { HttpClient } from "../../../ts/http/client.js";
import { RemoteMediaService } from "../../../ts/http/remote-media-service.js";
import { MediaPool, type PoolEvent } from "../../../ts/rtp/media-pool/media-pool.js";
import type { MediaEvent } from "../../../ts/rtp/media-service.js";
import { eventually } from "../../interop/support/eventually.js";
import { startProcess, type RunningProcess } from "../../interop/support/process.js";
import { testPort } from "../support/test-ports.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const LOOPBACK = "127.0.0.1";
const START_MILLIS = 60_000;
const PATIENCE_MILLIS = 60_000;

t.setTimeout(180_000);

interface Server {
  readonly url: string;
  readonly process: RunningProcess;
}

/** @param index each has a hundred ports of its own. */
async function startServer(t: Test, index: number): Promise<Server> {
  const ports = `${testPort(100 * index + 2)}-${testPort(100 * index + 99)}`;
  const flags = [
    "--media-address",
    LOOPBACK,
    "--ports",
    ports,
    "--rtp-http-port",
    "0",
    "--log-level",
    "error",
  ];
  const process = startProcess(
    t,
    "env",
    ["-u", "NODE_OPTIONS", globalThis.process.execPath, "--import=tsx", "ts/cli.ts", "rtp", ...flags],
    { cwd: root },
  );
  const [, url = ""] = await process.printed(/HTTP +(http\S+)/, START_MILLIS);
  return { url, process };
}

function connect(t: Test): (url: string) => RemoteMediaService {
  const client = new HttpClient();
  t.teardown(() => client.close());
  return (url) => new RemoteMediaService({ client, url });
}

await t.test(
  "calls are spread, go on elsewhere when a server is killed, and spare a drained one",
  async (t) => {
    const servers = await Promise.all([0, 1, 2].map((index) => startServer(t, index)));
    const pool = new MediaPool({
      servers: servers.map(({ url }) => ({ url })),
      connect: connect(t),
      clock: new SystemClock(),
      log: silentLog,
      timing: { lostAfter: seconds(3) },
    });
    t.teardown(() => {
      pool.close();
    });
    const heard: MediaEvent[] = [];
    const news: PoolEvent[] = [];
    pool.attach(async (event) => void heard.push(event));
    pool.watch((event) => void news.push(event));
    await pool.ready();
    t.same(
      pool.servers.map(({ state }) => state),
      ["up", "up", "up"],
    );

    /** A call: two legs on one server, bridged. */
    const call = async (): Promise<readonly [string, string]> => {
      const { uuid } = await pool.execute({ type: "open" });
      const { uuid: other } = await pool.execute({ type: "open", near: uuid });
      await pool.execute({ type: "mix", uuid, other });
      return [uuid, other];
    };
    const channels = (): number[] => pool.servers.map((server) => server.channels);
    for (let n = 0; n < 6; n += 1) await call();
    t.same(channels(), [4, 4, 4], "six calls on three servers, both legs of each together");

    const [first, second] = servers as [Server, Server, Server];
    globalThis.process.kill(first.process.pid, "SIGKILL");
    const noticed = await eventually(
      PATIENCE_MILLIS,
      () => news.find(({ url, state }) => url === first.url && state === "suspect"),
      (found) => found !== undefined,
    );
    t.match(noticed, { before: "up" });
    for (let n = 0; n < 4; n += 1) await call();
    t.same(channels().slice(1), [8, 8], "none on the killed one");
    await eventually(
      PATIENCE_MILLIS,
      () => heard.length,
      (count) => count === 4,
    );
    t.ok(heard.every((event) => event.type === "closed" && event.reason === "error"));
    t.equal(
      new Set(heard.map(({ uuid }) => uuid)).size,
      4,
      "the calls of the killed one are told, each channel once",
    );
    t.same([pool.servers[0]?.state, pool.servers[0]?.channels], ["down", 0]);

    pool.drain(second.url);
    for (let n = 0; n < 4; n += 1) await call();
    t.same(channels(), [0, 8, 16], "no new call on the drained one");
    t.equal(pool.servers[1]?.state, "draining");

    const again = await startServer(t, 3);
    pool.add({ url: again.url, weight: 4 });
    await pool.ready();
    for (let n = 0; n < 4; n += 1) await call();
    t.equal(pool.servers[3]?.channels, 8, "one that was added takes its share");
  },
);

await t.test("a controller's channels live as long as its heart beats", async (t) => {
  const { url } = await startServer(t, 4);
  const media = connect(t)(url);
  let beats = 0;
  const lease = new ChannelLease({
    holder: "one controller",
    seconds: 2,
    clock: new SystemClock(),
    log: silentLog,
    media: {
      attach: () => undefined,
      execute: async (command, signal) => {
        const result = await media.execute(command, signal);
        if (command.type === "renew") beats += 1;
        return result;
      },
    },
  });
  t.teardown(() => {
    lease.covers(0);
  });
  const open = async (): Promise<number> => (await media.execute({ type: "health" })).channels;
  await media.execute({ type: "open", lease: lease.terms });
  await media.execute({ type: "open" });
  lease.covers(1);
  await eventually(
    PATIENCE_MILLIS,
    () => beats,
    (count) => count >= 6,
  );
  t.equal(await open(), 2, "twice the lease has gone by");
  lease.covers(0);
  t.equal(
    await eventually(PATIENCE_MILLIS, open, (count) => count === 1),
    1,
    "only the one under the lease is closed",
  );
});
