import type { SocketAddress } from "../../ts/core/socket-address.js";
import type { Pipe, PipeEvents } from "../../ts/sip/transport/pipe.js";
import type { Protocol, Transport } from "../../ts/sip/transport/transport.js";
import { overUdp, type FakeNetwork } from "./fake-network.js";

export interface PartyWireOptions {
  readonly network: FakeNetwork;
  readonly protocol: Protocol;
  readonly local: SocketAddress;
  readonly switch: SocketAddress;
  /** Public address, if it sits behind a NAT; UDP only. */
  readonly via?: SocketAddress | undefined;
  /** Takes connections of this protocol at `local` as well: TCP for a phone that is found by UDP. */
  readonly accepts?: Exclude<Protocol, "UDP"> | undefined;
}

/** Sends back by the way a message came. */
export type Reply = (octets: Uint8Array) => void;

/**
 * How a scripted party is connected: a UDP socket, or a connection that it makes when it first has something to send, and
 * makes anew when that is gone. Cuts streams by Content-Length, without the code under test.
 */
export class PartyWire {
  readonly #options: PartyWireOptions;
  readonly #hear: (octets: Uint8Array, from: SocketAddress, reply: Reply) => void;
  readonly #udp: Transport | undefined;
  readonly #accepted = new Set<Pipe>();
  #made: Pipe | undefined;

  constructor(
    options: PartyWireOptions,
    hear: (octets: Uint8Array, from: SocketAddress, reply: Reply) => void,
  ) {
    this.#options = options;
    this.#hear = hear;
    const { network, protocol, local, via, accepts } = options;
    if (protocol === "UDP") {
      this.#udp = via === undefined ? network.transport(local) : network.transport(local, local, { via });
      this.#udp.receive({
        octets: (octets, { remote }) => {
          hear(octets, remote, (answer) => this.#udp?.send(answer, overUdp(this.#options.switch)));
        },
        sendError: () => undefined,
        closed: () => undefined,
      });
    }
    if (accepts === undefined) return;
    network.connections.listen(accepts, local).accept((remote, pipe) => {
      this.#accepted.add(pipe);
      return this.#events(remote, pipe, () => this.#accepted.delete(pipe));
    });
  }

  send(octets: Uint8Array): void {
    const { protocol, switch: to } = this.#options;
    if (protocol === "UDP") this.#udp?.send(octets, overUdp(to));
    else this.#connection(protocol).write(octets);
  }

  /** Ends its connections. */
  hangUp(): void {
    this.#made?.end();
    for (const pipe of this.#accepted) pipe.end();
    this.#made = undefined;
    this.#accepted.clear();
  }

  async close(): Promise<void> {
    this.hangUp();
    await this.#udp?.close();
  }

  #connection(protocol: Exclude<Protocol, "UDP">): Pipe {
    const { network, local, switch: to } = this.#options;
    if (this.#made !== undefined) return this.#made;
    const waiting: Uint8Array[] = [];
    let isOpen = false;
    const events = this.#events(to, { write: (octets) => pipe.write(octets) }, () => {
      if (this.#made === made) this.#made = undefined;
    });
    const pipe = network.connections.connect(protocol, local, to, {
      ...events,
      opened: () => {
        isOpen = true;
        for (const octets of waiting) pipe.write(octets);
      },
    });
    const made: Pipe = {
      ...pipe,
      write: (octets) => {
        if (isOpen) pipe.write(octets);
        else waiting.push(octets);
      },
    };
    this.#made = made;
    return made;
  }

  #events(from: SocketAddress, pipe: Pick<Pipe, "write">, closed: () => void): PipeEvents {
    let held = "";
    return {
      opened: () => undefined,
      octets: (octets) => {
        held += Buffer.from(octets).toString("latin1");
        for (let length = messageLength(held); length > 0; length = messageLength(held)) {
          this.#hear(Buffer.from(held.slice(0, length), "latin1"), from, (answer) => {
            pipe.write(answer);
          });
          held = held.slice(length);
        }
      },
      pong: () => undefined,
      closed,
    };
  }
}

/** Characters of the first whole message (or line end) in `text`, 0 if there is none yet. */
function messageLength(text: string): number {
  if (text.startsWith("\r\n")) return 2;
  const headers = text.indexOf("\r\n\r\n");
  if (headers === -1) return 0;
  const body = Number(/^content-length *: *(\d+)/im.exec(text.slice(0, headers))?.[1] ?? 0);
  const length = headers + 4 + body;
  return text.length < length ? 0 : length;
}
