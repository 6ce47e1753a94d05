import type { Test } from "tap";
import type { AudioFormat, MediaEvent, RemoteMedia } from "../../../ts/rtp/media-service.js";
import { NativeMediaService, type NativeMediaOptions } from "../../../ts/rtp/native-media-service.js";
import { Phone } from "./phone.js";
import { testPort } from "./test-ports.js";

/** 500 channels. */
export const ports = { low: testPort(0), high: testPort(999) };

const PAYLOAD_TYPES: Readonly<Record<AudioFormat, number>> = {
  PCMU: 0,
  PCMA: 8,
  G722: 9,
  "iLBC/20": 97,
  "iLBC/30": 98,
  "L16/8000": 96,
  "L16/16000": 99,
};

export const remoteOf = (
  phone: Phone,
  format: AudioFormat,
  more: Partial<RemoteMedia> = {},
): RemoteMedia => ({
  ...phone.address,
  formats: [{ payloadType: PAYLOAD_TYPES[format], format }],
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

  static async start(test: Test, options: Partial<NativeMediaOptions> = {}): Promise<MediaBench> {
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
    return (await this.eventLike({ type })) as Extract<MediaEvent, { type: Type }>;
  }

  /** The first event that has these values, waited for. */
  async eventLike(expected: Readonly<Record<string, unknown>>): Promise<MediaEvent> {
    const isLike = (event: object): boolean =>
      Object.entries(expected).every(([key, value]) => Reflect.get(event, key) === value);
    for (;;) {
      const found = this.events.find(isLike);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
  }

  /** Events of some types, as they came. */
  eventsOf<Type extends MediaEvent["type"]>(...types: Type[]): Extract<MediaEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<MediaEvent, { type: Type }> =>
      (types as string[]).includes(event.type),
    );
  }

  /** Waits until the engine has read and dropped so many datagrams of a channel: sending does not wait for that. */
  async dropped(uuid: string, count: number): Promise<void> {
    for (;;) {
      const { dropped } = await this.service.execute({ type: "statistics", uuid });
      if (Object.values(dropped).reduce((sum, each) => sum + each, 0) >= count) return;
    }
  }
}
