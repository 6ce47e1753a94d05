/** One receiver of events: events of one call in order and one at a time, those of different calls side by side. */
import { ms, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import type { Log } from "../../core/log.js";
import { fraction, type Random } from "../../core/random.js";
import { signWebhook, type WebhookHeaders } from "../../core/webhook-signature.js";
import type { EventLog, LoggedEvent } from "./event-log.js";
import { isWanted } from "./event-reader.js";
import type { Tidings } from "./event-schema.js";

/** Events that may wait for one receiver, and that may be under way at once. */
const MOST_WAITING = 10_000;
const MOST_UNDER_WAY = 16;
/** The first pause after a failure and the longest; each is twice the one before. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;
/** The receiver wants no more of it (RFC 9110 §15.5.11); any other failure may pass. */
const GONE = 410;
/** An event that could not be delivered for so long is given up. */
const TOO_OLD = 600_000;

export interface WebhookSettings {
  readonly url: string;
  /** The first is the current one. */
  readonly secrets: readonly string[];
  /** Types of events, or families such as `call.*`; none: all. */
  readonly types?: readonly string[];
}

/** Sends one request. @returns the status; rejects where there was none. */
export type WebhookSend = (
  url: string,
  request: { readonly headers: WebhookHeaders; readonly body: string; readonly signal: AbortSignal },
) => Promise<number>;

export interface WebhookOptions {
  readonly name: string;
  readonly settings: WebhookSettings;
  readonly events: EventLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly send: WebhookSend;
}

export interface WebhookState {
  readonly waiting: number;
  readonly delivered: number;
  readonly undelivered: number;
  /** What came of the last attempt; absent before there was one. */
  readonly last?: { readonly at: number; readonly status?: number; readonly error?: string };
}

interface Waiting {
  readonly event: LoggedEvent;
  readonly since: Millis;
  attempts: number;
}

/** Events of one call, and those of none. */
interface Line {
  readonly key: string;
  readonly waiting: Waiting[];
  timer: Timer | undefined;
}

type Reason = Extract<Tidings, { type: "webhook.undelivered" }>["data"]["reason"];

export class Webhook {
  /** May be set anew: what waits is sent by the new ones. */
  settings: WebhookSettings;
  readonly #options: WebhookOptions;
  readonly #lines = new Map<string, Line>();
  /** Lines whose next event may be sent as soon as there is room. */
  readonly #ready: Line[] = [];
  readonly #abort = new AbortController();
  readonly #unwatch: () => void;
  #cursor: number;
  #waiting = 0;
  #underWay = 0;
  #delivered = 0;
  #undelivered = 0;
  #last: WebhookState["last"];

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.#cursor = options.events.last;
    this.#unwatch = options.events.watch(() => this.#take());
  }

  get state(): WebhookState {
    return {
      waiting: this.#waiting,
      delivered: this.#delivered,
      undelivered: this.#undelivered,
      ...(this.#last !== undefined && { last: this.#last }),
    };
  }

  /** What waits is forgotten. */
  close(): void {
    this.#unwatch();
    this.#abort.abort();
    for (const { timer } of this.#lines.values()) timer?.cancel();
    this.#lines.clear();
    this.#ready.length = 0;
    this.#waiting = 0;
  }

  #take(): void {
    const { events, clock, name } = this.#options;
    while (this.#cursor < events.last) {
      this.#cursor += 1;
      const event = events.at(this.#cursor);
      const { types } = this.settings;
      if (event === undefined || event.about === name) continue;
      if (!isWanted(types === undefined ? {} : { types }, event)) continue;
      const waiting: Waiting = { event, since: clock.now(), attempts: 0 };
      if (this.#waiting >= MOST_WAITING) {
        this.#giveUp(waiting, "queue full", undefined);
        continue;
      }
      this.#waiting += 1;
      this.#append(waiting);
    }
  }

  #append(waiting: Waiting): void {
    const key = waiting.event.call ?? "";
    const line = this.#lines.get(key) ?? { key, waiting: [], timer: undefined };
    this.#lines.set(key, line);
    line.waiting.push(waiting);
    if (line.waiting.length === 1) this.#next(line);
  }

  #next(line: Line): void {
    this.#ready.push(line);
    this.#fill();
  }

  #fill(): void {
    while (this.#underWay < MOST_UNDER_WAY) {
      const ready = this.#ready.shift();
      const [first] = ready?.waiting ?? [];
      if (ready === undefined || first === undefined) return;
      this.#underWay += 1;
      void this.#attempt(ready, first);
    }
  }

  async #attempt(line: Line, waiting: Waiting): Promise<void> {
    const { clock, events, send } = this.#options;
    const { event } = waiting;
    const { url, secrets } = this.settings;
    waiting.attempts += 1;
    const id = `${events.feed}.${String(event.number)}`;
    const timestamp = Math.floor(clock.epoch() / 1000);
    const headers = signWebhook(secrets, { id, timestamp, body: event.text });
    let status: number | undefined;
    let error: string | undefined;
    try {
      status = await send(url, { headers, body: event.text, signal: this.#abort.signal });
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure);
    }
    this.#underWay -= 1;
    if (this.#abort.signal.aborted) return;
    this.#last = {
      at: clock.epoch(),
      ...(status !== undefined && { status }),
      ...(error !== undefined && { error }),
    };
    this.#settle(line, waiting, status);
  }

  #settle(line: Line, waiting: Waiting, status: number | undefined): void {
    const { clock } = this.#options;
    const pause = this.#pauseAfter(waiting.attempts);
    const isTaken = status !== undefined && status >= 200 && status < 300;
    if (isTaken) this.#delivered += 1;
    else if (status === GONE) this.#giveUp(waiting, "refused", status);
    else if (clock.now() + pause - waiting.since > TOO_OLD) this.#giveUp(waiting, "too old", status);
    else {
      line.timer = clock.after(pause, () => {
        line.timer = undefined;
        this.#next(line);
      });
      this.#fill();
      return;
    }
    this.#waiting -= 1;
    line.waiting.shift();
    if (line.waiting.length === 0) {
      this.#lines.delete(line.key);
      this.#fill();
    } else {
      this.#next(line);
    }
  }

  /** Half of it by chance, so that many events that failed together do not come again together. */
  #pauseAfter(attempts: number): Millis {
    const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempts - 1, 20));
    return ms(Math.round(whole * (0.5 + fraction(this.#options.random) / 2)));
  }

  #giveUp({ event, attempts }: Waiting, reason: Reason, status: number | undefined): void {
    const { name, log, events } = this.#options;
    this.#undelivered += 1;
    log.warn({ webhook: name, number: event.number, reason, status }, "a webhook did not take an event");
    events.tell({
      type: "webhook.undelivered",
      ...(event.call !== undefined && { call: event.call }),
      data: {
        webhook: name,
        number: event.number,
        reason,
        attempts,
        ...(status !== undefined && { status }),
      },
    });
  }
}
