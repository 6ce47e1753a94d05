/** What services ask of the media engine, by the engine itself and phones that speak L16. */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { Booth } from "../../../ts/control/services/conference/booth.js";
import type { Desk } from "../../../ts/control/desk.js";
import { silentLog } from "../../../ts/core/log.js";
import type { MediaEvent } from "../../../ts/rtp/media-service.js";
import { readWav } from "../../interop/support/wav.js";
import { MediaBench, remoteOf } from "../../rtp/support/media-bench.js";
import type { Phone } from "../../rtp/support/phone.js";
import { listen, say } from "../../rtp/support/talk.js";
import { amplitudeOf, sine } from "../../rtp/support/tones.js";

interface Member {
  readonly hertz: number;
  readonly phone: Phone;
  readonly uuid: string;
  readonly port: number;
}

const PITCHES = [400, 700, 1000];

/** Phones of a pitch each, in one group. */
async function group(bench: MediaBench, pitches: readonly number[]): Promise<Member[]> {
  const members: Member[] = [];
  for (const hertz of pitches) {
    const phone = await bench.phone();
    members.push({ hertz, phone, ...(await bench.open(remoteOf(phone, "L16/8000"))) });
  }
  const [first, ...others] = members;
  for (const { uuid } of others) {
    await bench.service.execute({ type: "mix", uuid: first?.uuid ?? "", other: uuid });
  }
  return members;
}

/** Whom of the pitches each hears while all talk; each round is a stream of its own. */
async function heard(
  members: readonly Member[],
  pitches: readonly number[],
  round: number,
): Promise<number[][]> {
  const over = Promise.all(
    members.map(({ phone, port, hertz }) => say(phone, port, sine(hertz, 1, 4000), 10_000 * round + hertz)),
  );
  return Promise.all(
    members.map(async ({ phone }) => {
      const { samples } = await listen(phone, over);
      return pitches.filter((hertz) => amplitudeOf(hertz, samples.subarray(4000, 7200)) > 2000);
    }),
  );
}

void t.test(
  "whisper: one member alone hears it; to itself, nobody; without a listener, everybody again",
  async (t) => {
    const bench = await MediaBench.start(t);
    const members = await group(bench, PITCHES);
    const [customer, agent, coach] = members.map(({ uuid }) => uuid);
    if (customer === undefined || agent === undefined || coach === undefined) throw new Error("nobody");
    await bench.service.execute({ type: "whisper", uuid: coach, to: agent });
    t.strictSame(await heard(members, PITCHES, 1), [[700], [400, 1000], [400, 700]]);
    await bench.service.execute({ type: "whisper", uuid: coach, to: coach });
    t.strictSame(await heard(members, PITCHES, 2), [[700], [400], [400, 700]]);
    await bench.service.execute({ type: "whisper", uuid: coach, to: agent });
    await bench.service.execute({ type: "unmix", uuid: agent });
    t.strictSame(
      await heard(members, PITCHES, 3),
      [[], [], [400]],
      "what is left of it: the customer and the coach",
    );
    await bench.service.execute({ type: "whisper", uuid: coach });
    t.strictSame(await heard(members, PITCHES, 4), [[1000], [], [400]]);
  },
);

/** A desk of which a booth needs only the media and its events. */
function desk(bench: MediaBench): Desk {
  const serviceChannels = new Map<string, (event: MediaEvent) => void>();
  bench.service.attach((event) => {
    serviceChannels.get(event.uuid)?.(event);
    return Promise.resolve();
  });
  return { media: bench.service, log: silentLog, serviceChannels, controlUrl: undefined } as unknown as Desk;
}

void t.test(
  "a room's own voice: members hear what it plays, and its recording has all of them and itself",
  async (t) => {
    const folder = realpathSync(t.testdir());
    const bench = await MediaBench.start(t, { soundsRoot: folder, recordingsRoot: folder });
    const pitches = [400, 700];
    const members = await group(bench, pitches);
    const [first] = members;
    if (first === undefined) throw new Error("nobody");
    const own = desk(bench);
    const booth = await Booth.open(own, first.uuid);
    await bench.service.execute({ type: "mix", uuid: booth.uuid, other: first.uuid });
    const { finished } = await booth.record("room.wav");
    const played = booth.play({ files: [{ tone: "1300*0.2:1200" }] });
    const all = [...pitches, 1300];
    t.strictSame(await heard(members, all, 1), [
      [700, 1300],
      [400, 1300],
    ]);
    await played;
    await booth.control({ finish: true });
    t.match(await finished, { file: "room.wav", ended: "stopped" });
    await booth.close();
    const { channels } = await bench.service.execute({ type: "health" });
    t.equal(channels, 2);
    t.equal(own.serviceChannels.size, 0);
    const { samplingRate, samples } = readWav(join(folder, "room.wav"));
    const middle = samples.subarray(samplingRate * 0.6, samplingRate * 0.9);
    for (const hertz of all)
      t.ok(amplitudeOf(hertz, middle, samplingRate) > 1500, `${String(hertz)} Hz is recorded`);
  },
);
