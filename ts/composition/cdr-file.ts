/** A file of call records, one JSON line each; the file of that name at the time is appended to, so it may be renamed. */
import { appendFile } from "node:fs/promises";
import { dirname } from "node:path";
import { accessSync, constants } from "node:fs";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { CallDetailRecord } from "../control/record/call-detail-record.js";

/** Lines that wait for a disk that is slow; what comes then is lost, and that is logged. */
const MOST_WAITING = 10_000;
/** Owner reads and writes: who called whom is nobody else's business. */
const MODE = 0o600;

export class CdrFile {
  readonly #path: string;
  readonly #log: Log;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #lost = 0;

  /** @throws {MediaswitchError} ARGUMENT_INVALID: nothing can be written there. */
  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    try {
      accessSync(dirname(path), constants.W_OK);
    } catch (error) {
      throw new MediaswitchError("ARGUMENT_INVALID", `${path} can't be written: ${messageOf(error)}`, "cdr");
    }
  }

  /** Lines that were lost because the disk was too slow, or failed. */
  get lost(): number {
    return this.#lost;
  }

  readonly write = (record: CallDetailRecord): Promise<void> => {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lost += 1;
      throw new MediaswitchError(
        "INTERNAL",
        `${this.#path}: ${String(MOST_WAITING)} records wait to be written`,
      );
    }
    this.#waiting.push(`${JSON.stringify(record)}\n`);
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = undefined));
    return this.#writing;
  };

  async #writeAll(): Promise<void> {
    // Those that come in the same turn go out as one.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await appendFile(this.#path, lines.join(""), { mode: MODE });
      } catch (error) {
        this.#lost += lines.length;
        // The log is the last place where they can go.
        this.#log.error(
          { err: error, file: this.#path, records: lines },
          "call records could not be written",
        );
      }
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
