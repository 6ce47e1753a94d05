import type { Millis } from "../core/brand.js";
import type { SocketAddress } from "../core/socket-address.js";
import type { Protocol } from "../sip/transport/transport.js";

export type Fate = "delivered" | "lost" | "to nobody" | "not sent";

/** One datagram as somebody at the switch's side of every NAT would have captured it. */
export interface Datagram {
  /** When it was sent. */
  readonly at: Millis;
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  readonly octets: Uint8Array;
  /** What was written to a connection at once; absent: a UDP datagram. */
  readonly protocol?: Exclude<Protocol, "UDP">;
  /** When it arrives; twice for a duplicate, empty if it never does. */
  readonly arrivals: readonly Millis[];
  readonly fate: Fate;
}
