import type { Clock } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { Random } from "../../core/random.js";
import type { SipUri } from "../message/uri.js";
import type { Flow, Protocol } from "../transport/transport.js";
import { cachedDns } from "./cached-dns.js";
import type { Dns, DnsAnswer, Lookup, SrvRecord } from "./dns.js";
import { flowKey } from "./flow-key.js";
import type { LookupLimits } from "./lookup-cache.js";
import { defaultPort, isSecure, nextHop, unreachable, type NextHop } from "./next-hop.js";
import { sipServices } from "./sip-services.js";
import { orderSrv } from "./srv-order.js";
import { TargetSet } from "./target-set.js";
import { UnavailableFlows } from "./unavailable-flows.js";

export type AddressFamily = "IPv4" | "IPv6";

export interface LocatorOptions {
  readonly dns: Dns;
  readonly clock: Clock;
  readonly random: Random;
  /** What we can send by, the preferred one first. */
  readonly protocols: readonly Protocol[];
  /** What we can send to, the preferred one first (RFC 7984 §4). */
  readonly families: readonly AddressFamily[];
  readonly lookups?: LookupLimits;
}

/** What one destination can make us look up, and how many servers of it are tried. */
const MOST_SERVICES = 6;
const MOST_SERVERS = 16;
const MOST_ADDRESSES = 8;
const MOST_FLOWS = 32;
/** Servers whose addresses are looked up side by side. */
const AT_ONCE = 4;

/** Prefix of SRV names where a domain says nothing in NAPTR (RFC 3263 §4.1). WebSocket has none. */
const SRV_PREFIX: Readonly<Partial<Record<Protocol, string>>> = {
  UDP: "_sip._udp.",
  TCP: "_sip._tcp.",
  TLS: "_sips._tcp.",
};

interface Service {
  readonly protocol: Protocol;
  readonly srv: string;
}

/** What remains to be done: addresses of `host`. */
interface Server {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
}

/** Locating SIP servers (RFC 3263 §4): URI → where to send, in the order of trying. */
export class Locator {
  /** Servers that failed lately; users of `locate` note what they see. */
  readonly unavailable: UnavailableFlows;
  readonly #options: LocatorOptions;
  readonly #dns: Dns;

  constructor(options: LocatorOptions) {
    this.#options = options;
    this.#dns = cachedDns(options.dns, options.clock, options.lookups);
    this.unavailable = new UnavailableFlows(options.clock);
  }

  /**
   * @returns one flow at least.
   * @throws {MediaswitchError} DESTINATION_UNREACHABLE; ABORTED by `signal`.
   */
  async locate(uri: SipUri, signal: AbortSignal): Promise<readonly Flow[]> {
    const usable = this.unavailable.usable(await this.all(uri, signal));
    if (usable.length === 0) throw unreachable(`${uri.host} has asked to be left alone for a while`);
    return usable;
  }

  /** The same, whatever is known of failures. */
  async all(uri: SipUri, signal: AbortSignal): Promise<readonly Flow[]> {
    const hop = nextHop(uri);
    const flows = hop.isNumeric ? this.#itself(hop) : (await this.#servers(hop, signal)).slice(0, MOST_FLOWS);
    if (flows.length === 0) throw unreachable(`${hop.host} has no address that can be reached from here`);
    return flows;
  }

  /** The same as a set to be worked off. */
  async targets(uri: SipUri, signal: AbortSignal): Promise<TargetSet> {
    return new TargetSet(await this.locate(uri, signal), this.unavailable);
  }

  /** §4.1, §4.2: with an address there is nothing to ask. */
  #itself(hop: NextHop): Flow[] {
    const { host, port } = hop;
    const protocol = this.#plainProtocol(hop);
    if (!this.#options.families.includes(familyOf(host))) return [];
    return [flowTo(hop, { protocol, host, port: port ?? defaultPort(protocol) }, host)];
  }

  /** §4.1: a transport that is named is taken. */
  #plainProtocol(hop: NextHop): Protocol {
    const plain = hop.protocol ?? this.#protocolWithoutDns(hop);
    if (this.#isUsable(hop, plain)) return plain;
    throw unreachable(`${hop.host} wants ${plain}, which is not possible here`);
  }

  async #servers(hop: NextHop, signal: AbortSignal): Promise<Flow[]> {
    const { host, port, protocol } = hop;
    const plain = this.#plainProtocol(hop);
    // §4.1: with a port there are no records to ask for.
    if (port !== undefined) {
      return this.#flows(hop, [{ protocol: plain, host, port }], signal);
    }
    const { services, otherwise } =
      protocol === undefined
        ? await this.#services(hop, plain, signal)
        : { services: ownServices(host, [protocol]), otherwise: protocol };
    const { servers, isSaid } = await this.#byServices(services, signal);
    if (isSaid) return this.#flows(hop, servers, signal);
    // §4.2: no SRV records, so the name's own addresses.
    return this.#flows(hop, [{ protocol: otherwise, host, port: defaultPort(otherwise) }], signal);
  }

  /** §4.1: UDP for sip, TLS for sips; the first we have where we can't. */
  #protocolWithoutDns(hop: NextHop): Protocol {
    const usual: Protocol = hop.isSecure ? "TLS" : "UDP";
    const { protocols } = this.#options;
    if (protocols.includes(usual)) return usual;
    return protocols.find((protocol) => this.#isUsable(hop, protocol)) ?? usual;
  }

  #isUsable(hop: NextHop, protocol: Protocol): boolean {
    return this.#options.protocols.includes(protocol) && (!hop.isSecure || isSecure(protocol));
  }

  /** @returns where SRV records may be, and the transport to be taken where there are none. */
  async #services(
    hop: NextHop,
    plain: Protocol,
    signal: AbortSignal,
  ): Promise<{ services: readonly Service[]; otherwise: Protocol }> {
    const answer = await this.#ask(this.#dns.naptr, hop.host, signal);
    const said = sipServices(answer.records, (protocol) => this.#isUsable(hop, protocol));
    if (said.kind === "said") {
      const [preferred] = said.services;
      if (preferred === undefined) throw unreachable(`${hop.host} offers no transport that is possible here`);
      return { services: said.services.slice(0, MOST_SERVICES), otherwise: preferred.protocol };
    }
    // §4.1: `_sip` for sip URIs, `_sips` for sips URIs.
    const asked = this.#options.protocols.filter((protocol) => isSecure(protocol) === hop.isSecure);
    return { services: ownServices(hop.host, asked), otherwise: plain };
  }

  /** @returns `isSaid`: there are SRV records, even if they say that there is no server. */
  async #byServices(
    services: readonly Service[],
    signal: AbortSignal,
  ): Promise<{ servers: Server[]; isSaid: boolean }> {
    const answers = await Promise.all(services.map(({ srv }) => this.#ask(this.#dns.srv, srv, signal)));
    const servers = answers.flatMap(({ records }, index): Server[] => {
      const protocol = services[index]?.protocol;
      if (protocol === undefined) return [];
      return orderSrv(records, this.#options.random).map(({ target, port }: SrvRecord): Server => ({
        protocol,
        host: target,
        port,
      }));
    });
    return {
      servers: servers.slice(0, MOST_SERVERS),
      isSaid: answers.some(({ records }) => records.length > 0),
    };
  }

  async #flows(hop: NextHop, servers: readonly Server[], signal: AbortSignal): Promise<Flow[]> {
    const flows = new Map<string, Flow>();
    for (let next = 0; next < servers.length && flows.size < MOST_FLOWS; next += AT_ONCE) {
      const found = servers.slice(next, next + AT_ONCE).map((server) => this.#flowsTo(hop, server, signal));
      for (const flow of (await Promise.all(found)).flat()) flows.set(flowKey(flow), flow);
    }
    return [...flows.values()];
  }

  async #flowsTo(hop: NextHop, server: Server, signal: AbortSignal): Promise<Flow[]> {
    const addresses = await this.#addresses(server.host, signal);
    return addresses.map((address) => flowTo(hop, server, address));
  }

  /** §4.2: all of A and AAAA, the preferred family first. */
  async #addresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const { families } = this.#options;
    const answers = await Promise.all(
      families.map((family) => this.#ask(family === "IPv4" ? this.#dns.a : this.#dns.aaaa, host, signal)),
    );
    return answers.flatMap(({ records }) => records.slice(0, MOST_ADDRESSES));
  }

  /** A lookup that fails says nothing, as one without records: the next step of the RFC may still lead somewhere. */
  async #ask<DnsRecord>(
    lookup: Lookup<DnsRecord>,
    name: string,
    signal: AbortSignal,
  ): Promise<DnsAnswer<DnsRecord>> {
    try {
      return await lookup(name, signal);
    } catch (error) {
      if (error instanceof MediaswitchError && error.code === "ABORTED") throw error;
      return { records: [] };
    }
  }
}

const ownServices = (host: string, protocols: readonly Protocol[]): Service[] =>
  protocols.flatMap((protocol) => {
    const prefix = SRV_PREFIX[protocol];
    return prefix === undefined ? [] : [{ protocol, srv: prefix + host }];
  });

function flowTo({ certifiedName }: NextHop, { protocol, port }: Server, address: string): Flow {
  const remote = { address, port };
  return isSecure(protocol) ? { protocol, remote, serverName: certifiedName } : { protocol, remote };
}

const familyOf = (address: string): AddressFamily => (address.includes(":") ? "IPv6" : "IPv4");
