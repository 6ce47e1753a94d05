/** Keys that were pressed while nobody collected them: for who asks for what was typed ahead. */

/** What a stranger can leave here; the newest count. */
const MOST = 32;

export class TypedKeys {
  #waiting = "";
  #collectors = 0;

  hear(key: string): void {
    if (this.#collectors === 0) this.#waiting = (this.#waiting + key).slice(-MOST);
  }

  /** From now on somebody collects. @returns what has been typed so far; it is nobody else's any more. */
  begin(): string {
    const typed = this.#waiting;
    this.#waiting = "";
    this.#collectors += 1;
    return typed;
  }

  end(): void {
    this.#collectors -= 1;
  }
}
