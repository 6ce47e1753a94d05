import type { SocketAddress } from "../../core/socket-address.js";

export type Protocol = "UDP";

/** The path a message came by. An answer goes back the same way; a binding remembers it. Plain data. */
export interface Flow {
  readonly protocol: Protocol;
  readonly remote: SocketAddress;
}

/**
 * Moves datagrams, knows no SIP. `udp.ts` is the real one; `test/support/fake-network.ts` loses, delays,
 * doubles and reorders with a seed.
 */
export interface Transport {
  readonly protocol: Protocol;
  /** Where it is bound. */
  readonly local: SocketAddress;
  /** Address that peers are told in Via and Contact: `local`, or the public one behind NAT (`--advertise`). */
  readonly advertised: SocketAddress;
  /** Never throws; an error of the network is told to `onSendError`, if it is known at all. */
  send(octets: Uint8Array, to: SocketAddress): void;
  /** Names the one receiver. */
  receive(handler: TransportHandler): void;
  close(): Promise<void>;
}

export interface TransportHandler {
  octets(octets: Uint8Array, flow: Flow): void;
  /** @param octets the very array given to `send`, where the error is known to be about that one. */
  sendError(to: SocketAddress, error: Error, octets?: Uint8Array): void;
}
