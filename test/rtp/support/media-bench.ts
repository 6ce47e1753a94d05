import type { Test } from "tap";
import type { MediaEvent, RemoteMedia } from "../../../ts/rtp/media-service.js";
import { NativeMediaService } from "../../../ts/rtp/native-media-service.js";
import { Phone } from "./phone.js";
import { testPort } from "./test-ports.js";

/** 500 channels. */
export const ports = { low: testPort(0), high: testPort(999) };

export const remoteOf = (
  phone: Phone,
  format: "PCMU" | "PCMA",
  more: Partial<RemoteMedia> = {},
): RemoteMedia => ({
  ...phone.address,
  formats: [{ payloadType: format === "PCMU" ? 0 : 8, format }],
  telephoneEvent: 101,
  ...more,
});

/** A running engine and what its sink was told; ends with the test. */
export class MediaBench {
  readonly service: NativeMediaService;
  readonly events: MediaEvent[] = [];
  readonly #test: Test;
  #onEvent: (() => void) | undefined;

  private constructor(test: Test, service: NativeMediaService) {
    this.service = service;
    this.#test = test;
    service.attach((event) => {
      this.events.push(event);
      this.#onEvent?.();
      return Promise.resolve();
    });
    test.teardown(() => service.close());
  }

  static async start(
    test: Test,
    options: { shards?: number; ports?: typeof ports } = {},
  ): Promise<MediaBench> {
    return new MediaBench(test, await NativeMediaService.start({ bind: "127.0.0.1", ports, ...options }));
  }

  async phone(): Promise<Phone> {
    const phone = await Phone.open();
    this.#test.teardown(() => {
      phone.close();
    });
    return phone;
  }

  async open(remote?: RemoteMedia): Promise<{ uuid: string; port: number }> {
    return this.service.execute({ type: "open", ...(remote === undefined ? {} : { remote }) });
  }

  /** The first event of a type, waited for. */
  async event<Type extends MediaEvent["type"]>(type: Type): Promise<Extract<MediaEvent, { type: Type }>> {
    for (;;) {
      const found = this.events.find(
        (event): event is Extract<MediaEvent, { type: Type }> => event.type === type,
      );
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
  }

  /** Waits until the engine has read and dropped so many datagrams of a channel: sending does not wait for that. */
  async dropped(uuid: string, count: number): Promise<void> {
    for (;;) {
      const { dropped } = await this.service.execute({ type: "statistics", uuid });
      if (Object.values(dropped).reduce((sum, each) => sum + each, 0) >= count) return;
    }
  }
}
