/** Milliseconds that a switch on loopback may take for anything a test waits for, on a machine that has much else to do. */
const PATIENCE = 30_000;

/** Waits for facts rather than for times: whoever changes something says so, and each wait looks again. */
export class Changes {
  readonly #looks = new Set<() => void>();

  /** Something has changed. */
  tell(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Settles with the first value that is there. @param what for the message of the error when it never is. */
  until<Value>(what: string, find: () => Value | undefined, patience = PATIENCE): Promise<Value> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(limit);
        this.#looks.delete(look);
        resolve(found);
      };
      const limit = setTimeout(() => {
        this.#looks.delete(look);
        reject(new Error(`waited ${String(patience)} ms for ${what}`));
      }, patience);
      this.#looks.add(look);
      look();
    });
  }
}
