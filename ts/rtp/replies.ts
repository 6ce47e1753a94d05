import { MediaswitchError } from "../core/errors.js";
import type { NativeReply } from "./addon.js";
import { blaming } from "./engine-error.js";

/** Commands that the engine has not answered yet, by their tickets. */
export class Replies {
  readonly #waiting = new Map<number, (reply: NativeReply | undefined) => void>();
  #lastTicket = 0;

  /**
   * @param give hands the command with its ticket to the engine.
   * @throws {MediaswitchError} ABORTED when `signal` says so first, MEDIA_UNAVAILABLE when the engine is stopped.
   */
  ask(give: (ticket: number) => void, signal?: AbortSignal): Promise<NativeReply> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) throw aborted();
      const ticket = ++this.#lastTicket;
      blaming(() => {
        give(ticket);
      });
      const onAbort = (): void => {
        this.#waiting.delete(ticket);
        reject(aborted());
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(ticket, (reply) => {
        signal?.removeEventListener("abort", onAbort);
        if (reply === undefined) reject(stopped());
        else resolve(reply);
      });
    });
  }

  /** An answer that nobody waits for is ignored. */
  take(reply: NativeReply): void {
    this.#waiting.get(reply.ticket)?.(reply);
    this.#waiting.delete(reply.ticket);
  }

  /** The engine is stopped: it answers no more. */
  close(): void {
    for (const settle of this.#waiting.values()) settle(undefined);
    this.#waiting.clear();
  }
}

const aborted = (): MediaswitchError =>
  new MediaswitchError("ABORTED", "the media command is no longer waited for");

const stopped = (): MediaswitchError =>
  new MediaswitchError("MEDIA_UNAVAILABLE", "the media engine was stopped");
