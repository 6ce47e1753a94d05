import { MediaswitchError } from "../../core/errors.js";
import type { DemoStep } from "./demo-report.js";

/** What whoever watches is told. */
export type DemoProgress =
  { readonly type: "started"; readonly what: string } | { readonly type: "ended"; readonly step: DemoStep };

/** Runs one step after the other, tells of each, and keeps what became of it. */
export class DemoSteps {
  readonly done: DemoStep[] = [];
  readonly #tell: (progress: DemoProgress) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(tell: (progress: DemoProgress) => void, signal: AbortSignal | undefined) {
    this.#tell = tell;
    this.#signal = signal;
  }

  get seconds(): number {
    return this.done.reduce((sum, { millis }) => sum + millis, 0) / 1000;
  }

  /** @throws what the step failed with. */
  async run<T>(what: string, step: () => Promise<T>): Promise<T> {
    if (this.#signal?.aborted === true) throw new MediaswitchError("ABORTED", "the demo was stopped");
    const begin = performance.now();
    this.#tell({ type: "started", what });
    const end = (outcome: { readonly ok: boolean; readonly why?: string }): void => {
      const ended: DemoStep = { what, millis: Math.round(performance.now() - begin), ...outcome };
      this.done.push(ended);
      this.#tell({ type: "ended", step: ended });
    };
    try {
      const result = await step();
      end({ ok: true });
      return result;
    } catch (error) {
      end({ ok: false, why: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }
}
