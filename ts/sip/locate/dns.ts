/**
 * What locating servers asks of the Domain Name System. `node-dns.ts` is the real one, `cached-dns.ts`
 * stands in front of it. Names are lower case, without the dot at the end. Aliases (CNAME) are the resolver's affair.
 */

/** RFC 3403 §4.1. */
export interface NaptrRecord {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  /** A name; "" or "." where there is none. */
  readonly replacement: string;
}

/** RFC 2782. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** A name; "" or "." says that the service is not there at all. */
  readonly target: string;
}

/** No records: the name, or records of this type, do not exist. */
export interface DnsAnswer<DnsRecord> {
  readonly records: readonly DnsRecord[];
  /** Seconds; absent where the resolver does not tell. */
  readonly ttl?: number;
}

/** Rejects where there is no answer: a server failed or was silent, or `signal` was aborted. */
export type Lookup<DnsRecord> = (name: string, signal: AbortSignal) => Promise<DnsAnswer<DnsRecord>>;

export interface Dns {
  readonly naptr: Lookup<NaptrRecord>;
  readonly srv: Lookup<SrvRecord>;
  /** IPv4 addresses. */
  readonly a: Lookup<string>;
  /** IPv6 addresses, without brackets. */
  readonly aaaa: Lookup<string>;
}

const nothing = (): Promise<{ records: never[] }> => Promise.resolve({ records: [] });

/** Knows no name. */
export const NO_DNS: Dns = { naptr: nothing, srv: nothing, a: nothing, aaaa: nothing };
