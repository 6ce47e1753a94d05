import type { WriteStream } from "node:tty";

/** One thing that was tried. */
export interface PrintedStep {
  readonly what: string;
  readonly ok: boolean;
  readonly millis: number;
  /** Why it failed. */
  readonly why?: string;
}

/** Begins the line anew. */
const AGAIN = "\r\u001b[K";

/** Tells of steps, a line each; on a terminal also of the one that is under way. */
export class StepPrinter {
  readonly #out: Pick<WriteStream, "write"> & { readonly isTTY?: boolean };

  constructor(out: Pick<WriteStream, "write"> & { readonly isTTY?: boolean }) {
    this.#out = out;
  }

  say(text: string): void {
    this.#out.write(text);
  }

  started(what: string): void {
    if (this.#out.isTTY === true) this.#out.write(`  ...     ${what}`);
  }

  ended({ what, ok, millis, why }: PrintedStep): void {
    const again = this.#out.isTTY === true ? AGAIN : "";
    const outcome = ok ? "ok    " : "failed";
    const reason = why === undefined ? "" : `: ${why}`;
    this.#out.write(`${again}  ${outcome}  ${what} (${(millis / 1000).toFixed(1)} s)${reason}\n`);
  }
}
