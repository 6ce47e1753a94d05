import { ms, type Millis } from "../core/brand.js";
import type { Clock } from "../core/clock.js";
import type { Random } from "../core/random.js";
import { formatSocketAddress, type SocketAddress } from "../core/socket-address.js";
import { listenerName } from "../sip/transport/listener-choice.js";
import type { Flow, Transport, TransportHandler } from "../sip/transport/transport.js";
import type { Datagram } from "./datagram.js";
import { FakeConnections } from "./fake-connections.js";
import { uniform } from "./seeded-random.js";

export type { Datagram, Fate } from "./datagram.js";

/** How one direction between two addresses behaves. All absent: perfect, no delay. */
export interface Conditions {
  /** Share of datagrams that never arrive, 0–1. */
  readonly loss?: number;
  /** Share of datagrams that arrive twice, 0–1. The copy draws a delay of its own. */
  readonly duplicate?: number;
  readonly delay?: Millis;
  /** Up to so much more delay, drawn for each datagram, in whole milliseconds; keeps the order. */
  readonly jitter?: Millis;
  /** Share of datagrams that are held back by `heldBack`, so that later ones overtake them, 0–1. */
  readonly reorder?: number;
  /** 20 ms unless given. */
  readonly heldBack?: Millis;
}

export interface NatOptions {
  /** The public address of a NAT in front: what this transport sends comes from there, what is sent there reaches it. */
  readonly via: SocketAddress;
}

/** Sees each datagram before the conditions apply; answers "lose" to take it away. */
export type Observer = (
  datagram: Pick<Datagram, "at" | "from" | "to" | "octets" | "protocol">,
) => "pass" | "lose";

interface Port {
  handler?: TransportHandler;
}

const PERFECT: Conditions = {};

/**
 * A network in memory, in virtual time: datagrams are delivered by timers of `clock`, with loss, duplication,
 * delay and reordering drawn from `random`, so that a run can be repeated. Between two addresses the order is
 * kept, except for datagrams that `reorder` holds back.
 */
export class FakeNetwork {
  /** Every datagram sent so far, in the order of sending. */
  readonly log: Datagram[] = [];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ports = new Map<string, Port>();
  readonly #pairs = new Map<string, Conditions>();
  readonly #lastArrival = new Map<string, Millis>();
  readonly #observers = new Set<Observer>();
  readonly #refusals = new Map<string, Error>();
  /** Connections: TCP and what stands on it, in the same virtual time, seen by the same observers. */
  readonly connections: FakeConnections;
  #conditions: Conditions;

  constructor(options: { readonly clock: Clock; readonly random: Random; readonly conditions?: Conditions }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#conditions = options.conditions ?? PERFECT;
    this.connections = new FakeConnections({
      clock: options.clock,
      delay: (from, to) => (this.#pairs.get(pairKey(from, to)) ?? this.#conditions).delay ?? ms(0),
      refusal: (to) => this.#refusals.get(formatSocketAddress(to)),
      sent: (write) => {
        this.log.push(write);
        for (const observer of this.#observers) observer(write);
      },
    });
  }

  /** Conditions of every direction that has none of its own, from now on. */
  setConditions(conditions: Conditions): void {
    this.#conditions = conditions;
  }

  /** Conditions of the one direction `from` → `to`, from now on. */
  setDirection(from: SocketAddress, to: SocketAddress, conditions: Conditions): void {
    this.#pairs.set(pairKey(from, to), conditions);
  }

  /** Makes every later send to `to` fail with `error`, told to the sender as an ICMP error is; undefined ends it. */
  refuse(to: SocketAddress, error: Error | undefined): void {
    if (error === undefined) this.#refusals.delete(formatSocketAddress(to));
    else this.#refusals.set(formatSocketAddress(to), error);
  }

  /** Shows every datagram to `observer` as it is sent. @returns how to stop. */
  observe(observer: Observer): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /**
   * Opens a UDP socket at `local`. With `nat.via`, peers see and reach that address instead.
   * @throws if the address is taken.
   */
  transport(local: SocketAddress, advertised: SocketAddress = local, nat?: NatOptions): Transport {
    const wire = nat?.via ?? local;
    const key = formatSocketAddress(wire);
    if (this.#ports.has(key)) throw new Error(`${key} is taken`);
    const port: Port = {};
    this.#ports.set(key, port);
    const listener = { name: listenerName("UDP", local), protocol: "UDP" as const, local, advertised };
    return {
      protocol: "UDP",
      local,
      advertised,
      listeners: [listener],
      health: { sockets: 1, connections: 0, connectionTroubles: {} },
      listenerFor: () => listener,
      isOpen: () => true,
      connects: (protocol) => protocol === "UDP",
      send: (octets, to) => {
        if (this.#ports.get(key) === port) this.#send(wire, to.remote, octets);
        return to;
      },
      receive: (handler) => {
        port.handler = handler;
      },
      close: () => {
        if (this.#ports.get(key) === port) this.#ports.delete(key);
        return Promise.resolve();
      },
    };
  }

  #send(from: SocketAddress, to: SocketAddress, given: Uint8Array): void {
    const octets = Uint8Array.from(given);
    const at = this.#clock.now();
    let isTaken = false;
    for (const observer of this.#observers) if (observer({ at, from, to, octets }) === "lose") isTaken = true;
    const error = this.#refusals.get(formatSocketAddress(to));
    if (error !== undefined) {
      this.log.push({ at, from, to, octets, arrivals: [], fate: "not sent" });
      this.#clock.after(ms(0), () => {
        this.#ports.get(formatSocketAddress(from))?.handler?.sendError(overUdp(to), error, given);
      });
      return;
    }
    const conditions = this.#pairs.get(pairKey(from, to)) ?? this.#conditions;
    // All draws are made for each datagram, so that one condition does not shift the chances of another.
    const isLost = this.#happens(conditions.loss);
    const isDuplicated = this.#happens(conditions.duplicate);
    const first = this.#arrival(pairKey(from, to), conditions);
    const second = this.#arrival(pairKey(from, to), conditions, isDuplicated ? "counts" : "is dropped");
    if (isLost || isTaken) {
      this.log.push({ at, from, to, octets, arrivals: [], fate: "lost" });
      return;
    }
    const arrivals = isDuplicated ? [first, second] : [first];
    const isKnown = this.#ports.has(formatSocketAddress(to));
    this.log.push({ at, from, to, octets, arrivals, fate: isKnown ? "delivered" : "to nobody" });
    for (const arrival of arrivals) {
      this.#clock.after(ms(arrival - at), () => {
        // Looked up on arrival: a socket closed meanwhile hears nothing.
        const handler = this.#ports.get(formatSocketAddress(to))?.handler;
        const own = Uint8Array.from(octets);
        handler?.octets(own, overUdp(from));
        // As a transport that has one memory for all it receives.
        own.fill(0);
      });
    }
  }

  #happens(probability = 0): boolean {
    return uniform(this.#random) < probability;
  }

  #arrival(pair: string, conditions: Conditions, effect: "counts" | "is dropped" = "counts"): Millis {
    const isHeldBack = this.#happens(conditions.reorder);
    const jitter = Math.floor(uniform(this.#random) * ((conditions.jitter ?? 0) + 1));
    const direct = this.#clock.now() + (conditions.delay ?? 0) + jitter;
    if (isHeldBack) return ms(direct + (conditions.heldBack ?? 20));
    const inOrder = ms(Math.max(direct, this.#lastArrival.get(pair) ?? 0));
    if (effect === "counts") this.#lastArrival.set(pair, inOrder);
    return inOrder;
  }
}

/** The flow of datagrams to or from an address. */
export const overUdp = (remote: SocketAddress): Flow => ({ protocol: "UDP", remote });

const pairKey = (from: SocketAddress, to: SocketAddress): string =>
  `${formatSocketAddress(from)} ${formatSocketAddress(to)}`;
