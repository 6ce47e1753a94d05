import { seconds, type Millis } from "../../core/brand.js";

/** What connections may take of us. */
export interface ConnectionLimits {
  /** In all, those still being opened among them. */
  readonly connections: number;
  /** Accepted from one source: an IPv4 address, a /64 of IPv6. */
  readonly connectionsPerSource: number;
  /** Accepted and still in the handshake of TLS or WebSocket, or without a first message. */
  readonly unproven: number;
  readonly unprovenPerSource: number;
  /** Until a connection of ours stands. */
  readonly connect: Millis;
  /** From accepting a connection until its handshakes are done. */
  readonly handshake: Millis;
  /** From then until the first message is whole. */
  readonly firstMessage: Millis;
  /** From the first octet of a message to its last. */
  readonly message: Millis;
  /** Without an octet either way. Longer than a registration lasts: a phone is reached by its connection alone. */
  readonly idle: Millis;
  /** Octets that wait to be sent on one connection: a peer that does not read. */
  readonly unsent: number;
  /** Between two pings of ours: of a WebSocket we have accepted … */
  readonly webSocketPing: Millis;
  /** … and of a connection we have made (RFC 5626 §4.4.1: 95 to 120 s). */
  readonly ping: Millis;
  /** From a ping to its pong (RFC 5626 §4.4.1). */
  readonly pong: Millis;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  connections: 20_000,
  connectionsPerSource: 2000,
  unproven: 2000,
  unprovenPerSource: 100,
  connect: seconds(5),
  handshake: seconds(10),
  firstMessage: seconds(30),
  message: seconds(30),
  idle: seconds(7300),
  unsent: 1024 * 1024,
  webSocketPing: seconds(30),
  ping: seconds(95),
  pong: seconds(10),
};
