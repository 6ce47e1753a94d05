/** Channels of different RTP servers that are mixed: who hears whom is what it would be on one server. */
import fc from "fast-check";
import t from "tap";
import { MediaswitchError } from "../../../ts/core/errors.js";
import { silentLog } from "../../../ts/core/log.js";
import { MediaPool } from "../../../ts/rtp/media-pool/media-pool.js";
import type { MediaCommand, MediaCommands, MediaEvent } from "../../../ts/rtp/media-service.js";
import { FakeMediaService } from "../../support/fake-media-service.js";
import { ManualClock } from "../../support/manual-clock.js";
import { FakeRtpServer } from "./fake-rtp-server.js";

type FakeChannel = NonNullable<ReturnType<FakeMediaService["channels"]["get"]>>;

const URLS = ["http://a", "http://b", "http://c"];

class Bench {
  readonly clock = new ManualClock();
  readonly servers: FakeRtpServer[];
  readonly pool: MediaPool;
  readonly heard: MediaEvent[] = [];
  readonly warnings: string[] = [];

  private constructor() {
    this.servers = URLS.map((url, index) => new FakeRtpServer(url, { ip: `192.0.2.${String(index + 1)}` }));
    this.pool = new MediaPool({
      servers: URLS.map((url) => ({ url })),
      clock: this.clock,
      log: { ...silentLog, warn: (_, text) => void this.warnings.push(text) },
      connect: (url) => this.servers[URLS.indexOf(url)]!,
    });
    this.pool.attach(async (event) => void this.heard.push(event));
  }

  static async open(): Promise<Bench> {
    const bench = new Bench();
    await bench.pool.ready();
    return bench;
  }

  /** A channel on each server in turn. */
  async opened(input: MediaCommands["open"]["input"] = {}): Promise<string> {
    return (await this.pool.execute({ type: "open", ...input })).uuid;
  }

  run(command: MediaCommand): Promise<object> {
    return this.pool.execute(command);
  }

  channel(uuid: string): FakeChannel | undefined {
    const [url = "", name = ""] = uuid.split("#");
    return this.servers[URLS.indexOf(url)]?.media.channels.get(name);
  }

  get channels(): FakeChannel[] {
    return this.servers.flatMap(({ media }) => [...media.channels.values()]);
  }

  /** Whom `from` is heard by, across servers. */
  listeners(from: FakeChannel): Set<FakeChannel> {
    const [listeners, speakers] = [new Set<FakeChannel>(), new Set([from])];
    for (const speaker of speakers) {
      for (const listener of speaker.group) {
        if (listener === speaker || (speaker.audibleTo ?? listener) !== listener) continue;
        const farEnd = this.channels.find((each) => isTowards(listener, each, this.servers));
        // What the end of a link hears the other end says.
        if (farEnd === undefined) listeners.add(listener);
        else speakers.add(farEnd);
      }
    }
    return listeners;
  }
}

/** Whether `end` sends to `other`. */
function isTowards(end: FakeChannel, other: FakeChannel, servers: readonly FakeRtpServer[]): boolean {
  const ip = servers.find(({ media }) => media.channels.get(other.uuid) === other)?.media.ip;
  return end.remote?.port === other.port && end.remote.address === ip;
}

const codeOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
    return "done";
  } catch (error) {
    return error instanceof MediaswitchError ? error.code : String(error);
  }
};

void t.test("two on two servers hear each other by a link, which goes when one of them leaves", async (t) => {
  const bench = await Bench.open();
  const [a, b] = [await bench.opened({ lease: { holder: "h", seconds: 30 } }), await bench.opened()];
  await bench.run({ type: "mix", uuid: a, other: b });
  t.same(
    bench.servers.map(({ media }) => media.channels.size),
    [2, 2, 0],
  );
  t.equal(
    bench.servers[0]?.media.commandsOf("open")[1]?.lease?.holder,
    "h",
    "on the terms of whom it is for",
  );
  t.same([...bench.listeners(bench.channel(a)!)], [bench.channel(b)]);
  t.same([...bench.listeners(bench.channel(b)!)], [bench.channel(a)]);
  await bench.run({ type: "mix", uuid: b, other: a });
  t.equal(bench.channels.length, 4, "no second way");
  const strangers = bench.heard.filter(({ uuid }) => uuid !== a && uuid !== b);
  t.same(strangers, [], "nobody hears of the link's ends");
  await bench.run({ type: "unmix", uuid: b });
  t.equal(bench.channels.length, 2);
  t.match(bench.heard, [
    { type: "mix", event: "start" },
    { type: "mix", event: "start" },
    { type: "mix", event: "finished" },
    { type: "mix", event: "finished" },
  ]);
  await bench.run({ type: "mix", uuid: b, other: a });
  await bench.run({ type: "close", uuid: a });
  await bench.clock.settle();
  t.equal(bench.channels.length, 1, "with one that is closed, too");
  t.same(
    bench.heard.filter(({ uuid }) => uuid !== a && uuid !== b),
    [],
  );
  bench.pool.close();
});

void t.test("a link that was silent for so long that its server gave it up is made anew", async (t) => {
  const bench = await Bench.open();
  const [a, b] = [await bench.opened(), await bench.opened()];
  await bench.run({ type: "mix", uuid: a, other: b });
  const end = [...bench.servers[0]!.media.channels.values()].find(({ remote }) => remote !== undefined)!;
  await bench.servers[0]!.media.closes(end.uuid, "idle-timeout");
  await bench.clock.settle();
  t.equal(bench.channels.length, 4);
  t.notOk(bench.channels.includes(end));
  t.same([...bench.listeners(bench.channel(a)!)], [bench.channel(b)]);
  const other = [...bench.servers[1]!.media.channels.values()].find(({ remote }) => remote !== undefined)!;
  await bench.servers[1]!.media.closes(other.uuid, "error");
  await bench.clock.settle();
  t.equal(bench.channels.length, 2, "not where something else is wrong");
  t.match(bench.warnings, [/hear each other no more/]);
  t.same(
    bench.heard.filter(({ type }) => type === "closed"),
    [],
  );
  bench.pool.close();
});

void t.test("one that can't be linked is alone, and it is said why", async (t) => {
  const bench = await Bench.open();
  const [a, b] = [await bench.opened(), await bench.opened()];
  for (const step of ["open", "target", "mix"] as const) {
    bench.servers[1]!.media.failNext(step, "MEDIA_OUT_OF_PORTS");
    t.equal(await codeOf(bench.run({ type: "mix", uuid: a, other: b })), "MEDIA_OUT_OF_PORTS", step);
    t.equal(bench.channels.length, 2, `${step}: nothing is left`);
    t.equal(bench.listeners(bench.channel(a)!).size, 0);
  }
  await bench.run({ type: "mix", uuid: a, other: b });
  t.equal(bench.listeners(bench.channel(a)!).size, 1);
  bench.pool.close();
});

void t.test(
  "a supervisor of another server whispers to one of two only, listens, and speaks to both",
  async (t) => {
    const bench = await Bench.open();
    const agent = await bench.opened();
    const boss = await bench.opened();
    const caller = await bench.opened({ near: agent });
    const who = (uuid: string): string[] =>
      [agent, caller, boss].filter((each) => bench.listeners(bench.channel(uuid)!).has(bench.channel(each)!));
    await bench.run({ type: "mix", uuid: caller, other: agent });
    await bench.run({ type: "whisper", uuid: boss, to: agent });
    await bench.run({ type: "mix", uuid: boss, other: agent });
    t.same(who(boss), [agent]);
    t.same(who(caller), [agent, boss]);
    await bench.run({ type: "whisper", uuid: boss, to: boss });
    t.same(who(boss), []);
    await bench.run({ type: "whisper", uuid: boss, to: caller });
    t.same(who(boss), [caller]);
    await bench.run({ type: "whisper", uuid: boss });
    t.same(who(boss), [agent, caller]);
    t.equal(
      await codeOf(bench.run({ type: "whisper", uuid: agent, to: boss })),
      "MEDIA_ON_OTHER_SERVER",
      "who is in a group here can't single out one over there",
    );
    bench.pool.close();
  },
);

const op = fc.record({
  type: fc.constantFrom("open", "open", "mix", "mix", "mix", "unmix", "close"),
  one: fc.nat(9),
  two: fc.nat(9),
});

void t.test("property: three servers do what one would", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 40 }), async (ops) => {
      const [bench, alone] = [await Bench.open(), new FakeMediaService()];
      const pairs: (readonly [pooled: string, plain: string])[] = [];
      const both = async (command: (index: 0 | 1) => MediaCommand): Promise<void> => {
        const [got, wanted] = [await codeOf(bench.run(command(0))), await codeOf(alone.execute(command(1)))];
        if (got !== wanted) throw new Error(`${command(0).type}: ${got}, and not ${wanted}`);
      };
      for (const { type, one, two } of ops) {
        const [first, second] = [pairs[one % pairs.length], pairs[two % pairs.length]];
        if (type === "open") pairs.push([await bench.opened(), (await alone.execute({ type: "open" })).uuid]);
        else if (first === undefined || second === undefined) continue;
        else if (type === "mix") {
          const isTogether = alone.channels.get(first[1])?.group.has(alone.channels.get(second[1])!) === true;
          if (!isTogether) await both((side) => ({ type, uuid: first[side], other: second[side] }));
        } else await both((side) => ({ type, uuid: first[side] }));
        if (type === "close") pairs.splice(one % pairs.length, 1);
        await bench.clock.settle();
        for (const [pooled, plain] of pairs) {
          const heard = bench.listeners(bench.channel(pooled)!);
          const wanted = [...(alone.channels.get(plain)?.group ?? [])].map(({ uuid }) => uuid);
          const got = pairs.filter(([uuid]) => heard.has(bench.channel(uuid)!)).map(([, uuid]) => uuid);
          const should = wanted.filter((uuid) => uuid !== plain);
          if (got.sort().join() !== should.sort().join())
            throw new Error(`${got.join()} is not ${should.join()}`);
        }
      }
      for (const [pooled] of pairs) await bench.run({ type: "close", uuid: pooled });
      await bench.clock.settle();
      bench.pool.close();
      return bench.channels.length === 0 && bench.heard.every(({ uuid }) => uuid.includes("#"));
    }),
    { numRuns: 60, seed: 7 },
  );
});
