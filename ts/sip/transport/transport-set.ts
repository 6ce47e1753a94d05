import { ms } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import type { SocketAddress } from "../../core/socket-address.js";
import type { CloseReason, Connection } from "./connection.js";
import { CONNECTION_LIMITS, type ConnectionLimits } from "./connection-limits.js";
import { ConnectionTable, type ConnectionTrouble } from "./connection-table.js";
import { chooseListener } from "./listener-choice.js";
import type { Dial, PipeListener } from "./pipe.js";
import type { Flow, Listener, Protocol, Transport, TransportHandler, TransportHealth } from "./transport.js";

/** One address we listen at: for datagrams, or for connections. */
export type OpenListener =
  | { readonly kind: "datagrams"; readonly transport: Transport }
  | { readonly kind: "connections"; readonly pipes: PipeListener };

export interface TransportSetOptions {
  /** The first is what others know us by where no flow says more. */
  readonly listeners: readonly [OpenListener, ...OpenListener[]];
  readonly clock: Clock;
  /** Absent: no connection is made by us. */
  readonly dial?: Dial;
  readonly limits?: Partial<ConnectionLimits>;
}

const listenerOf = (open: OpenListener): Listener => {
  switch (open.kind) {
    case "datagrams":
      return open.transport.listenerFor({ protocol: "UDP", remote: open.transport.local });
    case "connections":
      return open.pipes.listener;
  }
};

/** All our listeners and connections as one transport (RFC 3261 §18). Sans-IO: sockets are arguments. */
export class TransportSet implements Transport {
  readonly listeners: readonly [Listener, ...Listener[]];
  readonly #open: readonly OpenListener[];
  readonly #datagrams = new Map<string, Transport>();
  readonly #clock: Clock;
  readonly #dial: Dial | undefined;
  readonly #connections: ConnectionTable;
  #handler: TransportHandler | undefined;
  #closing: Promise<void> | undefined;

  constructor({ listeners, clock, dial, limits }: TransportSetOptions) {
    const [first, ...others] = listeners;
    this.listeners = [listenerOf(first), ...others.map(listenerOf)];
    this.#open = listeners;
    this.#clock = clock;
    this.#dial = dial;
    this.#connections = new ConnectionTable(
      clock,
      { ...CONNECTION_LIMITS, ...limits },
      {
        message: (octets, { flow }) => this.#handler?.octets(octets, flow),
        closed: (connection, reason, error, unsent) => {
          this.#connectionClosed(connection, reason, error, unsent);
        },
      },
    );
    for (const open of listeners) this.#listen(open);
  }

  get protocol(): Protocol {
    return this.listeners[0].protocol;
  }

  get local(): SocketAddress {
    return this.listeners[0].local;
  }

  get advertised(): SocketAddress {
    return this.listeners[0].advertised;
  }

  /** Open connections, those still being opened among them. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Connections refused and ended for a reason, so far. */
  get troubles(): ReadonlyMap<ConnectionTrouble, number> {
    return this.#connections.troubles;
  }

  get health(): TransportHealth {
    return {
      sockets: this.listeners.length + this.connections,
      connections: this.connections,
      connectionTroubles: Object.fromEntries(this.troubles),
    };
  }

  listenerFor(flow: Flow): Listener {
    return chooseListener(this.listeners, flow);
  }

  isOpen(flow: Flow): boolean {
    return canConnect(flow) || this.#connections.find(flow) !== undefined;
  }

  connects(protocol: Protocol): boolean {
    switch (protocol) {
      case "UDP":
        return this.#datagrams.size > 0;
      case "TCP":
      case "TLS":
        return this.#dial !== undefined && this.listeners.some((one) => one.protocol === protocol);
      case "WS":
      case "WSS":
        return false;
    }
  }

  receive(handler: TransportHandler): void {
    this.#handler = handler;
  }

  send(octets: Uint8Array, to: Flow): Flow {
    return to.protocol === "UDP" ? this.#sendDatagram(octets, to) : this.#sendByConnection(octets, to);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #listen(open: OpenListener): void {
    const listener = listenerOf(open);
    switch (open.kind) {
      case "datagrams":
        this.#datagrams.set(listener.name, open.transport);
        open.transport.receive({
          octets: (octets, flow) => this.#handler?.octets(octets, leavingBy(flow, listener.name)),
          sendError: (to, error, octets) => this.#handler?.sendError(to, error, octets),
          closed: () => undefined,
        });
        return;
      case "connections":
        open.pipes.accept((remote, pipe) => {
          const flow = { protocol: listener.protocol, remote, listener: listener.name };
          const connection = this.#closing === undefined ? this.#connections.accept(flow) : undefined;
          connection?.attach(pipe);
          return connection;
        });
    }
  }

  #sendDatagram(octets: Uint8Array, to: Flow): Flow {
    const { name, protocol } = this.listenerFor(to);
    const transport = this.#datagrams.get(name);
    if (protocol !== "UDP" || transport === undefined) {
      return this.#notSent(to, new Error("no UDP listener of that address family"), octets);
    }
    transport.send(octets, to);
    return leavingBy(to, name);
  }

  #sendByConnection(octets: Uint8Array, to: Flow): Flow {
    const connection = this.#connections.find(to) ?? (canConnect(to) ? this.#connectionTo(to) : undefined);
    if (connection === undefined) {
      return this.#notSent(to, new Error("there is no connection, and none can be made"), octets);
    }
    connection.send(octets);
    return connection.flow;
  }

  /** One that is open to there, or a new one. */
  #connectionTo({ protocol, remote, serverName }: Flow): Connection | undefined {
    const to = { protocol, remote, ...(serverName === undefined ? {} : { serverName }) };
    return this.#connections.find(to) ?? this.#connect(to);
  }

  #connect(to: Flow): Connection | undefined {
    const { protocol, remote, serverName } = to;
    if (this.#closing !== undefined || this.#dial === undefined) return undefined;
    if (protocol !== "TCP" && protocol !== "TLS") return undefined;
    const listener = this.listenerFor(to);
    const connection = this.#connections.make({ ...to, listener: listener.name, made: true });
    if (connection === undefined) return undefined;
    const { address } = listener.local;
    const isAny = address === "0.0.0.0" || address === "::";
    connection.attach(
      this.#dial(
        {
          protocol,
          remote,
          ...(isAny || isIpv6(address) !== isIpv6(remote.address) ? {} : { from: address }),
          ...(serverName === undefined ? {} : { serverName }),
        },
        connection,
      ),
    );
    return connection;
  }

  /** Told later: a caller of `send` is never called back from within. */
  #notSent(to: Flow, error: Error, octets: Uint8Array): Flow {
    this.#clock.after(ms(0), () => this.#handler?.sendError(to, error, octets));
    return to;
  }

  #connectionClosed(
    { flow }: Connection,
    reason: CloseReason,
    error: Error,
    unsent: readonly Uint8Array[],
  ): void {
    if (reason === "shutdown") return;
    for (const octets of unsent) this.#handler?.sendError(flow, error, octets);
    this.#handler?.closed(flow);
  }

  async #close(): Promise<void> {
    const listeners = this.#open.map((open) =>
      open.kind === "datagrams" ? open.transport.close() : open.pipes.close(),
    );
    this.#connections.end();
    await Promise.all(listeners);
  }
}

/** The flow of a datagram: there is no more to it. */
const leavingBy = (flow: Flow, listener: string): Flow =>
  flow.listener === listener ? flow : { protocol: flow.protocol, remote: flow.remote, listener };

/** Does somebody listen at its far end, as far as we know? */
const canConnect = (flow: Flow): boolean => flow.connection === undefined || flow.made === true;

const isIpv6 = (address: string): boolean => address.includes(":");
