import type { SocketAddress } from "../../core/socket-address.js";

export type Protocol = "UDP" | "TCP" | "TLS" | "WS" | "WSS";

/**
 * The path a message came by, or goes by. An answer goes back the same way; a binding and a dialog remember it.
 * Plain data.
 */
export interface Flow {
  readonly protocol: Protocol;
  readonly remote: SocketAddress;
  /**
   * The connection it came by, numbered by the transport and never given twice. What is sent to a flow that names
   * one goes by it while it is open. Absent for UDP, and for a connection that is to be made.
   */
  readonly connection?: number;
  /** TLS and WSS: the name that the certificate of `remote` must show (RFC 5922 §7). */
  readonly serverName?: string;
}

/**
 * Moves messages of any protocol, knows no SIP beyond where one ends. `udp.ts` is one real one;
 * `test/support/fake-network.ts` loses, delays, doubles and reorders with a seed.
 */
export interface Transport {
  /** The listener that others are known by where no flow says more: its protocol … */
  readonly protocol: Protocol;
  /** … where it is bound … */
  readonly local: SocketAddress;
  /** … and what peers are told in Via and Contact: `local`, or the public one behind NAT (`--advertise`). */
  readonly advertised: SocketAddress;
  /** Never throws; an error of the network is told to `sendError`, if it is known at all. */
  send(octets: Uint8Array, to: Flow): void;
  /** Names the one receiver. */
  receive(handler: TransportHandler): void;
  close(): Promise<void>;
}

export interface TransportHandler {
  octets(octets: Uint8Array, flow: Flow): void;
  /** @param octets the very array given to `send`, where the error is known to be about that one. */
  sendError(to: Flow, error: Error, octets?: Uint8Array): void;
}
