/** A script's callback: gets the subject as `this` and as its argument; may return a promise. */
export type Listener<Subject> = (this: Subject, subject: Subject) => unknown;

/** What to do with an error that a listener threw, or that its promise rejected with. */
export type ListenerFailure = (error: unknown) => void;

/** Callbacks that stack, in the order they were added. One that fails does not keep the others from being run. */
export class ListenerList<Subject> {
  #listeners: Listener<Subject>[] = [];

  get size(): number {
    return this.#listeners.length;
  }

  add(listener: Listener<Subject>): void {
    this.#listeners.push(listener);
  }

  /** Runs all; one that is added meanwhile is run the next time. */
  run(subject: Subject, failed: ListenerFailure): void {
    for (const listener of [...this.#listeners]) runListener(listener, subject, failed);
  }

  /** Takes all out and runs them; one that is added meanwhile stays for the next time. */
  drain(subject: Subject, failed: ListenerFailure): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) runListener(listener, subject, failed);
  }
}

function runListener<Subject>(listener: Listener<Subject>, subject: Subject, failed: ListenerFailure): void {
  try {
    Promise.resolve(listener.call(subject, subject)).catch(failed);
  } catch (error) {
    failed(error);
  }
}
