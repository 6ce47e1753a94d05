/** The last lines of a log, for who wants to read along. */
import type { Clock } from "./clock.js";
import type { EpochMillis } from "./brand.js";
import type { Log } from "./log.js";

export interface LogLine {
  /** Counts from 1, without a gap. */
  readonly number: number;
  readonly at: EpochMillis;
  readonly level: "info" | "warn" | "error";
  readonly text: string;
  /** As text, shortened. */
  readonly fields: Readonly<Record<string, string>>;
  /** Which part of the switch says so. */
  readonly part: string;
}

const MOST_LINES = 500;
const MOST_FIELDS = 20;
const LONGEST = 300;

export interface LogTailOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly part: string;
}

/** Passes everything on to another log, and keeps what is not for debugging. */
export class LogTail implements Log {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #part: string;
  readonly #lines: LogLine[] = [];
  #last = 0;
  #told: ((line: LogLine) => void) | undefined;

  constructor({ log, clock, part }: LogTailOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#part = part;
  }

  /** Number of the newest line; 0 before there is one. */
  get last(): number {
    return this.#last;
  }

  /** Those after this number that are kept, oldest first. */
  after(number: number): readonly LogLine[] {
    const missing = this.#last - number;
    return missing <= 0 ? [] : this.#lines.slice(-missing);
  }

  /** Gives each line to this one as well, in place of whoever was told before. */
  tell(told: (line: LogLine) => void): void {
    this.#told = told;
  }

  /** A line of another part of the switch. */
  add(line: LogLine): void {
    this.#keep(line);
  }

  debug(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.debug(fields, text);
  }
  info(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.info(fields, text);
    this.#take("info", fields, text);
  }
  warn(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.warn(fields, text);
    this.#take("warn", fields, text);
  }
  error(fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#log.error(fields, text);
    this.#take("error", fields, text);
  }

  #take(level: LogLine["level"], fields: Readonly<Record<string, unknown>>, text: string): void {
    const shown: Record<string, string> = {};
    for (const name of Object.keys(fields).slice(0, MOST_FIELDS)) {
      shown[name] = textOf(fields[name]).slice(0, LONGEST);
    }
    this.#keep({ at: this.#clock.epoch(), level, text, fields: shown, part: this.#part });
  }

  #keep(line: Omit<LogLine, "number">): void {
    this.#last += 1;
    const { at, level, text, fields, part } = line;
    const numbered = { number: this.#last, at, level, text, fields, part };
    this.#lines.push(numbered);
    if (this.#lines.length >= 2 * MOST_LINES) this.#lines.splice(0, MOST_LINES);
    this.#told?.(numbered);
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.message;
  try {
    // Nothing, where it is a function or undefined.
    const text = JSON.stringify(value) as string | undefined;
    return text ?? String(value);
  } catch {
    return String(value);
  }
}
