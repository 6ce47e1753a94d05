import type { SocketAddress } from "../../core/socket-address.js";
import type { FramingFault } from "./framing.js";
import type { Listener, Protocol } from "./transport.js";

/** The two directions of one connection: a socket, a WebSocket, or a test's. */
export interface Pipe {
  /** Sends after all that was given before. Not before it was `opened`. */
  write(octets: Uint8Array): void;
  /** Octets given to `write` that the system has not taken yet. */
  readonly unsent: number;
  /** Of a WebSocket: asks for a `pong`. */
  ping(): void;
  /** Sends what was written, then ends; gives up after a moment. */
  end(): void;
  /** Ends at once. */
  destroy(): void;
}

/** What a pipe tells. Nothing after `closed`, and nothing from within `write`, `ping`, `end` or `destroy`. */
export interface PipeEvents {
  /** It stands; where there are handshakes, they are done. */
  opened(): void;
  octets(octets: Uint8Array): void;
  pong(): void;
  /**
   * Also for one that was never opened.
   * @param fault what the peer did against the rules of the transport itself.
   */
  closed(error?: Error, fault?: FramingFault): void;
}

/** Accepts connections of one protocol at one address. */
export interface PipeListener {
  readonly listener: Listener;
  /** Names who decides on each connection that arrives: what hears it, or undefined, and it is destroyed. */
  accept(decide: (remote: SocketAddress, pipe: Pipe) => PipeEvents | undefined): void;
  close(): Promise<void>;
}

/** A connection that is to be made. */
export interface DialTarget {
  readonly protocol: Extract<Protocol, "TCP" | "TLS">;
  readonly remote: SocketAddress;
  /** Address of ours to come from; the system chooses where it is absent. */
  readonly from?: string;
  /** The name the far certificate must show; the address where it is absent. */
  readonly serverName?: string;
}

/** Begins to connect; success and failure are told to `events`. */
export type Dial = (target: DialTarget, events: PipeEvents) => Pipe;
