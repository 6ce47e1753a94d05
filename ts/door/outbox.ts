import type { Port } from "./port.js";

/**
 * Sends what is said during one turn of the event loop as one list, in order: a message between threads costs far more
 * than what is in it.
 */
export class Outbox<Message> {
  readonly #port: Port;
  readonly #unsendable: (message: Message, error: unknown) => void;
  #waiting: Message[] = [];

  /** @param unsendable told of a message that is no plain data, and of the error that says so; the others are sent. */
  constructor(port: Port, unsendable: (message: Message, error: unknown) => void) {
    this.#port = port;
    this.#unsendable = unsendable;
  }

  say(message: Message): void {
    this.#waiting.push(message);
    if (this.#waiting.length > 1) return;
    setImmediate(() => {
      this.#send();
    });
  }

  #send(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    try {
      this.#port.postMessage(messages);
    } catch {
      for (const message of messages) this.#sendAlone(message);
    }
  }

  #sendAlone(message: Message): void {
    try {
      this.#port.postMessage([message]);
    } catch (error) {
      this.#unsendable(message, error);
    }
  }
}
