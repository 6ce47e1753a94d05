import type { Log } from "../core/log.js";
import type { DigestAlgorithm, DirectoryUser, GatewaySettings } from "../sip/sip-service.js";
import type { Controller } from "./controller.js";

export interface DirectoryOptions {
  /** Digest algorithms to challenge with; the SIP side's default unless given. */
  readonly algorithms?: readonly DigestAlgorithm[];
}

interface DirectoryEntry extends DirectoryOptions {
  readonly users: readonly DirectoryUser[];
}

type SipSide = Pick<Controller, "sip" | "controlUrl">;

/** What the script wants the SIP side to know: kept here, since that one forgets it with a restart. */
export class SipSettings {
  readonly #log: Log;
  readonly #directory = new Map<string, DirectoryEntry>();
  readonly #gateways = new Map<string, GatewaySettings>();

  constructor(log: Log) {
    this.#log = log;
  }

  get domains(): string[] {
    return [...this.#directory.keys()];
  }

  setDomain(domain: string, entry: DirectoryEntry): void {
    this.#directory.set(domain, entry);
  }

  /** Without settings the gateway is removed. */
  setGateway(name: string, settings: GatewaySettings | undefined): void {
    if (settings === undefined) this.#gateways.delete(name);
    else this.#gateways.set(name, settings);
  }

  /** Tells all of it. Rejects with the first thing that is not taken. */
  async push(side: SipSide): Promise<void> {
    for (const domain of this.#directory.keys()) await this.pushDomain(side, domain);
    for (const name of this.#gateways.keys()) await this.pushGateway(side, name);
  }

  async pushGateway({ sip, controlUrl }: SipSide, name: string): Promise<void> {
    const settings = this.#gateways.get(name);
    const control = controlUrl === undefined ? {} : { control: controlUrl };
    try {
      if (settings === undefined) await sip.execute({ type: "gateway.delete", name });
      else await sip.execute({ type: "gateway.put", ...control, ...settings, name });
    } catch (error) {
      this.#log.error({ err: error, gateway: name }, "the gateway could not be told to the SIP side");
      throw error;
    }
  }

  async pushDomain({ sip, controlUrl }: SipSide, domain: string): Promise<void> {
    const entry = this.#directory.get(domain);
    if (entry === undefined) return;
    const { users, algorithms } = entry;
    try {
      await sip.execute({
        type: "directory.put",
        domain,
        users,
        ...(algorithms !== undefined && { algorithms }),
        ...(controlUrl !== undefined && { control: controlUrl }),
      });
    } catch (error) {
      this.#log.error({ err: error, domain }, "the directory could not be sent to the SIP side");
      throw error;
    }
  }
}
