import type { Running } from "../composition/options.js";

/**
 * Starts something, keeps it until SIGTERM or SIGINT, closes it and ends the process: 0 when it was told to, 1
 * when it `failed` by itself. A signal during the start counts once it is done; a second one ends at once.
 * @param started runs once it is up.
 */
export async function runUntilSignal<Component extends Running & { readonly failed?: Promise<Error> }>(
  start: () => Promise<Component>,
  started: (running: Component) => void,
): Promise<never> {
  const told = new Promise<undefined>((resolve) => {
    let isFirst = true;
    const signalled = (signal: NodeJS.Signals): void => {
      if (!isFirst) process.exit(signal === "SIGINT" ? 130 : 143);
      isFirst = false;
      resolve(undefined);
    };
    process.on("SIGTERM", signalled);
    process.on("SIGINT", signalled);
  });
  const running = await start();
  started(running);
  const error = await (running.failed === undefined ? told : Promise.race([told, running.failed]));
  if (error !== undefined) process.stderr.write(`mediaswitch: ${error.message}\n`);
  await running.close();
  process.exit(error === undefined ? 0 : 1);
}
