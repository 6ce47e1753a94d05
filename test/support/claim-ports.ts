import { createServer } from "node:net";

/** Below the range from which Linux gives ports to sockets that ask for none (32768 on). */
const LOWEST = 12_000;
const BLOCKS = 20;

export const BLOCK_PORTS = 1000;

/** Listens on a TCP port for as long as the process lives; false when another process does. */
function hold(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer().unref();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1" }, () => {
      resolve(true);
    });
  });
}

/**
 * The first of `BLOCK_PORTS` ports that no other test process has: this one is held over TCP, which takes nothing from UDP
 * and is let go however the process ends. Undefined when all are somebody's.
 */
export async function claimPorts(): Promise<number | undefined> {
  for (let block = 0; block < BLOCKS; ++block) {
    const port = LOWEST + block * BLOCK_PORTS;
    if (await hold(port)) return port;
  }
  return undefined;
}
