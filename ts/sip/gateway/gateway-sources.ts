import { seconds } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { insideOf } from "../../core/networks.js";
import type { Locator } from "../locate/locator.js";
import type { SipUri } from "../message/uri.js";

/** Names are looked up this often; in between, the last addresses count. */
const LOOKED_UP_EVERY = seconds(300);

/** The addresses that requests of one gateway may come from: those set, and those its names have in the DNS. */
export class GatewaySources {
  readonly #names: readonly SipUri[];
  readonly #networks: readonly string[];
  readonly #isInNetworks: (address: string) => boolean;
  readonly #locator: Locator;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #found: ReadonlySet<string> = new Set();
  #timer: Timer | undefined;

  constructor(
    { names, networks }: { readonly names: readonly SipUri[]; readonly networks: readonly string[] },
    { locator, clock }: { readonly locator: Locator; readonly clock: Clock },
  ) {
    this.#names = names;
    this.#networks = networks;
    this.#isInNetworks = insideOf(networks);
    this.#locator = locator;
    this.#clock = clock;
    void this.#lookUp();
  }

  has(address: string): boolean {
    return this.#found.has(address) || this.#isInNetworks(address);
  }

  /** Networks as they were set, and addresses as they were found. */
  get list(): readonly string[] {
    return [...this.#networks, ...this.#found];
  }

  close(): void {
    this.#timer?.cancel();
    this.#controller.abort();
  }

  async #lookUp(): Promise<void> {
    const found: (readonly string[] | undefined)[] = [];
    for (const name of this.#names) found.push(await this.#addressesOf(name));
    if (this.#controller.signal.aborted) return;
    // What can't be looked up now is where it was.
    if (!found.includes(undefined)) this.#found = new Set(found.flatMap((addresses) => addresses ?? []));
    this.#timer = this.#clock.after(LOOKED_UP_EVERY, () => {
      void this.#lookUp();
    });
  }

  async #addressesOf(name: SipUri): Promise<readonly string[] | undefined> {
    try {
      const flows = await this.#locator.all(name, this.#controller.signal);
      return flows.map(({ remote }) => remote.address);
    } catch {
      return undefined;
    }
  }
}
