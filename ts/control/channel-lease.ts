import { ms, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import type { Log } from "../core/log.js";
import type { Lease, MediaService } from "../rtp/media-service.js";

export interface ChannelLeaseOptions extends Lease {
  readonly media: MediaService;
  readonly clock: Clock;
  readonly log: Log;
}

/** Heartbeats in the time of the lease: two may get lost. */
const BEATS = 3;

/**
 * Under which all channels of one controller are opened, so that the media side closes them when the controller is gone.
 * Its heart beats while there are channels.
 */
export class ChannelLease {
  readonly #options: ChannelLeaseOptions;
  readonly #pause: Millis;
  #beat: Timer | undefined;

  constructor(options: ChannelLeaseOptions) {
    this.#options = options;
    this.#pause = ms((options.seconds * 1000) / BEATS);
  }

  /** What a channel is opened with. */
  get terms(): Lease {
    const { holder, seconds } = this.#options;
    return { holder, seconds };
  }

  /** @param channels how many there are from now on. */
  covers(channels: number): void {
    if (channels === 0) {
      this.#beat?.cancel();
      this.#beat = undefined;
    } else {
      this.#beat ??= this.#next();
    }
  }

  #next(): Timer {
    const { clock, media, holder, log } = this.#options;
    return clock.after(this.#pause, () => {
      this.#beat = this.#next();
      media.execute({ type: "renew", holder }).catch((error: unknown) => {
        log.warn({ holder, err: error }, "the lease of the channels could not be renewed");
      });
    });
  }
}
