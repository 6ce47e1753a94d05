import { ms, type Millis } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import { formatSocketAddress, type SocketAddress } from "../core/socket-address.js";
import { listenerName } from "../sip/transport/listener-choice.js";
import type { Dial, Pipe, PipeEvents, PipeListener } from "../sip/transport/pipe.js";
import type { Protocol } from "../sip/transport/transport.js";
import type { Datagram } from "./datagram.js";

type Connected = Exclude<Protocol, "UDP">;

interface Surroundings {
  readonly clock: Clock;
  delay(from: SocketAddress, to: SocketAddress): Millis;
  /** Why nobody can connect to this address, where a test has said so. */
  refusal(to: SocketAddress): Error | undefined;
  sent(write: Datagram): void;
}

type Decide = (remote: SocketAddress, pipe: Pipe) => PipeEvents | undefined;

interface Host {
  readonly protocol: Connected;
  decide: Decide;
}

/**
 * Connections in memory, in virtual time: opened after a round trip, in order, without loss, cut into slices where a
 * test says so. Handshakes above TCP take no time, a WebSocket keeps its messages apart.
 */
export class FakeConnections {
  readonly #around: Surroundings;
  readonly #hosts = new Map<string, Host>();
  readonly #open = new Set<FakeConnection>();
  readonly #silent = new Set<string>();
  #slice = Number.POSITIVE_INFINITY;
  #nextPort = 50_000;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get size(): number {
    return this.#open.size;
  }

  /** From now on, what is written to TCP and TLS arrives in pieces of so many octets, at the same instant. */
  setSlice(octets: number): void {
    this.#slice = octets;
  }

  /** Who connects to `address` gets no answer, and nothing goes to or from it any more: a cable pulled out. */
  silence(address: SocketAddress): void {
    this.#silent.add(formatSocketAddress(address));
  }

  /** Ends each connection with this end, as a router that has lost its state does: both ends are told. */
  reset(address: SocketAddress): void {
    for (const connection of this.#open) if (connection.touches(address)) connection.reset();
  }

  /** Accepts connections at `local`. @throws if the address is taken. */
  listen(protocol: Connected, local: SocketAddress, advertised: SocketAddress = local): PipeListener {
    const key = formatSocketAddress(local);
    if (this.#hosts.has(key)) throw new Error(`${key} is taken`);
    const host: Host = { protocol, decide: () => undefined };
    this.#hosts.set(key, host);
    return {
      listener: { name: listenerName(protocol, local), protocol, local, advertised },
      accept: (decide) => {
        host.decide = decide;
      },
      close: () => {
        this.#hosts.delete(key);
        return Promise.resolve();
      },
    };
  }

  /** Connects from addresses of the host `address`, with a port of the system's choice. */
  dialFrom(address: string): Dial {
    return (target, events) => {
      this.#nextPort += 1;
      return this.connect(target.protocol, { address, port: this.#nextPort }, target.remote, events);
    };
  }

  /** Connects from this very address. */
  connect(protocol: Connected, from: SocketAddress, to: SocketAddress, events: PipeEvents): Pipe {
    const connection = new FakeConnection(protocol, from, to, {
      ...this.#around,
      slice: () => (protocol === "WS" || protocol === "WSS" ? Number.POSITIVE_INFINITY : this.#slice),
      isSilent: () => this.#isSilent(from) || this.#isSilent(to),
      ended: (one) => this.#open.delete(one),
    });
    this.#open.add(connection);
    const there = this.#around.delay(from, to);
    this.#around.clock.after(there, () => {
      if (this.#isSilent(to)) return;
      const host = this.#hosts.get(formatSocketAddress(to));
      const error = this.#around.refusal(to) ?? (host?.protocol === protocol ? undefined : REFUSED);
      const far = error === undefined ? host?.decide(from, connection.pipe("far")) : undefined;
      connection.answered(far, error ?? RESET);
    });
    connection.near(events);
    return connection.pipe("near");
  }

  #isSilent(address: SocketAddress): boolean {
    return this.#silent.has(formatSocketAddress(address));
  }
}

const REFUSED = new Error("connect ECONNREFUSED");
const RESET = new Error("read ECONNRESET");

interface ConnectionSurroundings extends Surroundings {
  slice(): number;
  isSilent(): boolean;
  ended(connection: FakeConnection): void;
}

type Side = "near" | "far";
const OTHER: Readonly<Record<Side, Side>> = { near: "far", far: "near" };

class FakeConnection {
  readonly #protocol: Connected;
  readonly #around: ConnectionSurroundings;
  readonly #address: Readonly<Record<Side, SocketAddress>>;
  readonly #events: Partial<Record<Side, PipeEvents>> = {};
  readonly #isClosed: Record<Side, boolean> = { near: false, far: true };

  constructor(
    protocol: Connected,
    near: SocketAddress,
    far: SocketAddress,
    surroundings: ConnectionSurroundings,
  ) {
    this.#protocol = protocol;
    this.#address = { near, far };
    this.#around = surroundings;
  }

  touches(address: SocketAddress): boolean {
    const wanted = formatSocketAddress(address);
    return [this.#address.near, this.#address.far].some((one) => formatSocketAddress(one) === wanted);
  }

  near(events: PipeEvents): void {
    this.#events.near = events;
  }

  /** The far end has decided. */
  answered(far: PipeEvents | undefined, error: Error): void {
    if (far !== undefined) {
      this.#events.far = far;
      this.#isClosed.far = false;
      far.opened();
      if (this.#isClosed.near) {
        this.#later("far", () => {
          this.#close("far", RESET);
        });
      }
    }
    this.#later("near", (near) => {
      if (far === undefined) this.#close("near", error);
      else near.opened();
    });
  }

  pipe(side: Side): Pipe {
    return {
      unsent: 0,
      write: (octets) => {
        this.#write(side, Uint8Array.from(octets));
      },
      ping: () => {
        this.#later(OTHER[side], () => {
          this.#later(side, (events) => {
            events.pong();
          });
        });
      },
      end: () => {
        this.#leave(side, undefined);
      },
      destroy: () => {
        this.#leave(side, RESET);
      },
    };
  }

  reset(): void {
    for (const side of ["near", "far"] as const) {
      if (this.#isClosed[side]) continue;
      this.#isClosed[side] = true;
      this.#events[side]?.closed(RESET);
    }
    this.#around.ended(this);
  }

  #write(side: Side, octets: Uint8Array): void {
    if (this.#isClosed[side]) return;
    const at = this.#around.clock.now();
    const from = this.#address[side];
    const to = this.#address[OTHER[side]];
    const arrives = ms(at + this.#around.delay(from, to));
    this.#around.sent({
      at,
      from,
      to,
      octets,
      protocol: this.#protocol,
      arrivals: [arrives],
      fate: "delivered",
    });
    this.#later(OTHER[side], (events) => {
      const slice = Math.min(this.#around.slice(), octets.length);
      for (let start = 0; start < octets.length; start += slice) {
        events.octets(octets.slice(start, start + slice));
      }
    });
  }

  #leave(side: Side, error: Error | undefined): void {
    if (this.#isClosed[side]) return;
    this.#isClosed[side] = true;
    this.#later(OTHER[side], () => {
      this.#close(OTHER[side], error);
    });
    if (this.#isClosed[OTHER[side]]) this.#around.ended(this);
  }

  #close(side: Side, error: Error | undefined): void {
    if (this.#isClosed[side]) return;
    this.#isClosed[side] = true;
    this.#events[side]?.closed(error);
    // What is half closed is closed: SIP has no use for it.
    this.#isClosed[OTHER[side]] = true;
    this.#around.ended(this);
  }

  /** Tells `side` something after the time that it takes to get there, unless it has gone by then. */
  #later(side: Side, tell: (events: PipeEvents) => void): void {
    const delay = this.#around.delay(this.#address[OTHER[side]], this.#address[side]);
    this.#around.clock.after(delay, () => {
      const events = this.#events[side];
      if (events !== undefined && !this.#isClosed[side] && !this.#around.isSilent()) tell(events);
    });
  }
}
