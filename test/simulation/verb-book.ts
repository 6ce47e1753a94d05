/** Every verb that was called, and whether it has settled: each one has to. */
export class VerbBook {
  readonly #entries: { readonly name: string; isSettled: boolean }[] = [];

  /** Notes a verb; its failure stays the business of who called it. */
  note<Result>(name: string, verb: Promise<Result>): Promise<Result> {
    const entry = { name, isSettled: false };
    this.#entries.push(entry);
    const settled = (): void => {
      entry.isSettled = true;
    };
    verb.then(settled, settled);
    return verb;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Names of those that have not settled. */
  get waiting(): readonly string[] {
    return this.#entries.filter(({ isSettled }) => !isSettled).map(({ name }) => name);
  }
}
