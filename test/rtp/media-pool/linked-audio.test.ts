/** Two real engines behind one pool: phones of one hear those of the other, key presses too, by a link. */
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { silentLog } from "../../../ts/core/log.js";
import { SystemClock } from "../../../ts/core/system-clock.js";
import { MediaPool } from "../../../ts/rtp/media-pool/media-pool.js";
import type { MediaCommands, MediaEvent } from "../../../ts/rtp/media-service.js";
import { MediaBench, remoteOf } from "../support/media-bench.js";
import type { Phone } from "../support/phone.js";
import { listen, say } from "../support/talk.js";
import { testPort } from "../support/test-ports.js";
import { amplitudeOf, sine } from "../support/tones.js";

const SECONDS = 1;
/** What is heard of a tone of 8000; what one engine makes of the other's stays far above. */
const HEARD = 2500;

interface Voice {
  readonly phone: Phone;
  readonly hertz: number;
  readonly uuid: string;
  readonly port: number;
}

t.test("three phones of two servers talk, and keys go across", async (t) => {
  const benches = [
    await MediaBench.start(t, { ports: { low: testPort(0), high: testPort(99) } }),
    await MediaBench.start(t, { ports: { low: testPort(100), high: testPort(199) } }),
  ] as const;
  const pool = new MediaPool({
    servers: [{ url: "http://one" }, { url: "http://two" }],
    connect: (url) => benches[url === "http://one" ? 0 : 1].service,
    clock: new SystemClock(),
    log: silentLog,
  });
  t.teardown(() => {
    pool.close();
  });
  const events: MediaEvent[] = [];
  pool.attach(async (event) => void events.push(event));
  await pool.ready();

  const open = async (hertz: number, near?: string): Promise<Voice> => {
    const phone = await benches[0].phone();
    const { uuid, port } = await pool.execute({ type: "open", ...(near !== undefined && { near }) });
    await pool.execute({ type: "target", uuid, remote: remoteOf(phone, "L16/8000") });
    return { phone, hertz, uuid, port };
  };
  const alice = await open(400);
  const bob = await open(700);
  const carol = await open(1100, alice.uuid);
  const all = [alice, bob, carol];
  t.same(
    pool.servers.map(({ channels }) => channels),
    [2, 1],
  );

  const mix = (one: Voice, other: Voice): Promise<MediaCommands["mix"]["result"]> =>
    pool.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
  let talks = 0;
  /** All talk for a second; whom each has heard in the second half of it. */
  const talk = async (speakers: readonly Voice[]): Promise<number[][]> => {
    talks += 1;
    const over = Promise.all(
      speakers.map(({ phone, hertz, port }) => say(phone, port, sine(hertz, SECONDS), talks)),
    );
    const heard = await Promise.all(all.map(({ phone }) => listen(phone, over)));
    return heard.map(({ samples }) => {
      const rest = samples.subarray(Math.floor(samples.length / 2));
      return all.map(({ hertz }) => hertz).filter((hertz) => amplitudeOf(hertz, rest) > HEARD);
    });
  };

  await mix(alice, bob);
  t.same(
    pool.servers.map(({ channels }) => channels),
    [3, 2],
    "a channel of the link on each",
  );
  const two = await talk([alice, bob]);
  t.same(two, [[700], [400], []]);
  await mix(carol, alice);
  const three = await talk(all);
  t.same(three, [
    [700, 1100],
    [400, 1100],
    [400, 700],
  ]);

  // Alice's phone presses a key (RFC 4733): bob's hears it, and control hears of it once.
  const press = (end: boolean, index: number): Promise<void> =>
    alice.phone.send(
      {
        payloadType: 101,
        sequence: 200 + index,
        timestamp: 999_000,
        ssrc: talks,
        payload: Buffer.from([7, end ? 0x8a : 0x0a, 0, 160]),
      },
      alice.port,
    );
  for (let index = 0; index < 6; index += 1) {
    await press(index >= 3, index);
    await pause(20);
  }
  const keys: number[] = [];
  while (keys.length < 3) {
    const { payloadType, payload } = await bob.phone.hear();
    if (payloadType === 101) keys.push(payload[0] ?? -1);
  }
  t.same(keys, [7, 7, 7], "bob hears the key");
  while (!events.some(({ type }) => type === "telephone-event")) await pause(5);
  t.same(
    events.filter(({ type }) => type === "telephone-event"),
    [{ type: "telephone-event", uuid: alice.uuid, event: "7" }],
    "told once, of the one who pressed it",
  );

  await pool.execute({ type: "unmix", uuid: bob.uuid });
  t.same(
    pool.servers.map(({ channels }) => channels),
    [2, 1],
    "the link is gone with who needed it",
  );
  t.same(await talk([alice, bob]), [[], [], [400]]);
  for (const { uuid } of all) await pool.execute({ type: "close", uuid });
  await pause(50);
  t.same(
    events.filter(({ uuid }) => all.every((voice) => voice.uuid !== uuid)),
    [],
    "nobody hears of the link's ends",
  );
  for (const { service } of benches) t.equal((await service.execute({ type: "health" })).channels, 0);
});
