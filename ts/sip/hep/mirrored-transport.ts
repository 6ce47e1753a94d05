import type { Clock } from "../../core/clock.js";
import type { SocketAddress } from "../../core/socket-address.js";
import type {
  Flow,
  Listener,
  Protocol,
  Transport,
  TransportHandler,
  TransportHealth,
} from "../transport/transport.js";
import type { Captured } from "./hep3.js";

export interface MirrorOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Given each message that came and each that goes. Never throws. */
  readonly mirror: Mirror;
}

/** The direction is seen from us. The octets are valid until it returns. */
export type Mirror = (captured: Captured, direction: "in" | "out") => void;

/** The same transport, every message of which is shown to somebody else as well. */
export class MirroredTransport implements Transport {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #mirror: Mirror;

  constructor({ transport, clock, mirror }: MirrorOptions) {
    this.#transport = transport;
    this.#clock = clock;
    this.#mirror = mirror;
  }

  get protocol(): Protocol {
    return this.#transport.protocol;
  }

  get local(): SocketAddress {
    return this.#transport.local;
  }

  get advertised(): SocketAddress {
    return this.#transport.advertised;
  }

  get listeners(): readonly Listener[] {
    return this.#transport.listeners;
  }

  get health(): TransportHealth {
    return this.#transport.health;
  }

  listenerFor(flow: Flow): Listener {
    return this.#transport.listenerFor(flow);
  }

  isOpen(flow: Flow): boolean {
    return this.#transport.isOpen(flow);
  }

  connects(protocol: Protocol): boolean {
    return this.#transport.connects(protocol);
  }

  receive(handler: TransportHandler): void {
    this.#transport.receive({
      octets: (octets, flow) => {
        this.#mirror(this.#captured(octets, flow, flow.remote, this.#ours(flow)), "in");
        handler.octets(octets, flow);
      },
      sendError: (to, error, octets) => {
        handler.sendError(to, error, octets);
      },
      closed: (flow) => {
        handler.closed(flow);
      },
    });
  }

  send(octets: Uint8Array, to: Flow): Flow {
    this.#mirror(this.#captured(octets, to, this.#ours(to), to.remote), "out");
    return this.#transport.send(octets, to);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #captured(octets: Uint8Array, { protocol }: Flow, from: SocketAddress, to: SocketAddress): Captured {
    return { octets, protocol, from, to, at: this.#clock.epoch() };
  }

  /** A listener on every address has none of its own: what peers are told is. */
  #ours(flow: Flow): SocketAddress {
    return this.#transport.listenerFor(flow).advertised;
  }
}
