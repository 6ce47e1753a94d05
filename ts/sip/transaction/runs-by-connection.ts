/** Which transactions wait on which connection, so that the end of one is told to exactly those. */
export class RunsByConnection<Run extends object> {
  readonly #runs = new Map<number, Set<Run>>();
  readonly #connections = new Map<Run, number>();

  /** Notes that `run` has come or gone by `connection` last; undefined: by none. */
  set(run: Run, connection: number | undefined): void {
    const before = this.#connections.get(run);
    if (before === connection) return;
    this.delete(run);
    if (connection === undefined) return;
    this.#connections.set(run, connection);
    const runs = this.#runs.get(connection);
    if (runs === undefined) this.#runs.set(connection, new Set([run]));
    else runs.add(run);
  }

  delete(run: Run): void {
    const connection = this.#connections.get(run);
    if (connection === undefined) return;
    this.#connections.delete(run);
    const runs = this.#runs.get(connection);
    runs?.delete(run);
    if (runs?.size === 0) this.#runs.delete(connection);
  }

  on(connection: number): readonly Run[] {
    return [...(this.#runs.get(connection) ?? [])];
  }

  clear(): void {
    this.#runs.clear();
    this.#connections.clear();
  }
}
