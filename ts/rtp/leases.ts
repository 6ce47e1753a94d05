import { ms } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import { invalid } from "./argument-checks.js";
import type { Lease } from "./media-service.js";

/** A day. */
const LONGEST_SECONDS = 86_400;
const LONGEST_HOLDER = 256;

/** Channels of one holder that were opened for the same time. */
interface Term {
  readonly seconds: number;
  readonly uuids: Set<string>;
  timer: Timer;
}

/** Which channels live by whose heartbeat. */
export class Leases {
  readonly #clock: Clock;
  readonly #expired: (uuid: string) => void;
  readonly #holders = new Map<string, Map<number, Term>>();
  readonly #termOf = new Map<string, { readonly holder: string; readonly term: Term }>();

  /** @param expired is called once for each channel whose lease has run out; it is forgotten by then. */
  constructor(clock: Clock, expired: (uuid: string) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID, with the path of what is wrong. */
  static check({ holder, seconds }: Lease): void {
    if (typeof holder !== "string" || holder === "" || holder.length > LONGEST_HOLDER) {
      throw invalid("expected a name", "lease.holder");
    }
    if (!(typeof seconds === "number" && seconds > 0 && seconds <= LONGEST_SECONDS)) {
      throw invalid(`expected seconds, up to ${String(LONGEST_SECONDS)}`, "lease.seconds");
    }
  }

  /** Opening a channel is a heartbeat as well: whoever opens is there. */
  add(uuid: string, { holder, seconds }: Lease): void {
    this.renew(holder);
    const terms = this.#holders.get(holder) ?? new Map<number, Term>();
    this.#holders.set(holder, terms);
    const term = terms.get(seconds) ?? { seconds, uuids: new Set(), timer: this.#run(holder, seconds) };
    terms.set(seconds, term);
    term.uuids.add(uuid);
    this.#termOf.set(uuid, { holder, term });
  }

  /** @returns how many channels it keeps open. */
  renew(holder: string): number {
    let channels = 0;
    for (const term of this.#holders.get(holder)?.values() ?? []) {
      term.timer.cancel();
      term.timer = this.#run(holder, term.seconds);
      channels += term.uuids.size;
    }
    return channels;
  }

  /** The channel is closed. */
  remove(uuid: string): void {
    const found = this.#termOf.get(uuid);
    if (found === undefined) return;
    this.#termOf.delete(uuid);
    found.term.uuids.delete(uuid);
    if (found.term.uuids.size === 0) this.#end(found.holder, found.term);
  }

  /** Ends all of them; nothing expires any more. */
  clear(): void {
    for (const [holder, terms] of this.#holders) {
      for (const term of terms.values()) this.#end(holder, term);
    }
    this.#termOf.clear();
  }

  #run(holder: string, seconds: number): Timer {
    return this.#clock.after(ms(seconds * 1000), () => {
      const term = this.#holders.get(holder)?.get(seconds);
      if (term === undefined) return;
      this.#end(holder, term);
      for (const uuid of term.uuids) {
        this.#termOf.delete(uuid);
        this.#expired(uuid);
      }
    });
  }

  #end(holder: string, term: Term): void {
    term.timer.cancel();
    const terms = this.#holders.get(holder);
    terms?.delete(term.seconds);
    if (terms?.size === 0) this.#holders.delete(holder);
  }
}
