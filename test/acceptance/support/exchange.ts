/**
 * The whole switch on loopback, in this process: the SIP server on UDP, the media engine with its sockets and threads, and
 * control between them, put together as `startAllInOne` does it but for the script's thread.
 */
import type { Test } from "tap";
import { openRtp } from "../../../ts/composition/rtp-component.js";
import { openSip } from "../../../ts/composition/sip-component.js";
import { Controller } from "../../../ts/control/controller.js";
import { ProjectControl } from "../../../ts/control/projectcontrol.js";
import type { Log } from "../../../ts/core/log.js";
import type { SocketAddress } from "../../../ts/core/socket-address.js";
import { SystemClock } from "../../../ts/core/system-clock.js";
import { systemRandom } from "../../../ts/core/system-random.js";
import { HttpClient } from "../../../ts/http/client.js";
import { testPort } from "../../rtp/support/test-ports.js";
import { Telephone } from "./telephone.js";

const LOOPBACK = "127.0.0.1";
export const DOMAIN = "bling.babblevoice.com";

/** The seed's three users and one more; each says a tone of its own, and 1001 numbers its key presses otherwise. */
export const USERS = {
  "1000": { secret: "1123654789", hertz: 400 },
  "1001": { secret: "1123654790", hertz: 500, keyType: 96 },
  "1003": { secret: "1123654789", hertz: 600 },
  "1004": { secret: "1123654791", hertz: 700 },
} as const;
export type User = keyof typeof USERS;

export interface ExchangeOptions {
  /** Folder of sounds; recordings go there as well. */
  readonly sounds?: string;
}

export class Exchange {
  readonly projectcontrol: ProjectControl;
  readonly address: SocketAddress;
  /** Lines that were logged as errors. */
  readonly errors: readonly string[];
  readonly #resources: () => Promise<object>;
  readonly #controller: () => Controller | undefined;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #phones: Telephone[] = [];
  #idle: object = {};

  private constructor(
    parts: Pick<Exchange, "projectcontrol" | "address" | "errors"> & {
      readonly resources: () => Promise<object>;
      readonly controller: () => Controller | undefined;
    },
  ) {
    this.projectcontrol = parts.projectcontrol;
    this.address = parts.address;
    this.errors = parts.errors;
    this.#resources = parts.resources;
    this.#controller = parts.controller;
  }

  /** With the script's settings made by `script`, running; it is closed when the test ends. */
  static async open(
    t: Test,
    script: (projectcontrol: ProjectControl) => unknown,
    { sounds = "." }: ExchangeOptions = {},
  ): Promise<Exchange> {
    const errors: string[] = [];
    const none = (): void => undefined;
    const log: Log = {
      debug: none,
      info: none,
      warn: none,
      error: (_fields, text) => errors.push(text),
    };
    const client = new HttpClient({});
    const common = { httpAddress: LOOPBACK, log };
    const sip = await openSip(
      { ...common, sipAddress: LOOPBACK, sipPort: 0, sipHttpPort: 0, trust: [] },
      client,
    );
    const rtp = await openRtp(
      {
        ...common,
        mediaAddress: LOOPBACK,
        ports: { low: testPort(100), high: testPort(899) },
        shards: 1,
        soundsRoot: sounds,
        recordingsRoot: sounds,
        rtpHttpPort: 0,
      },
      client,
    );
    let controller: Controller | undefined;
    const projectcontrol = new ProjectControl({
      log,
      connect: () => {
        controller = new Controller({
          sip: sip.service,
          media: rtp.service,
          clock: new SystemClock(),
          random: systemRandom,
          log,
        });
        return Promise.resolve({ controller, close: () => Promise.resolve() });
      },
    });
    const resources = async (): Promise<object> => {
      const { calls, dialogs } = await sip.service.execute({ type: "health" });
      const { channels } = await rtp.service.execute({ type: "health" });
      return { calls, dialogs, channels, control: controller?.health() ?? {} };
    };
    const exchange = new Exchange({
      ...{ projectcontrol, address: sip.advertised, errors, resources },
      controller: () => controller,
    });
    exchange.#closers.push(
      () => projectcontrol.stop(),
      () => rtp.close(),
      () => sip.close(),
      () => client.close(),
    );
    t.teardown(() => exchange.#close());
    await script(projectcontrol);
    await projectcontrol.run();
    exchange.#idle = await exchange.#resources();
    return exchange;
  }

  get controller(): Controller {
    const controller = this.#controller();
    if (controller === undefined) throw new Error("it is not running yet");
    return controller;
  }

  /** A telephone of that user, registered. */
  async phone(user: User): Promise<Telephone> {
    const phone = await this.stranger(user);
    await phone.register();
    return phone;
  }

  /** As `phone`, not registered. */
  async stranger(user: User): Promise<Telephone> {
    const phone = await Telephone.open({ server: this.address, user, domain: DOMAIN, ...USERS[user] });
    this.#phones.push(phone);
    return phone;
  }

  /** All that calls held is given back, and nothing was logged as an error but `errors`. */
  async endsClean(t: Test, errors: readonly RegExp[] = []): Promise<void> {
    const idle = JSON.stringify(this.#idle);
    const deadline = performance.now() + 30_000;
    let now = await this.#resources();
    while (JSON.stringify(now) !== idle && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      now = await this.#resources();
    }
    t.strictSame(now, this.#idle, "nothing is left over");
    t.equal(this.errors.length, errors.length, `errors: ${this.errors.join(", ")}`);
    t.match(this.errors, errors);
  }

  async #close(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    for (const close of this.#closers) await close();
  }
}

/** The directory of the seed's demo. */
export const directory = (projectcontrol: ProjectControl): void => {
  const users = Object.entries(USERS).map(([username, { secret }]) => ({ username, secret }));
  void projectcontrol.directory(DOMAIN, users);
};
