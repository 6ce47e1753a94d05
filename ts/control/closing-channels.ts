import { BusyMap } from "../core/busy-map.js";
import type { MediaEvent } from "../rtp/media-service.js";

/** Remembered at once; a media server that went away never says that a channel is closed. */
const MOST = 10_000;

/** Channels that we have closed: whose they were, until the engine has said its last word of them. */
export class ClosingChannels<Owner> {
  readonly #owners = new BusyMap<Owner>();

  add(uuid: string, owner: Owner): void {
    this.#owners.set(uuid, owner);
    if (this.#owners.size <= MOST) return;
    const [oldest] = this.#owners.keys();
    if (oldest !== undefined) this.#owners.delete(oldest);
  }

  /** @returns whose channel tells this; `closed` is the last that it tells. */
  take(event: MediaEvent): Owner | undefined {
    const owner = this.#owners.get(event.uuid);
    if (event.type === "closed") this.#owners.delete(event.uuid);
    return owner;
  }

  forget(uuid: string): void {
    this.#owners.delete(uuid);
  }
}
