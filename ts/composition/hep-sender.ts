import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Log } from "../core/log.js";
import { formatSocketAddress, type SocketAddress } from "../core/socket-address.js";
import { hep3, type Captured, type HepIdentity } from "../sip/hep/hep3.js";

/** Milliseconds between two times that a server which can't be reached is told of. */
const TELL_EVERY = 60_000;

export interface HepSender {
  readonly send: (captured: Captured) => void;
  close(): void;
}

/** Sends copies to a capture server (Homer) by UDP. What gets lost is lost: no call waits for it. */
export function openHepSender(server: SocketAddress, identity: HepIdentity, log: Log): HepSender {
  const socket = createSocket({
    type: isIPv6(server.address) ? "udp6" : "udp4",
    lookup: (address, _options, found) => {
      found(null, address, isIPv6(address) ? 6 : 4);
    },
  });
  socket.unref();
  let told = -TELL_EVERY;
  const failed = (error: Error | null): void => {
    if (error === null || performance.now() - told < TELL_EVERY) return;
    told = performance.now();
    log.warn({ err: error, server: formatSocketAddress(server) }, "the capture server gets no copies");
  };
  socket.on("error", failed);
  return {
    send: (captured) => {
      const packet = hep3(captured, identity);
      if (packet !== undefined) socket.send(packet, server.port, server.address, failed);
    },
    close: () => {
      socket.close();
    },
  };
}
