import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { SocketAddress } from "../core/socket-address.js";
import { Locator } from "../sip/locate/locator.js";
import { nodeDns } from "../sip/locate/node-dns.js";
import { parseUri } from "../sip/message/uri.js";
import type { Flow } from "../sip/transport/transport.js";

/** Where a SIP server is, and the address of this machine that it is reached from. */
export interface Reach {
  readonly server: Flow;
  readonly local: string;
}

export interface ReachOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

const NEVER = new AbortController().signal;

/**
 * Finds the server of a SIP URI (RFC 3263), by UDP and TCP.
 * @throws {MediaswitchError} ARGUMENT_INVALID; DESTINATION_UNREACHABLE with what is wrong; ABORTED.
 */
export async function reachServer(
  uri: string,
  { clock, random, signal = NEVER }: ReachOptions,
): Promise<Reach> {
  const read = parseUri(uri);
  if (read === undefined) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `"${uri}" is no SIP URI: expected such as sip:1001@pbx.example.net or sip:1001@192.0.2.1:5060`,
      "uri",
    );
  }
  const locator = new Locator({
    dns: nodeDns(),
    clock,
    random,
    protocols: ["UDP", "TCP"],
    families: ["IPv4", "IPv6"],
  });
  const flows = await locator.locate(read, signal);
  for (const server of flows) {
    const local = await addressTowards(server.remote).catch(() => undefined);
    if (local !== undefined) return { server, local };
  }
  throw new MediaswitchError("DESTINATION_UNREACHABLE", `this machine has no way to ${read.host}`);
}

/** The address that the system sends from; nothing is sent. */
async function addressTowards({ address, port }: SocketAddress): Promise<string> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(port, address, resolve);
    });
    return socket.address().address;
  } finally {
    socket.close();
  }
}
