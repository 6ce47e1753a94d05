import type { Clock } from "../../core/clock.js";
import { formatSocketAddress } from "../../core/socket-address.js";
import { sourceKey } from "../auth/source-key.js";
import type { ConnectionLimits } from "./connection-limits.js";
import { Connection, type CloseReason, type ConnectionOwner } from "./connection.js";
import type { Flow } from "./transport.js";

/** Why there is no connection. */
export type ConnectionRefusal = "connections-full" | "source-full" | "unproven-full" | "source-unproven-full";

/** Why connections were refused or ended, by us or by themselves, but for those that just ended. */
export type ConnectionTrouble = ConnectionRefusal | Exclude<CloseReason, "ended" | "shutdown">;

interface SourceCount {
  accepted: number;
  unproven: number;
}

/** All connections: numbered, found by number and by far end, and bounded. */
export class ConnectionTable {
  readonly #clock: Clock;
  readonly #limits: ConnectionLimits;
  readonly #owner: Omit<ConnectionOwner, "proven">;
  readonly #byNumber = new Map<number, Connection>();
  /** The one that was opened last, where there are several. */
  readonly #byRemote = new Map<string, Connection>();
  readonly #sources = new Map<string, SourceCount>();
  readonly #troubles = new Map<ConnectionTrouble, number>();
  #unproven = 0;
  #lastNumber: number;

  constructor(clock: Clock, limits: ConnectionLimits, owner: Omit<ConnectionOwner, "proven">) {
    this.#clock = clock;
    this.#limits = limits;
    this.#owner = owner;
    // A thousand numbers for each millisecond: none was given by a process before this one.
    this.#lastNumber = clock.epoch() * 1000;
  }

  get size(): number {
    return this.#byNumber.size;
  }

  /** How often what happened, so far. */
  get troubles(): ReadonlyMap<ConnectionTrouble, number> {
    return this.#troubles;
  }

  /** The connection that a message to this flow goes by, if there is one. */
  find(flow: Flow): Connection | undefined {
    return flow.connection === undefined
      ? this.#byRemote.get(remoteKey(flow))
      : this.#byNumber.get(flow.connection);
  }

  /** A connection from `flow.remote`; undefined where a limit is reached. */
  accept(flow: Flow): Connection | undefined {
    const source = this.#source(flow);
    const refusal = this.#refuses(source);
    if (refusal !== undefined) {
      this.#count(refusal);
      return undefined;
    }
    source.accepted += 1;
    source.unproven += 1;
    this.#unproven += 1;
    this.#sources.set(sourceKey(flow.remote.address), source);
    return this.#add(flow, "accepted");
  }

  /** A connection to `flow.remote`; undefined where a limit is reached. */
  make(flow: Flow): Connection | undefined {
    if (this.size < this.#limits.connections) return this.#add(flow, "made");
    this.#count("connections-full");
    return undefined;
  }

  end(): void {
    for (const connection of [...this.#byNumber.values()]) connection.end();
  }

  #refuses({ accepted, unproven }: SourceCount): ConnectionRefusal | undefined {
    const limits = this.#limits;
    if (this.size >= limits.connections) return "connections-full";
    if (accepted >= limits.connectionsPerSource) return "source-full";
    if (this.#unproven >= limits.unproven) return "unproven-full";
    return unproven >= limits.unprovenPerSource ? "source-unproven-full" : undefined;
  }

  #add(flow: Flow, origin: "accepted" | "made"): Connection {
    this.#lastNumber += 1;
    const connection = new Connection(
      { flow: { ...flow, connection: this.#lastNumber }, origin, clock: this.#clock, limits: this.#limits },
      {
        message: (octets, one) => {
          this.#owner.message(octets, one);
        },
        proven: (one) => {
          this.#proven(one);
        },
        closed: (one, reason, error, unsent) => {
          this.#remove(one, reason);
          this.#owner.closed(one, reason, error, unsent);
        },
      },
    );
    this.#byNumber.set(this.#lastNumber, connection);
    this.#byRemote.set(remoteKey(flow), connection);
    return connection;
  }

  #proven({ flow }: Connection): void {
    this.#unproven -= 1;
    this.#source(flow).unproven -= 1;
  }

  #remove(connection: Connection, reason: CloseReason): void {
    const { flow, origin, isProven } = connection;
    if (flow.connection !== undefined) this.#byNumber.delete(flow.connection);
    if (this.#byRemote.get(remoteKey(flow)) === connection) this.#byRemote.delete(remoteKey(flow));
    if (origin === "accepted") {
      const source = this.#source(flow);
      source.accepted -= 1;
      if (!isProven) {
        source.unproven -= 1;
        this.#unproven -= 1;
      }
      if (source.accepted === 0) this.#sources.delete(sourceKey(flow.remote.address));
    }
    if (reason !== "ended" && reason !== "shutdown") this.#count(reason);
  }

  #source(flow: Flow): SourceCount {
    return this.#sources.get(sourceKey(flow.remote.address)) ?? { accepted: 0, unproven: 0 };
  }

  #count(trouble: ConnectionTrouble): void {
    this.#troubles.set(trouble, (this.#troubles.get(trouble) ?? 0) + 1);
  }
}

/** A connection that was made to another name at the same address has shown another certificate. */
const remoteKey = ({ protocol, remote, serverName }: Flow): string =>
  `${protocol} ${formatSocketAddress(remote)} ${serverName ?? ""}`;
