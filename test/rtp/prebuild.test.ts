/** The addon of the package, which has its libraries linked in, makes of the same audio what the one built here makes. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { loadAddon, withObjects, type Addon, type NumericAddon } from "../../ts/rtp/addon.js";
import type { AudioFormat } from "../../ts/rtp/media-service.js";
import { MediaBench, remoteOf } from "./support/media-bench.js";
import { L16, say } from "./support/talk.js";
import { sine, toL16 } from "./support/tones.js";

const prebuilt = fileURLToPath(
  new URL(`../../prebuilds/linux-${process.arch}/mediaswitch.glibc.node`, import.meta.url),
);
const options = existsSync(prebuilt) ? {} : { skip: "no prebuilt addon: npm run make:prebuild" };

const PACKETS = 50;
const SAMPLES = 160;

/** Two tones and a noise that is the same each time, a second long. */
function sound(): Int16Array {
  let state = 1;
  const [low, high] = [sine(300, 1), sine(2100, 1, 3000)];
  return low.map((sample, index) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return sample + (high[index] ?? 0) + (state >>> 21) - 1024;
  });
}

/** What a phone hears in that format while another says the sound in L16, packet by packet. */
async function transcoded(t: Test, addon: Addon, format: AudioFormat): Promise<string> {
  const bench = await MediaBench.start(t, { addon });
  const [speaker, listener] = [await bench.phone(), await bench.phone()];
  const one = await bench.open(remoteOf(speaker, "L16/8000"));
  const other = await bench.open(remoteOf(listener, format));
  await bench.service.execute({ type: "mix", uuid: one.uuid, other: other.uuid });
  const samples = sound();
  const heard: Buffer[] = [];
  for (let index = 0; index < PACKETS; index++) {
    const payload = toL16(samples.subarray(index * SAMPLES, (index + 1) * SAMPLES));
    await speaker.send({ payloadType: L16, sequence: index + 1, payload }, one.port);
    heard.push((await listener.hear()).payload);
  }
  await bench.service.close();
  return Buffer.concat(heard).toString("hex");
}

const loadPrebuilt = (): Addon => withObjects(createRequire(import.meta.url)(prebuilt) as NumericAddon);

/** The keys an engine tells of in half a second of each of these pairs of tones. */
async function keysHeard(t: Test, addon: Addon): Promise<readonly string[]> {
  const bench = await MediaBench.start(t, { addon });
  const phone = await bench.phone();
  const { uuid, port } = await bench.open(remoteOf(phone, "L16/8000"));
  await bench.service.execute({ type: "detect", uuid, inband: true });
  const keys = [
    [697, 1209],
    [852, 1336],
    [941, 1477],
    // Too far from any key.
    [730, 1400],
  ].flatMap(([low = 0, high = 0]) => {
    const upper = sine(high, 0.2, 6000);
    return [...sine(low, 0.2, 6000).map((sample, index) => sample + (upper[index] ?? 0)), ...sine(0, 0.2)];
  });
  await say(phone, port, Int16Array.from(keys));
  await bench.service.close();
  return bench.events.flatMap((event) => (event.type === "telephone-event" ? [event.event] : []));
}

await t.test("the prebuilt addon makes the same octets of the same audio", options, async (t) => {
  const [ours, theirs] = [loadAddon(), loadPrebuilt()];
  t.not(ours.MediaEngine, theirs.MediaEngine, "two addons");
  for (const format of ["PCMU", "PCMA", "G722", "iLBC/20", "L16/16000"] as const) {
    const expected = await transcoded(t, ours, format);
    t.ok(new Set(expected.match(/../g)).size > 20, `${format}: sound, not silence`);
    t.equal(await transcoded(t, theirs, format), expected, format);
  }
  const tone = [{ millis: 300, waves: [{ from: 440, to: 880 }], amplitudeFrom: 0.5, amplitudeTo: 0.1 }];
  t.same(theirs.renderTone(tone, 16000), ours.renderTone(tone, 16000), "a tone");
});

await t.test("the prebuilt addon recognises the same keys", options, async (t) => {
  const theirs = loadPrebuilt();
  const expected = await keysHeard(t, loadAddon());
  t.same(expected, ["1", "8", "#"]);
  t.same(await keysHeard(t, theirs), expected);
});
