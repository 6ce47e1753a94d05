/** One who reads the event log at his own pace: nothing waits for him but his place in it. */
import { seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { MediaswitchError } from "../../core/errors.js";
import type { EventLog, LoggedEvent } from "./event-log.js";
import type { EventType, Gap } from "./event-schema.js";

/** One whose connection takes nothing for so long is cut off. */
export const PATIENCE: Millis = seconds(15);

export interface EventFilter {
  /** Ids of calls; none: all. */
  readonly calls?: ReadonlySet<string>;
  /** Types, and beginnings of types that end with `.*`; none: all. */
  readonly types?: readonly string[];
}

export function isWanted({ calls, types }: EventFilter, { call, type }: LoggedEvent): boolean {
  if (calls !== undefined && (call === undefined || !calls.has(call))) return false;
  return types?.some((wanted) => isOfType(wanted, type)) ?? true;
}

const isOfType = (wanted: string, type: EventType): boolean =>
  wanted.endsWith(".*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;

export interface EventReaderOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly filter: EventFilter;
  /** Where to begin: `<feed>.<number>` or a number, of the last one that was read; none: with what comes from now on. */
  readonly since: string | undefined;
  /** @returns false where no more is to be written until `resume`. */
  readonly write: (number: number, type: EventType | "gap", text: string) => boolean;
  /** He takes nothing any more. */
  readonly tooSlow: () => void;
}

export class EventReader {
  readonly #options: EventReaderOptions;
  readonly #unwatch: () => void;
  /** Number of the last one that was passed. */
  #cursor: number;
  /** His place is one of another feed. */
  readonly #isLost: boolean = false;
  #hasStarted = false;
  #isBlocked = false;
  #isClosed = false;
  #patience: Timer | undefined;

  /** @throws {MediaswitchError} ARGUMENT_INVALID: `since` is no place in a log. */
  constructor(options: EventReaderOptions) {
    this.#options = options;
    const { log, since } = options;
    const place = since === undefined ? undefined : placeOf(since);
    this.#cursor = log.last;
    this.#unwatch = log.watch(() => this.#pump());
    if (place === undefined) return;
    const isOurs = place.feed === undefined || place.feed === log.feed;
    this.#cursor = isOurs ? Math.min(place.number, log.last) : log.first - 1;
    this.#isLost = !isOurs;
  }

  /** Begins to write. */
  start(): void {
    this.#hasStarted = true;
    if (this.#isLost) this.#gap("restarted", undefined);
    this.#pump();
  }

  /** There is room again. */
  resume(): void {
    this.#isBlocked = false;
    this.#patience?.cancel();
    this.#pump();
  }

  close(): void {
    this.#isClosed = true;
    this.#patience?.cancel();
    this.#unwatch();
  }

  #pump(): void {
    const { log, filter } = this.#options;
    while (this.#hasStarted && !this.#isBlocked && !this.#isClosed && this.#cursor < log.last) {
      const next = log.at(this.#cursor + 1);
      if (next === undefined) {
        const lost = log.first - 1 - this.#cursor;
        this.#cursor = log.first - 1;
        this.#gap("expired", lost);
        continue;
      }
      this.#cursor = next.number;
      if (isWanted(filter, next)) this.#write(next.number, next.type, next.text);
    }
  }

  #gap(reason: Gap["data"]["reason"], lost: number | undefined): void {
    const gap: Gap = {
      type: "gap",
      feed: this.#options.log.feed,
      number: this.#cursor,
      data: { reason, ...(lost !== undefined && { lost }) },
    };
    this.#write(this.#cursor, "gap", JSON.stringify(gap));
  }

  #write(number: number, type: EventType | "gap", text: string): void {
    const { write, clock, tooSlow } = this.#options;
    if (write(number, type, text) || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#patience = clock.after(PATIENCE, () => {
      this.close();
      tooSlow();
    });
  }
}

function placeOf(since: string): { readonly feed: string | undefined; readonly number: number } {
  const [, feed, digits] = /^(?:([\w-]{1,64})\.)?(\d{1,15})$/.exec(since) ?? [];
  if (digits === undefined) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      "since: expected the id of an event, such as 3f2a.17, or its number",
      "since",
    );
  }
  return { feed, number: Number(digits) };
}
