import { isIP } from "node:net";
import type { SocketAddress } from "../../core/socket-address.js";
import { reachableAddress } from "../../core/system-addresses.js";
import { systemError } from "../../core/system-error.js";
import { DatagramSender } from "./datagram-sender.js";
import { listenerName } from "./listener-choice.js";
import { FACTS, loadNativeDatagrams, ROOM, type NativeDatagramSocket } from "./native-datagrams.js";
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

/** Texts of addresses that are kept. */
const MOST_ADDRESSES = 4096;

/** SIP over one UDP socket (RFC 3261 §18). One address family; requests and responses leave by the same port. */
export class UdpTransport implements Transport {
  readonly protocol = "UDP";
  readonly local: SocketAddress;
  readonly advertised: SocketAddress;
  readonly listeners: readonly Listener[];
  readonly #listener: Listener;
  readonly #socket: NativeDatagramSocket;
  readonly #sender: DatagramSender;
  /** The socket's memory for what it receives. */
  readonly #octets: Buffer;
  readonly #facts: Uint32Array;
  /** Sources by their IPv4 address as a number: mostly the same few peers. */
  readonly #addresses = new Map<number, string>();
  /** 4 or 6. */
  readonly #family: number;
  #handler: TransportHandler | undefined;
  #isClosed = false;

  /**
   * Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL …) when it can't be bound, and with a
   * `MediaswitchError` `SIP_UNAVAILABLE` when the addon can't be loaded.
   */
  static open(options: UdpOptions): Promise<UdpTransport> {
    return Promise.resolve().then(() => new UdpTransport(options));
  }

  private constructor({ bind, advertised, receiveBuffer = DEFAULT_RECEIVE_BUFFER }: UdpOptions) {
    const { DatagramSocket } = loadNativeDatagrams();
    const socket = binding(
      bind,
      () =>
        new DatagramSocket(
          { ...bind, receiveBuffer },
          (count) => {
            if (count < 0) this.#failed(count);
            else this.#received(count);
          },
          () => {
            this.#sender.writable();
          },
        ),
    );
    this.#socket = socket;
    this.#octets = Buffer.from(socket.octets.buffer);
    this.#facts = socket.facts;
    this.local = { address: socket.address, port: socket.port };
    this.#family = isIP(this.local.address);
    this.advertised = advertise(this.local, advertised);
    const name = listenerName("UDP", this.local);
    this.#listener = { name, protocol: "UDP", local: this.local, advertised: this.advertised };
    this.listeners = [this.#listener];
    this.#sender = new DatagramSender(socket, (octets, to, errno) => {
      this.#unsent(octets, to, systemError("send", errno, to.remote));
    });
  }

  /** Octets the system holds for us between two reads. */
  get receiveBuffer(): number {
    return this.#socket.receiveBuffer();
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
    const refused = this.#refuses(to.remote);
    if (refused === undefined) this.#sender.send(octets, to);
    else this.#unsent(octets, to, new Error(refused));
    return to;
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#sender.end();
      this.#socket.close();
    }
    return Promise.resolve();
  }

  /** Told later: a caller of send is never called back from within. */
  #unsent(octets: Uint8Array, to: Flow, error: Error): void {
    queueMicrotask(() => this.#handler?.sendError(to, error, octets));
  }

  /** Datagrams stand in the socket's memory until this returns. One that its handler throws for takes no other with it. */
  #received(count: number): void {
    for (let nth = 0; nth < count && !this.#isClosed; nth += 1) {
      try {
        this.#deliver(nth);
      } catch (error) {
        // As it would be from any callback of Node's.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #deliver(nth: number): void {
    const fact = nth * FACTS;
    const length = this.#facts[fact] ?? 0;
    const port = this.#facts[fact + 1] ?? 0;
    const address = this.#sourceAddress(nth, this.#facts[fact + 2] ?? 0);
    const remote = { address, port };
    const start = nth * ROOM;
    const flow = { protocol: "UDP" as const, remote, listener: this.#listener.name };
    this.#handler?.octets(this.#octets.subarray(start, start + length), flow);
  }

  #sourceAddress(nth: number, ipv4: number): string {
    if (this.#family === 6) return this.#socket.source(nth);
    const known = this.#addresses.get(ipv4);
    if (known !== undefined) return known;
    if (this.#addresses.size >= MOST_ADDRESSES) this.#addresses.clear();
    const address = this.#socket.source(nth);
    this.#addresses.set(ipv4, address);
    return address;
  }

  /** An error of the socket that belongs to no send; the socket goes on. */
  #failed(errno: number): void {
    this.#handler?.sendError(
      { protocol: "UDP", remote: this.local },
      systemError("recvmmsg", errno, this.local),
    );
  }

  /** What the socket can't send to. */
  #refuses(to: SocketAddress): string | undefined {
    if (this.#isClosed) return "the transport is closed";
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

/** @throws the system's error as Node's own sockets tell it. */
function binding(bind: SocketAddress, open: () => NativeDatagramSocket): NativeDatagramSocket {
  try {
    return open();
  } catch (error) {
    if (error instanceof Error && "errno" in error && typeof error.errno === "number") {
      throw systemError("bind", error.errno, bind);
    }
    throw error;
  }
}
