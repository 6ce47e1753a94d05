import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Log } from "../core/log.js";
import type { SipState } from "../sip/state/state.js";
import { loadState, StateFile, unusable } from "./state-file.js";

/** The part of a SIP service that has something to keep. */
export interface StateOwner {
  savedState(): Iterable<string>;
}

/** What the SIP component keeps over a restart, where a file was named for it (`--state`); nothing otherwise. */
export class KeptState {
  readonly #path: string | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #saved: SipState | undefined;
  #file: StateFile | undefined;

  private constructor(path: string | undefined, clock: Clock, log: Log, saved: SipState | undefined) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    this.#saved = saved;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID: the file is there and can't be used. */
  static async open(path: string | undefined, clock: Clock, log: Log): Promise<KeptState> {
    return new KeptState(path, clock, log, path === undefined ? undefined : await loadState(path));
  }

  /**
   * Makes the service, which begins with what was saved and is kept from then on.
   * @throws {MediaswitchError} ARGUMENT_INVALID: what was saved makes no sense.
   */
  serve<Owner extends StateOwner>(
    make: (options: { readonly saved?: SipState; readonly stateChanged: () => void }) => Owner,
  ): Owner {
    const path = this.#path;
    const saved = this.#saved;
    if (path === undefined) return make({ stateChanged: () => undefined });
    try {
      const owner = make({
        ...(saved === undefined ? {} : { saved }),
        stateChanged: () => this.#file?.changed(),
      });
      this.#file = new StateFile({
        path,
        clock: this.#clock,
        log: this.#log,
        pieces: () => owner.savedState(),
      });
      // Says at once whether it can be written.
      this.#file.changed();
      return owner;
    } catch (error) {
      throw error instanceof MediaswitchError ? unusable(path, error) : error;
    }
  }

  /** Writes what is not written yet; to be called while the service still has it. */
  async close(): Promise<void> {
    await this.#file?.close();
  }
}
