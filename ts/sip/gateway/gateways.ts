import { seconds } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import { binaryToText } from "../message/binary.js";
import { parseUri } from "../message/uri.js";
import type { GatewayInfo, GatewayNews, GatewaySettings } from "../sip-service.js";
import { Gateway } from "./gateway.js";
import { readGatewaySettings, registersAlike } from "./gateway-plan.js";
import type { RegistrationContext, RegistrationNews } from "./gateway-registration.js";

export interface GatewaysOptions extends RegistrationContext {
  /** Told in the order in which it happens. @param control of the gateway, where one is set. */
  readonly tell: (news: GatewayNews, control: string | undefined, domain: string | undefined) => void;
  /** Another gateway, or another setting of one. */
  readonly changed?: () => void;
  /** Default 100. */
  readonly most?: number;
}

const MOST_GATEWAYS = 100;
const LONGEST_NAME = 64;
/** Taking registrations back at shut-down is given up after so long. */
const FAREWELL = seconds(2);

/** The gateways by name. */
export class Gateways {
  readonly #options: GatewaysOptions;
  readonly #gateways = new Map<string, Gateway>();
  /** Registrations that are being taken back: the next one of that name waits, lest the two overtake each other. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(options: GatewaysOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#gateways.size;
  }

  put({ name, ...settings }: GatewaySettings & { readonly name: string }): { created: boolean } {
    if (name === "" || name.length > LONGEST_NAME) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `name has to have 1 to ${String(LONGEST_NAME)} characters`,
        "name",
      );
    }
    const plan = readGatewaySettings(settings);
    const before = this.#gateways.get(name);
    if (before !== undefined && registersAlike(before.plan, plan)) {
      before.change(plan);
      this.#options.changed?.();
      return { created: false };
    }
    const { most = MOST_GATEWAYS } = this.#options;
    if (before === undefined && this.#gateways.size >= most) {
      throw new MediaswitchError("GATEWAYS_FULL", `there are ${String(most)} gateways, no more are taken`);
    }
    if (before !== undefined) this.#leave(before);
    const gateway: Gateway = new Gateway(name, plan, this.#options, (news) => {
      this.#news(gateway, news);
    });
    this.#gateways.set(name, gateway);
    this.#options.changed?.();
    const start = (): void => {
      if (this.#gateways.get(name) === gateway) gateway.start();
    };
    const leaving = this.#leaving.get(name);
    if (leaving === undefined) start();
    else void leaving.then(start);
    return { created: before === undefined };
  }

  /** @throws {MediaswitchError} GATEWAY_UNKNOWN. */
  delete(name: string): void {
    const gateway = this.find(name);
    this.#gateways.delete(name);
    this.#options.changed?.();
    this.#leave(gateway);
  }

  /** All of them as they were put, secrets included. */
  *settings(): Generator<GatewaySettings & { readonly name: string }> {
    for (const { name, plan } of this.#gateways.values()) yield { name, ...plan.settings };
  }

  /** @throws {MediaswitchError} GATEWAY_UNKNOWN. */
  list(name?: string): GatewayInfo[] {
    if (name !== undefined) return [this.find(name).info()];
    return [...this.#gateways.values()].map((gateway) => gateway.info());
  }

  /** @throws {MediaswitchError} GATEWAY_UNKNOWN. */
  find(name: string): Gateway {
    const gateway = this.#gateways.get(name);
    if (gateway === undefined)
      throw new MediaswitchError("GATEWAY_UNKNOWN", `there is no gateway ${name}`, "gateway");
    return gateway;
  }

  /**
   * The gateway that a request from this address comes from: of several at one address the one whose account the
   * Request-URI names, as our Contact there does.
   */
  sourceOf(address: string, requestUri: string): Gateway | undefined {
    const possible = [...this.#gateways.values()].filter((gateway) => gateway.isSource(address));
    if (possible.length < 2) return possible[0];
    const user = binaryToText(parseUri(requestUri)?.user ?? "");
    return possible.find(({ plan }) => plan.settings.from.user === user) ?? possible[0];
  }

  /** Takes all registrations back, for as long as a moment lasts. */
  async close(): Promise<void> {
    for (const gateway of this.#gateways.values()) this.#leave(gateway);
    const left = [...this.#gateways.values()];
    this.#gateways.clear();
    if (this.#leaving.size > 0) {
      const limit = new Promise<void>((resolve) => {
        const timer = this.#options.clock.after(FAREWELL, resolve);
        void Promise.all(this.#leaving.values()).then(() => {
          timer.cancel();
          resolve();
        });
      });
      await limit;
    }
    for (const gateway of left) gateway.abandon();
  }

  #leave(gateway: Gateway): void {
    const { name } = gateway;
    const before = this.#leaving.get(name);
    const left = Promise.all([before, gateway.stop()]).then(() => undefined);
    this.#leaving.set(name, left);
    void left.then(() => {
      if (this.#leaving.get(name) === left) this.#leaving.delete(name);
    });
  }

  #news({ name, plan: { settings } }: Gateway, news: RegistrationNews): void {
    const { control, domain } = settings;
    switch (news.state) {
      case "registered":
        this.#options.tell({ name, state: "registered", expires: news.expires }, control, domain);
        return;
      case "failed": {
        const { code, status } = news;
        this.#options.tell({ name, state: "failed", error: { code, status } }, control, domain);
        return;
      }
      case "unregistered":
        this.#options.tell({ name, state: "unregistered" }, control, domain);
        return;
    }
  }
}
