import { open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ms, seconds, type Millis } from "../core/brand.js";
import type { Clock, Timer } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import { readState, type SipState } from "../sip/state/state.js";

/** Only whoever runs the switch may read it: hashes of secrets are as good as secrets for digest. */
const MODE = 0o600;
/** Changes are gathered for so long. */
const DELAY = seconds(1);
/** After a write that failed. */
const RETRY = seconds(10);
/** Writing takes at most one part in so many of the time. */
const REST = 20;
/** Characters that are put together before the event loop gets its turn. */
const PORTION = 256 * 1024;

/**
 * What an earlier process has left; undefined where there is no file yet.
 * @throws {MediaswitchError} ARGUMENT_INVALID, naming the field that can't be read. The file stays as it is.
 */
export async function loadState(path: string): Promise<SipState | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(path, error);
  }
  try {
    return readState(JSON.parse(text) as unknown);
  } catch (error) {
    throw unusable(path, error);
  }
}

/** An error about the whole file, which names the field as the error it is made of did. */
export function unusable(path: string, error: unknown): MediaswitchError {
  const why = error instanceof Error ? error.message : String(error);
  return new MediaswitchError(
    "ARGUMENT_INVALID",
    `the state file ${path} can't be used, and is left as it is: ${why}`,
    error instanceof MediaswitchError ? error.field : "state",
  );
}

export interface StateFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What is to be written, piece by piece. */
  readonly pieces: () => Iterable<string>;
}

/** Keeps a file up to date: written beside it, brought to the disk, and put in its place at once. */
export class StateFile {
  readonly #options: StateFileOptions;
  #timer: Timer | undefined;
  #writing: Promise<void> | undefined;
  #isChanged = false;
  #isClosed = false;
  #pause: Millis = DELAY;

  constructor(options: StateFileOptions) {
    this.#options = options;
  }

  /** Something has changed; it will be written before long. */
  changed(): void {
    this.#isChanged = true;
    if (this.#isClosed || this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = this.#options.clock.after(this.#pause, () => {
      this.#timer = undefined;
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        if (this.#isChanged) this.changed();
      });
    });
  }

  /** Settles when what has changed is on the disk, or can't be brought there, which is logged. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#writing;
    if (this.#isChanged) await this.#write();
  }

  async #write(): Promise<void> {
    const { path, clock, log } = this.#options;
    const began = clock.now();
    this.#isChanged = false;
    try {
      await this.#replace(path);
      this.#pause = ms(Math.max(DELAY, REST * (clock.now() - began)));
    } catch (error) {
      this.#isChanged = true;
      this.#pause = RETRY;
      log.error({ path, err: error }, "the state could not be written; it is tried again");
    }
  }

  async #replace(path: string): Promise<void> {
    const beside = `${path}.new`;
    try {
      // A file of that name that an earlier process left may have other rights.
      await rm(beside, { force: true });
      const file = await open(beside, "wx", MODE);
      try {
        await this.#writePieces(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  }

  async #writePieces(file: FileHandle): Promise<void> {
    let portion = "";
    for (const piece of this.#options.pieces()) {
      portion += piece;
      if (portion.length < PORTION) continue;
      await file.appendFile(portion);
      portion = "";
    }
    await file.appendFile(portion);
  }
}

/** So that the new name survives a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
