import { createSocket, type Socket } from "node:dgram";
import { isIP, isIPv6 } from "node:net";
import type { SocketAddress } from "../../core/socket-address.js";
import { reachableAddress } from "../../core/system-addresses.js";
import { listenerName } from "./listener-choice.js";
import type { Flow, Listener, Protocol, Transport, TransportHandler, TransportHealth } from "./transport.js";

export interface UdpOptions {
  /** Port 0 takes a free one; `0.0.0.0` or `::` takes every interface of that family. */
  readonly bind: SocketAddress;
  /** Default: `bind`, or the first external address where that is every interface. Port 0: the bound one. */
  readonly advertised?: SocketAddress;
  /** Octets asked of the system, which may give less (Linux: net.core.rmem_max). */
  readonly receiveBuffer?: number;
}

/** Holds some thousand requests: a burst of 10,000 INVITEs was lost in part with the system's default. */
const DEFAULT_RECEIVE_BUFFER = 4 * 1024 * 1024;

/** SIP over one UDP socket (RFC 3261 §18). One address family; requests and responses leave by the same port. */
export class UdpTransport implements Transport {
  readonly protocol = "UDP";
  readonly local: SocketAddress;
  readonly advertised: SocketAddress;
  readonly listeners: readonly Listener[];
  readonly #listener: Listener;
  readonly #socket: Socket;
  /** 4 or 6. */
  readonly #family: number;
  #handler: TransportHandler | undefined;
  #closing: Promise<void> | undefined;

  /** Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL …) when it can't be bound. */
  static async open(options: UdpOptions): Promise<UdpTransport> {
    const { bind, advertised, receiveBuffer = DEFAULT_RECEIVE_BUFFER } = options;
    const ipv6 = isIPv6(bind.address);
    const socket = createSocket({
      type: ipv6 ? "udp6" : "udp4",
      // Else IPv4 peers would appear as ::ffff:a.b.c.d, which is no address to put into a Via.
      ipv6Only: ipv6,
      recvBufferSize: receiveBuffer,
      // Addresses are numeric here (`#refuses`): nothing is to be looked up, and nothing waited for.
      lookup: (address, _options, found) => {
        found(null, address, ipv6 ? 6 : 4);
      },
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("error", reject);
        socket.bind({ address: bind.address, port: bind.port }, () => {
          socket.off("error", reject);
          resolve();
        });
      });
    } catch (error) {
      socket.close();
      throw error;
    }
    const { address, port } = socket.address();
    const local = { address, port };
    return new UdpTransport(socket, local, advertise(local, advertised));
  }

  private constructor(socket: Socket, local: SocketAddress, advertised: SocketAddress) {
    this.#socket = socket;
    this.local = local;
    this.#family = isIP(local.address);
    this.advertised = advertised;
    const name = listenerName("UDP", local);
    this.#listener = { name, protocol: "UDP", local, advertised };
    this.listeners = [this.#listener];
    socket.on("message", (octets, { address, port }) => {
      this.#handler?.octets(octets, { protocol: "UDP", remote: { address, port }, listener: name });
    });
    // An error of the socket that belongs to no send; the socket goes on.
    socket.on("error", (error) => this.#handler?.sendError({ protocol: "UDP", remote: local }, error));
  }

  /** Octets the system holds for us between two reads. */
  get receiveBuffer(): number {
    return this.#socket.getRecvBufferSize();
  }

  get health(): TransportHealth {
    return { sockets: 1, connections: 0, connectionTroubles: {} };
  }

  listenerFor(): Listener {
    return this.#listener;
  }

  isOpen(): boolean {
    return true;
  }

  connects(protocol: Protocol): boolean {
    return protocol === "UDP";
  }

  receive(handler: TransportHandler): void {
    this.#handler = handler;
  }

  send(octets: Uint8Array, to: Flow): Flow {
    const { address, port } = to.remote;
    const fail = (error: Error): void => this.#handler?.sendError(to, error, octets);
    const refused = this.#refuses(to.remote);
    if (refused !== undefined) {
      // Later, as the system's own errors: a caller of send is never called back from within.
      queueMicrotask(() => {
        fail(new Error(refused));
      });
      return to;
    }
    this.#socket.send(octets, port, address, (error) => {
      if (error !== null) fail(error);
    });
    return to;
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#socket.close(resolve);
    });
    return this.#closing;
  }

  /** What dgram would throw for, or look up in the DNS. */
  #refuses(to: SocketAddress): string | undefined {
    if (this.#closing !== undefined) return "the transport is closed";
    if (!Number.isInteger(to.port) || to.port < 1 || to.port > 65_535)
      return `no UDP port: ${String(to.port)}`;
    const family = isIP(to.address);
    if (family === 0) return `no numeric address: ${to.address}`;
    return family === this.#family ? undefined : `address of the other family: ${to.address}`;
  }
}

function advertise(local: SocketAddress, asked: SocketAddress | undefined): SocketAddress {
  if (asked !== undefined) return asked.port === 0 ? { address: asked.address, port: local.port } : asked;
  return { address: reachableAddress(local.address), port: local.port };
}
