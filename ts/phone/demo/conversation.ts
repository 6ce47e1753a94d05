import { join } from "node:path";
import type { ChannelStatistics } from "../../rtp/media-service.js";
import { findTone, laterBy, type HeardTone } from "../heard-tone.js";
import type { PhoneLeg } from "../phone-leg.js";
import { readSoundFile } from "../sound-file.js";

/** Somebody who takes part in a conversation. */
export interface Speaker {
  readonly name: string;
  /** The tone of this phone, in hertz: a multiple of 50. */
  readonly voice: number;
  readonly leg: PhoneLeg;
}

/** What one of them heard. */
export interface Hearing {
  readonly name: string;
  /** As scripts call it. */
  readonly codec: string;
  /** Names of those who were heard, as the recording shows. */
  readonly hears: readonly string[];
  /** Milliseconds from a mouth to an ear: half of there and back, the mean over the others; undefined: not measured. */
  readonly delayMillis: number | undefined;
  readonly statistics: ChannelStatistics;
  /** The recording: what was heard on the left, what was said on the right. */
  readonly file: string;
}

export interface ConversationOptions {
  /** For the names of the files. */
  readonly name: string;
  /** Where recordings are written. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds of tone and of silence in turn: no two alike, so that what is heard is known to be that part of what was said. */
const RHYTHM = [500, 100, 250, 150, 700, 500] as const;
const TONE_MILLIS = RHYTHM[0] + RHYTHM[2] + RHYTHM[4];
const LOUDNESS = 0.2;
/** Of the tone's time that has to be heard: media that is joined while somebody speaks has no beginning. */
const ENOUGH = 0.5;

/** What is on the recording of one of them. */
interface Ear {
  readonly said: HeardTone;
  readonly heard: ReadonlyMap<string, HeardTone>;
}

/** All speak at once, each in a tone of its own, and record what they hear. What is on the recordings is what counts. */
export async function converse(
  speakers: readonly Speaker[],
  { name, folder, signal }: ConversationOptions,
): Promise<Hearing[]> {
  const fileOf = (speaker: Speaker): string => `${name}-${speaker.name.toLowerCase()}.wav`;
  await Promise.all(speakers.map((speaker) => speaker.leg.record({ file: fileOf(speaker), numchannels: 2 })));
  await Promise.all(
    speakers.map(({ leg, voice }) =>
      leg.play({ files: [{ tone: toneOf(voice) }] }, signal === undefined ? {} : { signal }),
    ),
  );
  const ears = new Map<string, Ear>();
  for (const speaker of speakers) {
    await speaker.leg.finishRecording(fileOf(speaker), { signal });
    ears.set(speaker.name, await listenTo(join(folder, fileOf(speaker)), speaker, speakers));
  }
  return Promise.all(
    speakers.map(async (speaker): Promise<Hearing> => ({
      name: speaker.name,
      codec: speaker.leg.codec ?? "",
      hears: speakers
        .map(({ name: other }) => other)
        .filter((other) => isHeard(ears.get(speaker.name)?.heard.get(other))),
      delayMillis: mean(
        speakers
          .filter((other) => other !== speaker)
          .map((other) => oneWay(speaker.name, other.name, ears))
          .filter((delay) => delay !== undefined),
      ),
      statistics: await speaker.leg.statistics(),
      file: join(folder, fileOf(speaker)),
    })),
  );
}

const toneOf = (hertz: number): string =>
  `${String(hertz)}*${String(LOUDNESS)}/0:${RHYTHM.map(String).join("/")}`;

const isHeard = (tone: HeardTone | undefined): boolean =>
  tone !== undefined && tone.millis >= ENOUGH * TONE_MILLIS;

async function listenTo(path: string, listener: Speaker, speakers: readonly Speaker[]): Promise<Ear> {
  const { samplingRate, channels } = await readSoundFile(path);
  const [incoming = new Int16Array(), outgoing = new Int16Array()] = channels;
  return {
    said: findTone(outgoing, samplingRate, listener.voice),
    heard: new Map(speakers.map(({ name, voice }) => [name, findTone(incoming, samplingRate, voice)])),
  };
}

/**
 * Half of the way there and back. Recordings begin at different moments: what is heard too late on one of them by that is
 * heard too early on the other. Undefined where something of it was not heard.
 */
function oneWay(one: string, other: string, ears: ReadonlyMap<string, Ear>): number | undefined {
  const there = wayBetween(ears.get(one)?.said, ears.get(other)?.heard.get(one));
  const back = wayBetween(ears.get(other)?.said, ears.get(one)?.heard.get(other));
  return there === undefined || back === undefined ? undefined : (there + back) / 2;
}

const wayBetween = (said: HeardTone | undefined, heard: HeardTone | undefined): number | undefined =>
  said === undefined || heard === undefined ? undefined : laterBy(said, heard);

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
