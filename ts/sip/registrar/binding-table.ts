import { ms, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { ownCopy } from "../../core/own-copy.js";
import type { Binding } from "./bindings.js";
import { DueQueue, type Due } from "./due-queue.js";

interface Aor {
  readonly domain: string;
  readonly user: string;
  /** Last registered first. */
  entries: readonly BindingEntry[];
}

/** A binding as it is kept. */
export interface BindingEntry extends Due {
  readonly binding: Binding;
  readonly aor: Aor;
  /** When it is to be pinged next; Infinity: never. */
  nextPing: Millis;
  /** Pings since the last sign of life. */
  outstanding: number;
}

/** Domain → user → bindings, with what else has to find them: their instants, and the connections they came by. */
export class BindingTable {
  readonly #domains = new Map<string, Map<string, Aor>>();
  readonly #byConnection = new Map<number, Set<BindingEntry>>();
  readonly #queue: DueQueue<BindingEntry>;

  /** @param due gets an entry when it has run out or is to be pinged; still in the table, and no longer queued. */
  constructor(clock: Clock, due: (entry: BindingEntry) => void) {
    this.#queue = new DueQueue(clock, due);
  }

  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Last registered first. */
  entries(domain: string, user: string): readonly BindingEntry[] {
    return this.#domains.get(domain)?.get(user)?.entries ?? [];
  }

  /** Whether the entry is still in the table. */
  has(entry: BindingEntry): boolean {
    return entry.aor.entries.includes(entry);
  }

  /**
   * What an AOR has from now on. A binding that is in it already keeps its entry.
   * @param firstPing of a new one.
   */
  set(
    domain: string,
    user: string,
    bindings: readonly Binding[],
    firstPing: (binding: Binding) => Millis,
  ): void {
    const aor = this.#aor(domain, user);
    const before = aor.entries;
    aor.entries = bindings.map((binding) => {
      const known = before.find((entry) => entry.binding === binding);
      return known ?? { binding, aor, nextPing: firstPing(binding), outstanding: 0, due: ms(0), place: -1 };
    });
    for (const entry of before) if (!aor.entries.includes(entry)) this.#forget(entry);
    for (const entry of aor.entries) if (!before.includes(entry)) this.#enter(entry);
    if (aor.entries.length === 0) this.#forgetAor(aor);
  }

  /** Queues an entry for the earlier of its two instants. */
  schedule(entry: BindingEntry): void {
    this.#queue.set(entry, ms(Math.min(entry.binding.expiresAt, entry.nextPing)));
  }

  ofConnection(connection: number): readonly BindingEntry[] {
    return [...(this.#byConnection.get(connection) ?? [])];
  }

  *bindings(): Generator<Binding> {
    for (const users of this.#domains.values()) {
      for (const { entries } of users.values()) for (const { binding } of entries) yield binding;
    }
  }

  clear(): void {
    this.#domains.clear();
    this.#byConnection.clear();
    this.#queue.clear();
    this.#count = 0;
  }

  #aor(domain: string, user: string): Aor {
    let users = this.#domains.get(domain);
    if (users === undefined) {
      users = new Map();
      this.#domains.set(ownCopy(domain), users);
    }
    let aor = users.get(user);
    if (aor === undefined) {
      aor = { domain, user, entries: [] };
      users.set(user, aor);
    }
    return aor;
  }

  #forgetAor({ domain, user }: Aor): void {
    const users = this.#domains.get(domain);
    users?.delete(user);
    if (users?.size === 0) this.#domains.delete(domain);
  }

  #enter(entry: BindingEntry): void {
    this.#count += 1;
    this.schedule(entry);
    const connection = connectionOf(entry.binding);
    if (connection === undefined) return;
    const others = this.#byConnection.get(connection);
    if (others === undefined) this.#byConnection.set(connection, new Set([entry]));
    else others.add(entry);
  }

  #forget(entry: BindingEntry): void {
    this.#count -= 1;
    this.#queue.remove(entry);
    const connection = connectionOf(entry.binding);
    if (connection === undefined) return;
    const others = this.#byConnection.get(connection);
    others?.delete(entry);
    if (others?.size === 0) this.#byConnection.delete(connection);
  }
}

/** The connection without which the phone can't be reached. With a Path it is a proxy's, and that can be called anew. */
export const connectionOf = ({ flow, path }: Binding): number | undefined =>
  path === undefined || path.length === 0 ? flow.connection : undefined;
