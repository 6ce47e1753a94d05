/** Choice among RTP servers, what becomes of one that is silent, drained, restarted: in virtual time. */
import t from "tap";
import { ms, seconds } from "../../../ts/core/brand.js";
import { silentLog } from "../../../ts/core/log.js";
import { MediaPool, type PoolEvent } from "../../../ts/rtp/media-pool/media-pool.js";
import type { MediaCommands, MediaEvent } from "../../../ts/rtp/media-service.js";
import { ManualClock } from "../../support/manual-clock.js";
import { FakeRtpServer } from "./fake-rtp-server.js";

const URLS = ["http://a", "http://b", "http://c"] as const;

class Bench {
  readonly clock = new ManualClock();
  readonly servers = new Map<string, FakeRtpServer>();
  readonly heard: MediaEvent[] = [];
  readonly news: PoolEvent[] = [];
  readonly warnings: string[] = [];
  readonly pool: MediaPool;

  constructor(servers: readonly { url: string; weight?: number }[] = URLS.map((url) => ({ url }))) {
    const say = (_: object, text: string): void => void this.warnings.push(text);
    this.pool = new MediaPool({
      servers,
      clock: this.clock,
      log: { ...silentLog, warn: say, error: say },
      connect: (url) => {
        const server = new FakeRtpServer(url);
        this.servers.set(url, server);
        return server;
      },
    });
    this.pool.attach(async (event) => void this.heard.push(event));
    this.pool.watch((event) => void this.news.push(event));
  }

  static async open(...args: ConstructorParameters<typeof Bench>): Promise<Bench> {
    const bench = new Bench(...args);
    await bench.pool.ready();
    bench.news.length = 0;
    return bench;
  }

  server(url: string): FakeRtpServer {
    const server = this.servers.get(url);
    if (server === undefined) throw new Error(`no server ${url}`);
    return server;
  }

  open(input: MediaCommands["open"]["input"] = {}): Promise<MediaCommands["open"]["result"]> {
    return this.pool.execute({ type: "open", ...input });
  }

  /** Opens a channel; what else is under way in time goes on. */
  async opened(input: MediaCommands["open"]["input"] = {}): Promise<string> {
    return (await this.open(input)).uuid;
  }

  async opensMany(count: number): Promise<Record<string, number>> {
    const on: Record<string, number> = {};
    for (let n = 0; n < count; n += 1) {
      const home = homeOf(await this.opened());
      on[home] = (on[home] ?? 0) + 1;
    }
    return on;
  }

  states(): Record<string, string> {
    return Object.fromEntries(this.pool.servers.map(({ url, state }) => [url, state]));
  }
}

const homeOf = (uuid: string): string => uuid.slice(0, uuid.indexOf("#"));

t.test("channels are spread by weight", async (t) => {
  const bench = await Bench.open([{ url: "http://a" }, { url: "http://b", weight: 2 }, { url: "http://c" }]);
  t.same(await bench.opensMany(40), { "http://a": 10, "http://b": 20, "http://c": 10 });
  t.same(
    bench.pool.servers.map(({ channels, weight }) => [channels, weight]),
    [
      [10, 1],
      [20, 2],
      [10, 1],
    ],
  );
});

t.test("opened all at once they are spread as well", async (t) => {
  const bench = await Bench.open();
  const uuids = await Promise.all(Array.from({ length: 30 }, () => bench.opened()));
  for (const url of URLS) t.equal(uuids.filter((uuid) => homeOf(uuid) === url).length, 10, url);
});

t.test("what a server tells of its load counts, once it has told it", async (t) => {
  const bench = await Bench.open();
  bench.server("http://a").load = 0.9;
  bench.server("http://b").load = 0.5;
  await bench.clock.advance(ms(500));
  t.same(await bench.opensMany(16), { "http://a": 1, "http://b": 5, "http://c": 10 });
});

t.test("a channel near another is opened where that one is, and may be mixed with it", async (t) => {
  const bench = await Bench.open();
  await bench.opensMany(2);
  const first = await bench.opened();
  t.equal(homeOf(first), "http://c");
  for (let n = 0; n < 5; n += 1) {
    const near = await bench.opened({ near: first, control: "http://control" });
    t.equal(homeOf(near), "http://c");
    await bench.pool.execute({ type: "mix", uuid: near, other: first });
  }
  const { near, ...asked } = { near: undefined, ...bench.server("http://c").commands.at(-2) };
  t.match(asked, { type: "open", control: "http://control" });
  t.equal(near, undefined, "where it is to be is the pool's business");
  t.equal(
    homeOf(await bench.opened({ near: "gone" })),
    "http://a",
    "near a channel that is not there: anywhere",
  );
});

t.test("channels that are not there are named", async (t) => {
  const bench = await Bench.open();
  const a = await bench.opened();
  const unknown = { code: "MEDIA_CHANNEL_UNKNOWN" } as const;
  await t.rejects(bench.pool.execute({ type: "mix", uuid: a, other: "b" }), { ...unknown, field: "other" });
  await t.rejects(bench.pool.execute({ type: "mix", uuid: "b", other: a }), { ...unknown, field: "uuid" });
  await t.rejects(bench.pool.execute({ type: "whisper", uuid: a, to: "b" }), { ...unknown, field: "to" });
  await t.rejects(bench.pool.execute({ type: "unmix", uuid: "b" }), { ...unknown, field: "uuid" });
});

t.test("commands go where the channel is; an unknown one is said so", async (t) => {
  const bench = await Bench.open();
  const [, b] = [await bench.opened(), await bench.opened()];
  await bench.pool.execute({ type: "echo", uuid: b, enabled: true });
  t.equal(bench.server("http://b").commandsOf("echo"), 1);
  t.equal(bench.server("http://a").commandsOf("echo"), 0);
  await t.rejects(bench.pool.execute({ type: "echo", uuid: "x", enabled: true }), {
    code: "MEDIA_CHANNEL_UNKNOWN",
    field: "uuid",
  });
  await t.rejects(bench.pool.execute({ type: "mix", uuid: b, other: "x" }), {
    code: "MEDIA_CHANNEL_UNKNOWN",
    field: "other",
  });
  await bench.pool.execute({ type: "close", uuid: b });
  await bench.pool.execute({ type: "close", uuid: b });
  t.match(bench.heard, [{ type: "closed", uuid: b, reason: "requested" }]);
  await t.rejects(bench.pool.execute({ type: "unmix", uuid: b }), { code: "MEDIA_CHANNEL_UNKNOWN" });
  await bench.clock.advance(ms(500));
  t.match(await bench.pool.execute({ type: "health" }), { channels: 1, sockets: 2, draining: false });
});

for (const how of ["silent", "away"] as const) {
  t.test(
    `a server that is ${how} gets no channel after two seconds at most, and it is said so`,
    async (t) => {
      const bench = await Bench.open();
      await bench.clock.advance(ms(1));
      bench.server("http://a").state = how;
      await bench.clock.advance(seconds(2));
      t.same(bench.states(), { "http://a": "suspect", "http://b": "up", "http://c": "up" });
      t.match(bench.news, [{ url: "http://a", before: "up", state: "suspect" }]);
      t.match(bench.warnings, [/an RTP server is suspect/]);
      const before = bench.server("http://a").commandsOf("open");
      t.same(await bench.opensMany(4), { "http://b": 2, "http://c": 2 });
      t.equal(bench.server("http://a").commandsOf("open"), before, "it is not even asked");
      bench.server("http://a").wakes();
      await bench.clock.advance(seconds(1));
      t.equal(bench.states()["http://a"], "up");
      t.equal(homeOf(await bench.opened()), "http://a");
    },
  );
}

t.test(
  "a channel asked of a server that is silent is opened elsewhere after a second; a late one is closed",
  async (t) => {
    const bench = await Bench.open();
    bench.server("http://a").state = "silent";
    const opening = bench.open();
    await bench.clock.advance(ms(999));
    t.equal(bench.server("http://b").commandsOf("open"), 0);
    await bench.clock.advance(ms(1));
    t.equal(homeOf((await opening).uuid), "http://b");
    t.equal(bench.states()["http://a"], "suspect");
    bench.server("http://a").wakes();
    await bench.clock.settle();
    t.equal(bench.server("http://a").commandsOf("close"), 1);
    t.equal(bench.server("http://a").media.channels.size, 0);
  },
);

t.test("the only server is given five seconds", async (t) => {
  const bench = await Bench.open([{ url: "http://a" }]);
  bench.server("http://a").state = "silent";
  const slow = bench.open();
  await bench.clock.advance(ms(4999));
  bench.server("http://a").wakes();
  t.equal(homeOf((await slow).uuid), "http://a");
  bench.server("http://a").state = "silent";
  const refused = t.rejects(bench.open(), { code: "MEDIA_UNAVAILABLE", message: "no answer within 5000 ms" });
  await bench.clock.advance(seconds(5));
  await refused;
});

t.test("a server without room, or draining by itself, is passed over at once", async (t) => {
  const bench = await Bench.open();
  bench.server("http://a").media.capacity = 0;
  await bench.server("http://b").media.execute({ type: "drain", enabled: true });
  t.equal(homeOf(await bench.opened()), "http://c");
  t.same(bench.states(), { "http://a": "up", "http://b": "draining", "http://c": "up" });
  const asked = bench.server("http://a").commandsOf("open");
  await bench.opensMany(3);
  t.equal(bench.server("http://a").commandsOf("open"), asked, "it is not asked again");
  bench.server("http://c").media.capacity = 0;
  await t.rejects(bench.open(), { code: "MEDIA_OUT_OF_PORTS" });
  await t.rejects(bench.open(), {
    code: "MEDIA_UNAVAILABLE",
    message: "no RTP server takes a channel: http://a is up, http://b is draining, http://c is up",
  });
});

t.test("a wrong request is not tried elsewhere", async (t) => {
  const bench = await Bench.open();
  await t.rejects(bench.open({ lease: { holder: "", seconds: 1 } }), { code: "ARGUMENT_INVALID" });
  t.equal(bench.server("http://b").commandsOf("open"), 0);
});

t.test(
  "silent for ten seconds: its channels are told closed, once; back, it has to close them",
  async (t) => {
    const bench = await Bench.open();
    const [a1, b1] = [await bench.opened(), await bench.opened()];
    bench.server("http://a").state = "away";
    await bench.clock.advance(seconds(10));
    t.same(bench.heard, [], "audio may flow while it can't be asked");
    await bench.clock.advance(seconds(1));
    t.match(bench.heard, [{ type: "closed", uuid: a1, reason: "error", statistics: { datagrams: 0 } }]);
    t.equal(bench.heard.length, 1);
    t.equal(bench.states()["http://a"], "down");
    await t.rejects(bench.pool.execute({ type: "unmix", uuid: a1 }), { code: "MEDIA_CHANNEL_UNKNOWN" });
    await bench.pool.execute({ type: "unmix", uuid: b1 });
    bench.server("http://a").state = "well";
    await bench.clock.advance(seconds(1));
    t.equal(bench.server("http://a").media.channels.size, 0, "closed");
    t.equal(bench.states()["http://a"], "up");
    t.equal(bench.heard.length, 1, "its end is told once");
  },
);

t.test("what a server says of channels that were given up is not told", async (t) => {
  const bench = await Bench.open();
  const a1 = await bench.opened();
  const server = bench.server("http://a");
  server.state = "away";
  await bench.clock.advance(seconds(11));
  const told = bench.heard.length;
  await server.media.closes(a1.replace("http://a#", ""), "idle-timeout");
  t.equal(bench.heard.length, told);
});

t.test("restarted within its silence: what it had is lost at once", async (t) => {
  const bench = await Bench.open();
  const a1 = await bench.opened();
  bench.server("http://a").restarts();
  await bench.clock.advance(ms(500));
  t.match(bench.heard, [{ type: "closed", uuid: a1, reason: "error" }]);
  t.equal(bench.states()["http://a"], "up");
  t.equal(bench.server("http://a").commandsOf("close"), 0, "there is nothing to close");
  const again = await bench.opened();
  t.equal(homeOf(again), "http://a");
});

t.test("drained: no new call there, but the second leg of one that is; and back again", async (t) => {
  const bench = await Bench.open();
  const a1 = await bench.opened();
  bench.pool.drain("http://a");
  t.equal(bench.states()["http://a"], "draining");
  t.same(await bench.opensMany(6), { "http://b": 3, "http://c": 3 });
  t.equal(homeOf(await bench.opened({ near: a1 })), "http://a");
  await bench.clock.advance(seconds(5));
  t.equal(bench.states()["http://a"], "draining", "its answers change nothing");
  bench.pool.drain("http://a", { enabled: false });
  t.equal(homeOf(await bench.opened()), "http://a");
  t.throws(() => bench.pool.drain("http://x"), { code: "ARGUMENT_INVALID", field: "url" });
});

t.test("a server that refuses the second leg of its call: the leg is refused", async (t) => {
  const bench = await Bench.open();
  const a1 = await bench.opened();
  await bench.server("http://a").media.execute({ type: "drain", enabled: true });
  await t.rejects(bench.open({ near: a1 }), { code: "MEDIA_DRAINING", sipStatus: 503 });
  t.equal(bench.server("http://b").commandsOf("open"), 0);
});

t.test("added and removed while it runs", async (t) => {
  const bench = await Bench.open([{ url: "http://a" }]);
  const a1 = await bench.opened();
  t.throws(() => bench.pool.add({ url: "http://a" }), { code: "ARGUMENT_INVALID", field: "url" });
  t.throws(() => bench.pool.add({ url: "http://d", weight: 0 }), {
    code: "ARGUMENT_INVALID",
    field: "weight",
  });
  bench.pool.add({ url: "http://b", weight: 5 });
  await bench.clock.settle();
  t.same(await bench.opensMany(5), { "http://b": 5 });
  t.throws(() => bench.pool.remove("http://a"), { code: "MEDIA_STATE" });
  await bench.pool.execute({ type: "close", uuid: a1 });
  bench.pool.remove("http://a");
  t.same(bench.states(), { "http://b": "up" });
  t.same(await bench.opensMany(5), { "http://b": 5 });
  bench.pool.close();
  t.equal(bench.clock.pendingTimers, 0);
});

t.test("a heartbeat goes to all of them, and waits for none", async (t) => {
  const bench = await Bench.open();
  const lease = { holder: "us", seconds: 30 };
  for (let n = 0; n < 6; n += 1) await bench.opened({ lease });
  t.same(await bench.pool.execute({ type: "renew", holder: "us" }), { channels: 6 });
  bench.server("http://a").state = "silent";
  const renewed = bench.pool.execute({ type: "renew", holder: "us" });
  await bench.clock.advance(seconds(1));
  t.same(await renewed, { channels: 4 });
});

t.test("a pool needs a server", (t) => {
  t.throws(() => new Bench([]), { code: "ARGUMENT_INVALID" });
  t.end();
});
