import type { Clock } from "../../core/clock.js";
import type { Dns } from "./dns.js";
import { LookupCache, type LookupLimits } from "./lookup-cache.js";

/** The DNS with a memory: one bounded cache for each type of record. */
export function cachedDns(dns: Dns, clock: Clock, limits?: LookupLimits): Dns {
  return {
    naptr: new LookupCache(dns.naptr, clock, limits).lookup,
    srv: new LookupCache(dns.srv, clock, limits).lookup,
    a: new LookupCache(dns.a, clock, limits).lookup,
    aaaa: new LookupCache(dns.aaaa, clock, limits).lookup,
  };
}
