import { ms } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { FakeChannel } from "./fake-media-channel.js";
import type { Sound } from "./phone-audio.js";

/** What was written into a file. */
export interface TestRecording {
  readonly file: string;
  /** Milliseconds, without pauses. */
  readonly millis: number;
  /** Everything that was to be heard meanwhile, of both sides. */
  readonly sounds: readonly Sound[];
  readonly isFinished: boolean;
}

interface Recorder {
  readonly file: string;
  readonly sounds: Set<Sound>;
  millis: number;
  since: number | undefined;
  isFinished: boolean;
  wasLoud: boolean;
  quietSince: number | undefined;
  timer: Timer | undefined;
}

export interface RecordersOptions {
  readonly clock: Clock;
  /** What comes in on a channel, and goes out. */
  readonly into: (channel: FakeChannel) => readonly Sound[];
  readonly outOf: (channel: FakeChannel) => readonly Sound[];
  /** One has ended. */
  readonly changed: () => void;
}

const PACKET_MILLIS = 20;

/** How long recordings last, and what is on them. */
export class Recorders {
  readonly #options: RecordersOptions;
  readonly #recorders = new Map<FakeChannel, Map<string, Recorder>>();
  readonly #recordings: Recorder[] = [];

  constructor(options: RecordersOptions) {
    this.#options = options;
  }

  get channels(): Iterable<FakeChannel> {
    return this.#recorders.keys();
  }

  get recordings(): readonly TestRecording[] {
    return this.#recordings.map(({ file, sounds, isFinished, ...recorder }) => ({
      file,
      millis: this.#recordedMillis(recorder),
      sounds: [...sounds],
      isFinished,
    }));
  }

  /** Takes note of what the channel records, and of what is to be heard now. */
  update(channel: FakeChannel): void {
    channel.recordedMillis = (file) => {
      const recorder = this.#recorders.get(channel)?.get(file);
      return recorder === undefined ? 0 : this.#recordedMillis(recorder);
    };
    const known = this.#recorders.get(channel) ?? new Map<string, Recorder>();
    for (const [file, recorder] of known) {
      if (channel.recorders.has(file)) continue;
      this.#pause(recorder);
      recorder.isFinished = true;
      known.delete(file);
    }
    for (const [file, state] of channel.recorders) {
      const recorder = known.get(file) ?? this.#newRecorder(file);
      known.set(file, recorder);
      if (state === "recording") this.#follow(channel, recorder);
      else this.#pause(recorder);
      const isLoud = this.#options.into(channel).length > 0;
      if (state === "waiting" && isLoud && (channel.settings.get(file)?.startAbovePower ?? 0) > 0) {
        channel.startRecorder(file);
        this.#follow(channel, recorder);
      }
    }
    if (known.size === 0) this.#recorders.delete(channel);
    else this.#recorders.set(channel, known);
  }

  #newRecorder(file: string): Recorder {
    const recorder: Recorder = {
      file,
      sounds: new Set(),
      millis: 0,
      since: undefined,
      isFinished: false,
      wasLoud: false,
      quietSince: undefined,
      timer: undefined,
    };
    this.#recordings.push(recorder);
    return recorder;
  }

  /** Hears what there is, and sets the timer for whatever will end it first. */
  #follow(channel: FakeChannel, recorder: Recorder): void {
    const { clock } = this.#options;
    const now = clock.now();
    recorder.since ??= now;
    const coming = this.#options.into(channel);
    for (const sound of [...coming, ...this.#options.outOf(channel)]) recorder.sounds.add(sound);
    if (coming.length > 0) {
      recorder.wasLoud = true;
      recorder.quietSince = undefined;
    } else recorder.quietSince ??= now;
    recorder.timer?.cancel();
    recorder.timer = undefined;
    const settings = channel.settings.get(recorder.file);
    if (settings === undefined) return;
    const recorded = this.#recordedMillis(recorder);
    const ends: { reason: "timeout" | "belowpower"; in: number }[] = [];
    if (settings.maxMillis > 0) ends.push({ reason: "timeout", in: settings.maxMillis - recorded });
    if (settings.finishBelowPower > 0 && recorder.wasLoud && recorder.quietSince !== undefined) {
      const quiet = settings.averagePackets * PACKET_MILLIS - (now - recorder.quietSince);
      ends.push({ reason: "belowpower", in: Math.max(quiet, settings.minMillis - recorded) });
    }
    const [first] = ends.sort((one, other) => one.in - other.in);
    if (first === undefined) return;
    recorder.timer = clock.after(ms(Math.max(0, first.in)), () => {
      channel.endRecord(recorder.file, first.reason);
      this.#options.changed();
    });
  }

  #pause(recorder: Recorder): void {
    recorder.millis = this.#recordedMillis(recorder);
    recorder.since = undefined;
    recorder.timer?.cancel();
    recorder.timer = undefined;
  }

  #recordedMillis({ millis, since }: Pick<Recorder, "millis" | "since">): number {
    return millis + (since === undefined ? 0 : this.#options.clock.now() - since);
  }
}
