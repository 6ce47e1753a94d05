import type { Running } from "../composition/options.js";

/**
 * Starts something, keeps it until SIGTERM or SIGINT, closes it and ends the process: 0 when it was told to, 1
 * when it `failed` by itself. Before that, SIGTERM lets what is under way finish; SIGINT (somebody at the keyboard)
 * does not. A signal during the start counts once it is done; a second one ends at once. SIGHUP reloads, where there is
 * something to reload.
 * @param started runs once it is up.
 */
export async function runUntilSignal<Component extends Running & { readonly failed?: Promise<Error> }>(
  start: () => Promise<Component>,
  started: (running: Component) => void,
): Promise<never> {
  const told = new Promise<NodeJS.Signals>((resolve) => {
    let isFirst = true;
    const signalled = (signal: NodeJS.Signals): void => {
      if (!isFirst) process.exit(signal === "SIGINT" ? 130 : 143);
      isFirst = false;
      resolve(signal);
    };
    process.on("SIGTERM", signalled);
    process.on("SIGINT", signalled);
    // Who supervises us has a channel to us, which closes when that process ends, however it does.
    process.on("disconnect", () => {
      signalled("SIGTERM");
    });
  });
  const running = await start();
  if (running.reload !== undefined) {
    process.on("SIGHUP", () => {
      running.reload?.().catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        process.stderr.write(`mediaswitch: what is there stays as it is: ${why}\n`);
      });
    });
  }
  started(running);
  const failed = running.failed ?? new Promise<never>(() => undefined);
  const why = await Promise.race([told, failed]);
  const error = why === "SIGTERM" ? await Promise.race([running.drain?.(), failed]) : why;
  const isFault = error instanceof Error;
  if (isFault) process.stderr.write(`mediaswitch: ${error.message}\n`);
  await running.close();
  process.exit(isFault ? 1 : 0);
}
