/** Runs asynchronous tasks one after another, in the order they were given. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the task returns; a task that fails does not stop those after it. */
  run<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    const result = after(this.#last, task);
    this.#last = result.then(nothing, nothing);
    return result;
  }
}

/** A promise that is awaited costs less than one that is given to `then`, or given back from there. */
async function after<Result>(last: Promise<unknown>, task: () => Promise<Result> | Result): Promise<Result> {
  await last;
  return await task();
}

const nothing = (): void => undefined;
