import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import { MediaswitchError } from "../core/errors.js";

/** Both ends included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

const LAST_PORT = 65_535;

/**
 * A range of UDP ports for audio, the first of which the system has just given out as free. The media engine passes over
 * those of the range that somebody has.
 * @throws {MediaswitchError} ARGUMENT_INVALID where the address is none of this machine's.
 */
export async function freePorts(address: string, count: number): Promise<PortRange> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    const bound = once(socket, "listening");
    socket.bind(0, address);
    await bound.catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `no audio can be taken at ${address}: ${why}`,
        "address",
      );
    });
    const low = Math.min(socket.address().port, LAST_PORT - count);
    return { low, high: low + count - 1 };
  } finally {
    socket.close();
  }
}
