import type { SocketAddress } from "../../core/socket-address.js";

export type Protocol = "UDP" | "TCP" | "TLS" | "WS" | "WSS";

/** RFC 3261 §19.1.2, RFC 7118 §10.1. */
export const DEFAULT_PORTS: Readonly<Record<Protocol, number>> = {
  UDP: 5060,
  TCP: 5060,
  TLS: 5061,
  WS: 80,
  WSS: 443,
};

/** Whether the transport itself delivers or fails: UDP does neither (RFC 3261 §17). */
export const isReliable = (protocol: Protocol): boolean => protocol !== "UDP";

/**
 * The path a message came by, or goes by. An answer goes back the same way; a binding and a dialog remember it.
 * Plain data.
 */
export interface Flow {
  readonly protocol: Protocol;
  readonly remote: SocketAddress;
  /**
   * The connection it came by, numbered by the transport and never given twice, not even by the next process. What
   * is sent to a flow that names one goes by it; once it has ended, by another one only if we had `made` it. Absent
   * for UDP, and where any open connection to `remote` will do, or a new one.
   */
  readonly connection?: number;
  /** We connected to `remote`, which listens there: so we can again. */
  readonly made?: true;
  /** `Listener.name` of the one it came by: what is sent to this flow leaves from there. */
  readonly listener?: string;
  /** TLS and WSS: the name that the certificate of `remote` must show (RFC 5922 §7). */
  readonly serverName?: string;
}

/** Where we listen, and what others call it. */
export interface Listener {
  /** `tcp:192.0.2.1:5060`, as bound: no two have the same, and it is the same after a restart. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly local: SocketAddress;
  /** What peers are told in Via and Contact: `local`, or the public one behind NAT (`--advertise`). */
  readonly advertised: SocketAddress;
}

/** What a transport holds now, and what it has had to refuse. */
export interface TransportHealth {
  /** Listeners and connections. */
  readonly sockets: number;
  /** Open or being opened. */
  readonly connections: number;
  /** Connections that were refused or ended because of a rule, so far, by reason. */
  readonly connectionTroubles: Readonly<Record<string, number>>;
}

/**
 * Moves messages of any protocol, knows no SIP beyond where one ends. `transport-set.ts` has all listeners and
 * connections; `test/support/fake-network.ts` loses, delays, doubles and reorders with a seed.
 */
export interface Transport {
  /** The first listener is what others know us by where no flow says more: its protocol … */
  readonly protocol: Protocol;
  /** … where it is bound … */
  readonly local: SocketAddress;
  /** … and what peers are told. */
  readonly advertised: SocketAddress;
  /** At least one. */
  readonly listeners: readonly Listener[];
  /**
   * How the peer at the other end of `flow` can reach us: the listener that the flow came by, else one of its
   * protocol and address family, else the first. Its protocol may be another one than the flow's.
   */
  listenerFor(flow: Flow): Listener;
  /** False for a flow that names a connection which has ended and that we can't make again. */
  isOpen(flow: Flow): boolean;
  /** Can a message be sent by this protocol to where no connection is open yet? */
  connects(protocol: Protocol): boolean;
  /**
   * Never throws; an error of the network is told to `sendError`, if it is known at all.
   * @returns `to` with the connection and listener that were chosen.
   */
  send(octets: Uint8Array, to: Flow): Flow;
  readonly health: TransportHealth;
  /** Names the one receiver. */
  receive(handler: TransportHandler): void;
  /** Ends listeners and connections; what was given to `send` is still sent, for a moment. */
  close(): Promise<void>;
}

export interface TransportHandler {
  /**
   * A message has come.
   * @param octets may be the transport's own memory, which the next message overwrites: valid until this returns.
   */
  octets(octets: Uint8Array, flow: Flow): void;
  /**
   * What was given to `send` did not leave: never told from within `send`.
   * @param octets the very array given to `send`, where the error is known to be about that one.
   */
  sendError(to: Flow, error: Error, octets?: Uint8Array): void;
  /** A connection has ended, or could not be made: nothing comes or goes by it any more. */
  closed(flow: Flow): void;
}
