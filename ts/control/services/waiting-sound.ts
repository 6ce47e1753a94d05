import { ms } from "../../core/brand.js";
import type { SoundSoup } from "../../rtp/media-service.js";
import type { Playing } from "../app/play-queue.js";
import type { Line } from "../app/line.js";
import { soupOf, type Sounds } from "../app/sound.js";

export interface WaitingSoundOptions {
  readonly music: Sounds | undefined;
  /** Asked anew each time; undefined: nothing is announced this time. */
  readonly announcement: (() => Sounds | undefined) | undefined;
  /** Milliseconds from the end of one announcement to the next. */
  readonly every: number;
}

/** What somebody hears who waits: music, and now and then an announcement, until it is stopped. */
export class WaitingSound {
  readonly #line: Line;
  readonly #options: WaitingSoundOptions;
  readonly #music: SoundSoup | undefined;
  #isOn = false;
  #playing: Playing | undefined;
  #wake: () => void = () => undefined;

  /** @throws {MediaswitchError} ARGUMENT_INVALID for music that makes no sense. */
  constructor(line: Line, options: WaitingSoundOptions) {
    this.#line = line;
    this.#options = options;
    this.#music = options.music === undefined ? undefined : soupOf(options.music, { loop: true }, "music");
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#run().catch((error: unknown) => {
      this.#line.failed(error);
    });
  }

  /** Settles when nothing is played any more. */
  async stop(): Promise<void> {
    this.#isOn = false;
    this.#wake();
    await this.#playing?.stop();
  }

  async #run(): Promise<void> {
    while (this.#lives()) {
      const sounds = this.#options.announcement?.();
      if (sounds !== undefined) await this.#played(soupOf(sounds, {}, "announcement"));
      if (!this.#lives()) return;
      if (this.#music !== undefined) void this.#played(this.#music);
      if (this.#options.announcement === undefined) return;
      await this.#pause();
      if (this.#lives()) await this.#playing?.stop();
    }
  }

  #lives(): boolean {
    return this.#isOn && this.#line.ending === undefined;
  }

  /** Settles when it has ended; what can't be played is logged. */
  async #played(soup: SoundSoup): Promise<void> {
    const { plays, desk, call, ended } = this.#line;
    try {
      this.#playing = plays.play(soup);
      await Promise.race([this.#playing.ended, ended]);
    } catch (error) {
      desk.log.warn(
        { callid: call.callid, err: error },
        "who waits can't be played what is meant to be heard",
      );
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#line.desk.clock.after(ms(this.#options.every), resolve);
      const unwatch = this.#line.onOver(() => {
        resolve();
      });
      this.#wake = () => {
        timer.cancel();
        unwatch();
        resolve();
      };
    });
    this.#wake();
  }
}
