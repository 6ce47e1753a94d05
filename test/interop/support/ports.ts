import { createSocket } from "node:dgram";
import { createServer } from "node:net";

export const LOOPBACK = "127.0.0.1";

const isFree = async (port: number): Promise<boolean> => {
  const udp = await new Promise<boolean>((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, LOOPBACK, () => socket.close(() => resolve(true)));
  });
  const tcp = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
  return udp && tcp;
};

/** Below the range from which Linux gives ports to sockets that ask for none (32768 on). */
const LOWEST = 12_000;
const HIGHEST = 32_000;
let next = LOWEST + 40 * (process.pid % Math.floor((HIGHEST - LOWEST) / 40));

/** The first of `count` neighbouring ports, even, free for UDP and TCP on the loopback address; not given twice. */
export async function freePorts(count = 1): Promise<number> {
  const span = count + (count & 1);
  for (let tries = 0; tries < 1000; tries += 1) {
    if (next + span > HIGHEST) next = LOWEST;
    const first = next;
    next += span;
    const all = await Promise.all(Array.from({ length: span }, (_, n) => isFree(first + n)));
    if (all.every((free) => free)) return first;
  }
  throw new Error(`no ${String(count)} neighbouring ports are free`);
}
