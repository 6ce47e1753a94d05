import type { Dns, DnsAnswer, Lookup, NaptrRecord, SrvRecord } from "../../ts/sip/locate/dns.js";

/** One line for each record, as in a zone file without TTL and class: `example.com SRV 0 1 5060 server1.example.com`. */
export type ZoneLines = readonly string[];

/**
 * A DNS in memory: what its zone does not hold does not exist. All lookups are noted; a name may be made to fail or to
 * stay silent.
 */
export class FakeDns implements Dns {
  /** `SRV _sip._udp.example.com`, in the order in which they were asked. */
  readonly asked: string[] = [];
  /** Seconds that answers live; undefined = not told. */
  ttl: number | undefined = 300;
  readonly #failing = new Set<string>();
  readonly #silent = new Set<string>();
  #records: ReadonlyMap<string, readonly string[]>;

  constructor(zone: ZoneLines = []) {
    this.#records = readZone(zone);
  }

  /** From now on the zone is this one. */
  change(zone: ZoneLines): void {
    this.#records = readZone(zone);
  }

  /** `SRV _sip._udp.example.com`: the lookup is refused from now on, as by SERVFAIL. */
  fail(...questions: string[]): void {
    for (const question of questions) this.#failing.add(question);
  }

  /** Nothing ever comes back from now on. */
  silence(...questions: string[]): void {
    for (const question of questions) this.#silent.add(question);
  }

  /** All work again. */
  heal(): void {
    this.#failing.clear();
    this.#silent.clear();
  }

  readonly naptr: Lookup<NaptrRecord> = (name, signal) =>
    this.#answer("NAPTR", name, signal, (text): NaptrRecord => {
      const [order, preference, flags = "", service = "", regexp = "", replacement = ""] = text.split(/\s+/);
      return {
        order: Number(order),
        preference: Number(preference),
        flags: unquote(flags),
        service: unquote(service),
        regexp: unquote(regexp),
        replacement,
      };
    });

  readonly srv: Lookup<SrvRecord> = (name, signal) =>
    this.#answer("SRV", name, signal, (text): SrvRecord => {
      const [priority, weight, port, target = ""] = text.split(/\s+/);
      return { priority: Number(priority), weight: Number(weight), port: Number(port), target };
    });

  readonly a: Lookup<string> = (name, signal) => this.#answer("A", name, signal, (text) => text);
  readonly aaaa: Lookup<string> = (name, signal) => this.#answer("AAAA", name, signal, (text) => text);

  async #answer<DnsRecord>(
    type: string,
    name: string,
    signal: AbortSignal,
    read: (text: string) => DnsRecord,
  ): Promise<DnsAnswer<DnsRecord>> {
    const question = `${type} ${name}`;
    this.asked.push(question);
    if (this.#failing.has(question)) throw new Error(`${question}: SERVFAIL`);
    if (this.#silent.has(question)) await new Promise(() => undefined);
    if (signal.aborted) throw new Error(`${question}: aborted`);
    const records = (this.#records.get(question) ?? []).map(read);
    return this.ttl === undefined ? { records } : { records, ttl: this.ttl };
  }
}

function readZone(lines: ZoneLines): Map<string, string[]> {
  const records = new Map<string, string[]>();
  for (const line of lines) {
    const [name = "", type = "", ...data] = line.trim().split(/\s+/);
    const question = `${type} ${name}`;
    records.set(question, [...(records.get(question) ?? []), data.join(" ")]);
  }
  return records;
}

const unquote = (text: string): string => text.replace(/^"|"$/g, "");
