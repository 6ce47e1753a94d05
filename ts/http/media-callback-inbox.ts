import { OrderedDelivery } from "../core/ordered-delivery.js";
import type { EventSink } from "../core/service.js";
import type { MediaEvent } from "../rtp/media-service.js";
import type { MediaCallback } from "./media-event-wire.js";

/** Takes the callbacks of rtp components: those of a channel in order, and each once. */
export class MediaCallbackInbox {
  readonly #callbacks = new OrderedDelivery<MediaCallback>();
  /** Channel → number of the last event that was taken. */
  readonly #taken = new Map<string, number>();

  attach(sink: EventSink<MediaEvent>): void {
    this.#callbacks.attach((callback) => this.#deliverOnce(callback, sink));
  }

  /** Settles as the sink does. A callback that came before and was taken is not delivered again. */
  deliver({ number, event }: MediaCallback): Promise<void> {
    return this.#callbacks.send(event.uuid, { number, event });
  }

  async #deliverOnce({ number, event }: MediaCallback, sink: EventSink<MediaEvent>): Promise<void> {
    if (number <= (this.#taken.get(event.uuid) ?? 0)) return;
    await sink(event);
    if (event.type === "closed") this.#taken.delete(event.uuid);
    else this.#taken.set(event.uuid, number);
  }
}
