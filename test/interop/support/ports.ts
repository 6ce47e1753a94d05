import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { BLOCK_PORTS, claimPorts } from "../../support/claim-ports.js";

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

/** The first port of a block is what it is claimed with. */
const HELD = 2;

/** This process's blocks of ports. */
const blocks: { readonly end: number; next: number }[] = [];
let previous: Promise<unknown> = Promise.resolve();

async function takeIn(block: (typeof blocks)[number], span: number): Promise<number | undefined> {
  while (block.next + span <= block.end) {
    const first = block.next;
    block.next += span;
    const all = await Promise.all(Array.from({ length: span }, (_, n) => isFree(first + n)));
    if (all.every((free) => free)) return first;
  }
  return undefined;
}

async function take(span: number): Promise<number> {
  for (const block of blocks) {
    const first = await takeIn(block, span);
    if (first !== undefined) return first;
  }
  const claimed = await claimPorts();
  if (claimed !== undefined) {
    blocks.push({ next: claimed + HELD, end: claimed + BLOCK_PORTS });
    return take(span);
  }
  throw new Error(`no ${String(span)} neighbouring ports are free`);
}

/**
 * The first of `count` neighbouring ports, even, free for UDP and TCP on the loopback address; no other test process takes
 * them, and they are not given twice.
 */
export async function freePorts(count = 1): Promise<number> {
  const span = count + (count & 1);
  if (span > BLOCK_PORTS - HELD) throw new Error(`${String(count)} ports are more than a test can have`);
  const found = previous.then(() => take(span));
  previous = found.catch(() => undefined);
  return found;
}
