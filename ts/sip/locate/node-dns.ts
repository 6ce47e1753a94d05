import { lookup as systemLookup, Resolver } from "node:dns/promises";
import type { Dns, DnsAnswer, Lookup } from "./dns.js";

export interface NodeDnsOptions {
  /** `192.0.2.53`, `[2001:db8::53]:53`; those of the system unless given. */
  readonly servers?: readonly string[];
  /** Milliseconds for each try; 2000. */
  readonly timeout?: number;
  /** Tries per server; 2. */
  readonly tries?: number;
}

/** There is such a name without such records; there is no such name. */
const NOTHING = new Set(["ENODATA", "ENOTFOUND"]);

/**
 * The DNS by Node's own resolver. It tells times to live of addresses only. Names that the DNS does not know are looked
 * for in the system's list of hosts too, and those of this machine nowhere else (RFC 6761 §6.3).
 */
export function nodeDns({ servers, timeout = 2000, tries = 2 }: NodeDnsOptions = {}): Dns {
  const resolver = new Resolver({ timeout, tries });
  if (servers !== undefined) resolver.setServers([...servers]);
  return {
    naptr: abortable(async (name) => {
      const records = await orNothing(resolver.resolveNaptr(name));
      // Later versions of Node put more into a record than is asked of it here.
      return {
        records: records.map(({ order, preference, flags, service, regexp, replacement }) => ({
          order,
          preference,
          flags,
          service,
          regexp,
          replacement,
        })),
      };
    }),
    srv: abortable(async (name) => {
      const records = await orNothing(resolver.resolveSrv(name));
      return {
        records: records.map(({ name: target, priority, weight, port }) => ({
          priority,
          weight,
          port,
          target,
        })),
      };
    }),
    a: abortable((name) => addressesOf(name, 4, () => resolver.resolve4(name, { ttl: true }))),
    aaaa: abortable((name) => addressesOf(name, 6, () => resolver.resolve6(name, { ttl: true }))),
  };
}

/** The resolver can only drop all its queries at once; one that nobody waits for runs out by its time-out. */
function abortable<DnsRecord>(ask: (name: string) => Promise<DnsAnswer<DnsRecord>>): Lookup<DnsRecord> {
  return (name, signal) =>
    new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(new Error(`${name}: aborted`));
      };
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener("abort", abort, { once: true });
      ask(name)
        .then(resolve, reject)
        .finally(() => {
          signal.removeEventListener("abort", abort);
        });
    });
}

async function orNothing<DnsRecord>(records: Promise<DnsRecord[]>): Promise<DnsRecord[]> {
  try {
    return await records;
  } catch (error) {
    if (NOTHING.has(codeOf(error))) return [];
    throw error;
  }
}

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

async function addressesOf(
  name: string,
  family: 4 | 6,
  resolve: () => Promise<{ address: string; ttl: number }[]>,
): Promise<DnsAnswer<string>> {
  const isOurs = name === "localhost" || name.endsWith(".localhost");
  const records = isOurs ? [] : await orNothing(resolve());
  if (records.length === 0) return { records: await inHosts(name, family) };
  return {
    records: records.map(({ address }) => address),
    ttl: Math.min(...records.map(({ ttl }) => ttl)),
  };
}

async function inHosts(name: string, family: 4 | 6): Promise<string[]> {
  const found = await systemLookup(name, { family, all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
