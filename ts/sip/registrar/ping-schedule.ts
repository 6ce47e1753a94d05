import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import { fraction, type Random } from "../../core/random.js";
import { isBehindNat } from "./behind-nat.js";
import type { BindingEntry } from "./binding-table.js";
import type { Binding } from "./bindings.js";
import type { Ping, PingSettings } from "./registrar-options.js";

const PUT_OFF = seconds(1);

/** Which bindings are pinged and when: the first time somewhere within the interval, so that pings spread over it. */
export class PingSchedule {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ping: Ping | undefined;
  readonly #settings: PingSettings;
  readonly #log: Log;
  #inFlight = 0;

  constructor(
    parts: { clock: Clock; random: Random; ping: Ping | undefined; log: Log },
    settings: PingSettings,
  ) {
    const { clock, random, ping, log } = parts;
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
    this.#ping = ping;
    this.#settings = settings;
  }

  first(binding: Binding): Millis {
    const { interval } = this.#settings;
    if (!this.#isPinged(binding)) return ms(Infinity);
    return ms(this.#clock.now() + interval * (1 - fraction(this.#random)));
  }

  /** Whether so many pings had no answer that the binding is to go. */
  isLost({ outstanding }: BindingEntry): boolean {
    return outstanding >= this.#settings.failures;
  }

  /** Pings, unless too many others wait, and says when to come again. */
  turn(entry: BindingEntry): void {
    const { interval, inFlight } = this.#settings;
    const now = this.#clock.now();
    if (this.#inFlight >= inFlight) {
      entry.nextPing = ms(now + PUT_OFF);
      return;
    }
    entry.nextPing = ms(now + interval);
    entry.outstanding += 1;
    this.#inFlight += 1;
    let isOver = false;
    const answered = (isThere: boolean): void => {
      if (isOver) return;
      isOver = true;
      this.#inFlight -= 1;
      if (isThere) entry.outstanding = 0;
    };
    try {
      this.#ping?.(entry.binding, answered);
    } catch (error) {
      this.#log.error({ err: error, contact: entry.binding.contact }, "a ping could not be sent");
      answered(false);
    }
  }

  #isPinged({ contact, flow }: Binding): boolean {
    if (this.#ping === undefined) return false;
    switch (this.#settings.which) {
      case "all":
        return true;
      case "none":
        return false;
      case "nat":
        return isBehindNat(contact, flow);
    }
  }
}
