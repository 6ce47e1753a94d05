import type { MediaEvent, MediaService } from "../rtp/media-service.js";

/** The media engine behind all phones of a process, and who is told of each channel's events. */
export class PhoneMedia {
  readonly service: MediaService;
  readonly #listeners = new Map<string, (event: MediaEvent) => void>();

  /** Names itself the receiver of the service's events. */
  constructor(service: MediaService) {
    this.service = service;
    service.attach((event) => {
      const listener = this.#listeners.get(event.uuid);
      if (event.type === "closed") this.#listeners.delete(event.uuid);
      listener?.(event);
      return Promise.resolve();
    });
  }

  /** Until the channel is closed. */
  watch(uuid: string, listener: (event: MediaEvent) => void): void {
    this.#listeners.set(uuid, listener);
  }
}
