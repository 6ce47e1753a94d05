// How far a long run is: one line that is written over on a terminal, a line a step elsewhere.
export class Progress {
  #total;
  #done = 0;
  #began = performance.now();

  constructor(total) {
    this.#total = total;
  }

  /** More or fewer steps than were thought. */
  expect(more) {
    this.#total += more;
  }

  begin(what) {
    const spent = (performance.now() - this.#began) / 1000;
    const left = this.#done === 0 ? undefined : (spent / this.#done) * (this.#total - this.#done);
    const remaining = left === undefined ? "" : `, ${String(Math.ceil(left / 60))} min left`;
    const filled = Math.round((this.#done / this.#total) * 20);
    const bar = `${"█".repeat(filled)}${"░".repeat(20 - filled)}`;
    const line = `${bar} ${String(this.#done + 1)}/${String(this.#total)}${remaining}: ${what}`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  }

  step() {
    this.#done += 1;
  }

  end() {
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  }
}
