import { MediaswitchError } from "../core/errors.js";

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** What was sent through a port and has no answer yet, by number. */
export class Pending<Result> {
  readonly #waiting = new Map<number, Waiting<Result>>();
  #last = 0;
  #isClosed = false;

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Calls `send` with a new number and waits for that number's answer.
   * @throws {MediaswitchError} NOT_CONNECTED once closed; what `send` throws.
   */
  async ask(send: (id: number) => void, signal?: AbortSignal): Promise<Result> {
    if (signal?.aborted === true) throw new MediaswitchError("ABORTED", "aborted before it began");
    if (this.#isClosed) throw closed();
    this.#last += 1;
    const id = this.#last;
    let stop: (() => void) | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        if (signal !== undefined) {
          stop = () => {
            reject(new MediaswitchError("ABORTED", "the wait was aborted"));
          };
          signal.addEventListener("abort", stop, { once: true });
        }
        send(id);
      });
    } finally {
      this.#waiting.delete(id);
      if (stop !== undefined) signal?.removeEventListener("abort", stop);
    }
  }

  /** An answer to something that is no longer awaited is ignored. */
  resolve(id: number, result: Result): void {
    this.#waiting.get(id)?.resolve(result);
  }

  reject(id: number, error: unknown): void {
    this.#waiting.get(id)?.reject(error);
  }

  /** Rejects all that waits, and all that will be asked. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.values()) reject(closed());
  }
}

const closed = (): MediaswitchError =>
  new MediaswitchError("NOT_CONNECTED", "the thread at the other side of this door has gone");
