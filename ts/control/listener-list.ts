/** A script's callback: gets the subject as `this` and as its argument; may return a promise. */
export type Listener<Subject, Details extends readonly unknown[] = []> = (
  this: Subject,
  subject: Subject,
  ...details: Details
) => unknown;

/** What to do with an error that a listener threw, or that its promise rejected with. */
export type ListenerFailure = (error: unknown) => void;

/** Callbacks that stack, in the order they were added. One that fails does not keep the others from being run. */
export class ListenerList<Subject, Details extends readonly unknown[] = []> {
  #listeners: Listener<Subject, Details>[] = [];

  get size(): number {
    return this.#listeners.length;
  }

  /** Takes all out without running them. */
  clear(): void {
    this.#listeners = [];
  }

  add(listener: Listener<Subject, Details>): void {
    this.#listeners.push(listener);
  }

  /** Runs all; one that is added meanwhile is run the next time. */
  run(subject: Subject, failed: ListenerFailure, ...details: Details): void {
    for (const listener of [...this.#listeners]) runOnce(listener, subject, failed, ...details);
  }

  /** Takes all out and runs them; one that is added meanwhile stays for the next time. */
  drain(subject: Subject, failed: ListenerFailure, ...details: Details): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) runOnce(listener, subject, failed, ...details);
  }
}

/** Runs one listener; what it throws, or what its promise rejects with, goes to `failed`. */
export function runOnce<Subject, Details extends readonly unknown[]>(
  listener: Listener<Subject, Details>,
  subject: Subject,
  failed: ListenerFailure,
  ...details: Details
): void {
  try {
    Promise.resolve(listener.call(subject, subject, ...details)).catch(failed);
  } catch (error) {
    failed(error);
  }
}
