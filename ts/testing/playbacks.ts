import { ms } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { PlannedEntry } from "../rtp/sound-plan.js";
import type { FakeChannel, Playing } from "./fake-media-channel.js";

/** What is played on a channel at this moment. */
interface Playback {
  readonly playing: Playing;
  readonly entries: Iterator<PlannedEntry, undefined>;
  entry: PlannedEntry | undefined;
  timer: Timer | undefined;
  /** When the entry ends; undefined for one that has no end. */
  endsAt: number | undefined;
  /** Milliseconds left of the entry, while it is paused. */
  left: number | undefined;
}

export interface PlaybacksOptions {
  readonly clock: Clock;
  /** Milliseconds of a file. */
  readonly lengthOf: (file: string) => number;
  /** Something else is played from now on. */
  readonly changed: () => void;
}

/** Something played for ever has to take some time. */
const SHORTEST = 1;

/** How long what is played lasts: each entry of a soup in its turn, pauses left out. */
export class Playbacks {
  readonly #options: PlaybacksOptions;
  readonly #playbacks = new Map<FakeChannel, Playback>();

  constructor(options: PlaybacksOptions) {
    this.#options = options;
  }

  get channels(): Iterable<FakeChannel> {
    return this.#playbacks.keys();
  }

  /** What is heard of it at this moment. */
  current(channel: FakeChannel): PlannedEntry | undefined {
    const playback = this.#playbacks.get(channel);
    if (playback?.playing !== channel.playing || channel.playing?.isPaused === true) return undefined;
    return playback?.entry;
  }

  /** Takes note of what the channel plays. */
  update(channel: FakeChannel): void {
    const known = this.#playbacks.get(channel);
    const { playing } = channel;
    if (known !== undefined && known.playing !== playing) {
      known.timer?.cancel();
      this.#playbacks.delete(channel);
    }
    if (playing === undefined) return;
    const playback = known?.playing === playing ? known : this.#begin(channel, playing);
    const now = this.#options.clock.now();
    if (playing.isPaused && playback.left === undefined && playback.endsAt !== undefined) {
      playback.timer?.cancel();
      playback.left = playback.endsAt - now;
    } else if (!playing.isPaused && playback.left !== undefined) {
      this.#endAfter(channel, playback, playback.left);
      playback.left = undefined;
    }
  }

  #begin(channel: FakeChannel, playing: Playing): Playback {
    const playback: Playback = {
      playing,
      entries: inOrder(playing.plan),
      entry: undefined,
      timer: undefined,
      endsAt: undefined,
      left: undefined,
    };
    this.#playbacks.set(channel, playback);
    this.#next(channel, playback);
    return playback;
  }

  #next(channel: FakeChannel, playback: Playback): void {
    playback.entry = playback.entries.next().value;
    playback.endsAt = undefined;
    if (playback.entry === undefined) {
      this.#playbacks.delete(channel);
      channel.endPlay("completed");
      this.#options.changed();
    } else if (playback.entry.plays > 0) {
      this.#endAfter(channel, playback, this.#millisOf(playback.entry));
    }
  }

  #endAfter(channel: FakeChannel, playback: Playback, millis: number): void {
    const { clock } = this.#options;
    playback.endsAt = clock.now() + millis;
    playback.timer = clock.after(ms(millis), () => {
      this.#next(channel, playback);
    });
  }

  #millisOf(entry: PlannedEntry): number {
    const once =
      "tone" in entry ? entry.tone.reduce((sum, { millis }) => sum + millis, 0) : this.#fileMillis(entry);
    return Math.max(SHORTEST, once * entry.plays);
  }

  #fileMillis(entry: Extract<PlannedEntry, { files: unknown }>): number {
    const [file = ""] = entry.files.values();
    const whole = this.#options.lengthOf(file);
    return Math.max(0, Math.min(whole, entry.stopMillis ?? whole) - entry.startMillis);
  }
}

/** Each entry as often as the plan says; one that is played for ever has no follower. */
function* inOrder({ entries, plays }: Playing["plan"]): Generator<PlannedEntry, undefined> {
  for (let round = 0; plays === 0 || round < plays; round++) {
    for (const entry of entries) yield entry;
  }
  return undefined;
}
