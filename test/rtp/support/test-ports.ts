import { createServer } from "node:net";

const FIRST_PORT = 20_000;
const BLOCK = 1000;
const BLOCKS = 10;

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
 * A block of media ports that no other test process has: its first port is held over TCP, which takes nothing from UDP
 * and is let go however the process ends. The blocks are below the ports that systems hand out by themselves.
 */
async function claimBlock(): Promise<number> {
  for (let block = 0; block < BLOCKS; ++block) {
    const port = FIRST_PORT + block * BLOCK;
    if (await hold(port)) return port;
  }
  throw new Error(`all ${String(BLOCKS)} blocks of media ports are in use by other test processes`);
}

const firstPort = await claimBlock();

/** One of a thousand ports of this process's own. */
export const testPort = (offset: number): number => firstPort + offset;
