import { MediaswitchError } from "../core/errors.js";

const INTERRUPTED = 130;

/** Runs something that Ctrl-C or SIGTERM ends early: by its signal first, a second time at once. */
export async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const interrupted = (): void => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  try {
    return await run(stop.signal);
  } catch (error) {
    if (stop.signal.aborted && error instanceof MediaswitchError && error.code === "ABORTED") {
      process.stderr.write("mediaswitch: interrupted\n");
      process.exit(INTERRUPTED);
    }
    throw error;
  } finally {
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", interrupted);
  }
}
