import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { DnsAnswer, Lookup } from "./dns.js";

export interface LookupLimits {
  /** Names kept; the one asked for longest ago makes room. */
  readonly names: number;
  /** Lookups under way; one more is refused. */
  readonly running: number;
  /** Records of one answer that are looked at. */
  readonly records: number;
  /** A lookup that takes longer has failed. */
  readonly patience: Millis;
}

export const LOOKUP_LIMITS: LookupLimits = {
  names: 1000,
  running: 200,
  records: 32,
  patience: seconds(10),
};

/**
 * Where the resolver tells no time to live.
 * DEPARTURE RFC 1035 §3.2.1: so SRV and NAPTR records are kept for a minute even where theirs is shorter; Node's
 * resolver tells it of addresses only.
 */
const UNTOLD_LIFE = 60;
/** Longest time to live that is believed: a wrong record should not outlast a working day's patience. */
const LONGEST_LIFE = 3600;
/** An answer without records is kept as long, or as the resolver says if that is shorter (RFC 2308 §5). */
const EMPTY_LIFE = 60;
/** So is a failure, for so short that nobody waits for a server that came back (RFC 2308 §7 allows 5 minutes). */
const FAILURE_LIFE = 5;

interface Kept<DnsRecord> {
  readonly outcome: Promise<DnsAnswer<DnsRecord>>;
  readonly until: Millis;
}

interface Running<DnsRecord> {
  readonly outcome: Promise<DnsAnswer<DnsRecord>>;
  readonly controller: AbortController;
  waiting: number;
}

/** Lookups of one record type: answers are kept as long as they live, and whoever asks the same at once waits together. */
export class LookupCache<DnsRecord> {
  readonly #ask: Lookup<DnsRecord>;
  readonly #clock: Clock;
  readonly #limits: LookupLimits;
  readonly #kept = new Map<string, Kept<DnsRecord>>();
  readonly #running = new Map<string, Running<DnsRecord>>();

  constructor(ask: Lookup<DnsRecord>, clock: Clock, limits: LookupLimits = LOOKUP_LIMITS) {
    this.#ask = ask;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Names that an answer is kept of. */
  get size(): number {
    return this.#kept.size;
  }

  readonly lookup: Lookup<DnsRecord> = async (written, signal) => {
    if (signal.aborted) throw aborted(written);
    const name = written.toLowerCase().replace(/\.$/, "");
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    if (kept !== undefined && kept.until > this.#clock.now()) {
      this.#kept.set(name, kept);
      return kept.outcome;
    }
    return this.#wait(name, this.#running.get(name) ?? this.#start(name), signal);
  };

  #start(name: string): Running<DnsRecord> {
    if (this.#running.size >= this.#limits.running) {
      throw new MediaswitchError(
        "DESTINATION_UNREACHABLE",
        `${name}: too many names are being looked up already`,
      );
    }
    const controller = new AbortController();
    const running = { outcome: this.#outcome(name, controller), controller, waiting: 0 };
    this.#running.set(name, running);
    const settled = (life: number): void => {
      if (this.#running.get(name) !== running) return;
      this.#running.delete(name);
      this.#keep(name, running.outcome, life);
    };
    running.outcome.then(
      (answer) => {
        settled(lifeOf(answer));
      },
      () => {
        settled(FAILURE_LIFE);
      },
    );
    return running;
  }

  async #outcome(name: string, controller: AbortController): Promise<DnsAnswer<DnsRecord>> {
    let limit: Timer | undefined;
    const tooLong = new Promise<never>((_resolve, reject) => {
      const giveUp = (): void => {
        reject(new MediaswitchError("DESTINATION_UNREACHABLE", `${name} could not be looked up in time`));
      };
      limit = this.#clock.after(this.#limits.patience, () => {
        giveUp();
        controller.abort();
      });
      controller.signal.addEventListener("abort", giveUp, { once: true });
    });
    try {
      const answer = await Promise.race([this.#ask(name, controller.signal), tooLong]);
      return { ...answer, records: answer.records.slice(0, this.#limits.records) };
    } finally {
      limit?.cancel();
    }
  }

  #wait(name: string, running: Running<DnsRecord>, signal: AbortSignal): Promise<DnsAnswer<DnsRecord>> {
    running.waiting += 1;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        running.waiting -= 1;
        reject(aborted(name));
        if (running.waiting > 0) return;
        // Nobody waits any more: the lookup is dropped, and is no failure to be remembered.
        if (this.#running.get(name) === running) this.#running.delete(name);
        running.controller.abort();
      };
      signal.addEventListener("abort", abort, { once: true });
      const done = (): void => {
        signal.removeEventListener("abort", abort);
      };
      running.outcome.then(
        (answer) => {
          done();
          resolve(answer);
        },
        (error: unknown) => {
          done();
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #keep(name: string, outcome: Promise<DnsAnswer<DnsRecord>>, life: number): void {
    if (life <= 0) return;
    if (this.#kept.size >= this.#limits.names) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(name, { outcome, until: ms(this.#clock.now() + life * 1000) });
  }
}

function lifeOf<DnsRecord>({ records, ttl }: DnsAnswer<DnsRecord>): number {
  if (records.length === 0) return Math.min(ttl ?? EMPTY_LIFE, EMPTY_LIFE);
  return Math.min(ttl ?? UNTOLD_LIFE, LONGEST_LIFE);
}

const aborted = (name: string): MediaswitchError =>
  new MediaswitchError("ABORTED", `${name}: nobody waits for the lookup any more`);
