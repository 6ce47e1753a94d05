/** Runs asynchronous tasks one after another, in the order they were given. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the task returns; a task that fails does not stop those after it. */
  run<Result>(task: () => Promise<Result> | Result): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
