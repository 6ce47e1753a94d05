const CELLS = 20;

/** Where a bar is drawn: standard error, so that results stay alone on standard output. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How far something long is: one line that is written over. Nothing where nobody watches (no terminal). */
export class Progress {
  readonly #stream: ProgressStream;
  readonly #total: number;
  #done = 0;

  constructor(total: number, stream: ProgressStream = process.stderr) {
    this.#total = total;
    this.#stream = stream;
  }

  /** What is done now, of all. */
  begin(what: string): void {
    if (this.#stream.isTTY !== true) return;
    const filled = Math.round((this.#done / Math.max(1, this.#total)) * CELLS);
    const bar = `${"█".repeat(filled)}${"░".repeat(CELLS - filled)}`;
    const line = `${bar} ${String(this.#done + 1)}/${String(this.#total)}: ${what}`;
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  step(): void {
    this.#done += 1;
  }

  end(): void {
    if (this.#stream.isTTY === true) this.#stream.write("\r\u001b[K");
  }
}
