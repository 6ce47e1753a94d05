/** Several RTP servers as one media service: where a channel is opened, and who has it from then on. */
import type { Clock } from "../../core/clock.js";
import { ERRORS, MediaswitchError } from "../../core/errors.js";
import type { Log } from "../../core/log.js";
import { OrderedDelivery } from "../../core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../../core/service.js";
import { unknownChannel } from "../channel-table.js";
import type {
  EngineLoad,
  MediaCommand,
  MediaCommands,
  MediaEvent,
  MediaHealth,
  MediaService,
} from "../media-service.js";
import { LOST_STATISTICS } from "./lost-statistics.js";
import { leastLoaded } from "./placement.js";
import { ServerLinks } from "./server-links.js";
import { POOL_TIMING, PoolServer, type PoolTiming } from "./pool-server.js";
import type { ServerState } from "./server-machine.js";

/** Far beyond what one control can use. */
const MOST_SERVERS = 256;
const DEFAULT_WEIGHT = 1;

export interface PoolMember {
  /** Base URL of its HTTP; also its name here. */
  readonly url: string;
  /** How much more it can carry than one with weight 1. */
  readonly weight?: number;
}

/** One server as it stands. */
export interface PoolServerInfo {
  readonly url: string;
  readonly weight: number;
  readonly state: ServerState;
  /** Channels that this control has there. */
  readonly channels: number;
  /** What the server told last; absent while it has told nothing. */
  readonly reported?: EngineLoad;
}

/** A server has changed from one state to another. */
export interface PoolEvent {
  readonly url: string;
  readonly before: ServerState;
  readonly state: ServerState;
  readonly why: string;
}

export interface MediaPoolOptions {
  readonly servers: readonly PoolMember[];
  readonly connect: (url: string) => MediaService;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing?: Partial<PoolTiming>;
}

/** Commands about one channel and nothing else. */
type OfOneChannel = Exclude<
  keyof MediaCommands,
  "open" | "renew" | "close" | "mix" | "unmix" | "whisper" | "drain" | "health"
>;

export class MediaPool implements MediaService {
  readonly #options: MediaPoolOptions;
  readonly #timing: PoolTiming;
  readonly #servers = new Map<string, PoolServer>();
  /** Open channels: uuid → where. */
  readonly #homes = new Map<string, PoolServer>();
  /** Channels that were given up; their server may still have them, and tell of them. */
  readonly #orphans = new Map<string, PoolServer>();
  /** Channels that were closed before their opening was told, while some are being opened. */
  readonly #closedEarly = new Set<string>();
  #opening = 0;
  /** On which terms channels were opened. */
  readonly #terms = new Map<string, Pick<MediaCommands["open"]["input"], "control" | "lease">>();
  readonly #links: ServerLinks;
  readonly #events = new OrderedDelivery<MediaEvent>();
  readonly #watchers = new Set<(event: PoolEvent) => void>();

  /** @throws {MediaswitchError} ARGUMENT_INVALID: no server, one twice, a weight that is none. */
  constructor(options: MediaPoolOptions) {
    this.#options = options;
    this.#timing = { ...POOL_TIMING, ...options.timing };
    if (options.servers.length === 0) throw invalid("expected at least one RTP server", "rtp");
    this.#links = new ServerLinks({
      open: (near) => this.#open({ near, ...this.#terms.get(near) }, undefined),
      execute: (command, signal) => this.#alone(command, signal),
      isOpen: (uuid) => this.#homes.has(uuid),
      isTogether: (one, other) => this.#homes.get(one) === this.#homes.get(other),
      log: options.log,
    });
    for (const member of options.servers) this.add(member);
  }

  /** Settles when each server was asked once. */
  async ready(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(({ asked }) => asked));
  }

  get servers(): readonly PoolServerInfo[] {
    return [...this.#servers.values()].map(({ url, weight, state, channels, reported }) => ({
      url,
      weight,
      state,
      channels: channels.size,
      ...(reported === undefined ? {} : { reported }),
    }));
  }

  /** @returns ends it. */
  watch(watcher: (event: PoolEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID: it is there already, there are too many, a weight that is none. */
  add({ url, weight = DEFAULT_WEIGHT }: PoolMember): void {
    if (this.#servers.has(url)) throw invalid(`${url} is one of the RTP servers already`, "url");
    if (this.#servers.size >= MOST_SERVERS) {
      throw invalid(`expected at most ${String(MOST_SERVERS)} RTP servers`, "url");
    }
    if (!(Number.isFinite(weight) && weight > 0)) throw invalid("expected a number above 0", "weight");
    const { clock, connect } = this.#options;
    const service = connect(url);
    service.attach((event) => this.#hear(event));
    const server = new PoolServer({
      url,
      service,
      weight,
      clock,
      timing: this.#timing,
      changed: this.#changed,
      lost: this.#lost,
      back: this.#closeOrphans,
      restarted: this.#forgetOrphans,
    });
    this.#servers.set(url, server);
  }

  /**
   * Places no more calls there, or again. The second leg of a call that is there still goes there.
   * @throws {MediaswitchError} ARGUMENT_INVALID: there is no such server.
   */
  drain(url: string, { enabled = true }: { readonly enabled?: boolean } = {}): void {
    this.#server(url).isDrained = enabled;
  }

  /** @throws {MediaswitchError} ARGUMENT_INVALID: there is no such server; MEDIA_STATE while it has channels of ours. */
  remove(url: string): void {
    const server = this.#server(url);
    const count = server.channels.size + server.opening;
    if (count > 0) {
      throw new MediaswitchError(
        "MEDIA_STATE",
        `${url} has ${String(count)} channels: drain it, and remove it when they are closed`,
        "url",
      );
    }
    server.close();
    this.#forgetOrphans(server);
    this.#servers.delete(url);
  }

  /** Asks the servers no more. */
  close(): void {
    for (const server of this.#servers.values()) server.close();
  }

  execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  attach(sink: EventSink<MediaEvent>): void {
    this.#events.attach(sink);
  }

  #server(url: string): PoolServer {
    const server = this.#servers.get(url);
    if (server === undefined) throw invalid(`${url} is none of the RTP servers`, "url");
    return server;
  }

  #home(uuid: string, field = "uuid"): PoolServer {
    return this.#homes.get(uuid) ?? unknownChannel(uuid, field);
  }

  async #open(
    { near, ...input }: MediaCommands["open"]["input"],
    signal: AbortSignal | undefined,
  ): Promise<MediaCommands["open"]["result"]> {
    const partner = near === undefined ? undefined : this.#homes.get(near);
    this.#opening += 1;
    try {
      if (partner !== undefined) {
        return this.#opened(partner, await partner.open(input, { isLast: true, signal }), input);
      }
      return await this.#openSomewhere(input, signal);
    } finally {
      this.#opening -= 1;
      if (this.#opening === 0) this.#closedEarly.clear();
    }
  }

  /** A server that refuses, or does not answer, is passed over. */
  async #openSomewhere(
    input: MediaCommands["open"]["input"],
    signal: AbortSignal | undefined,
  ): Promise<MediaCommands["open"]["result"]> {
    const untried = new Set(this.#servers.values());
    let refusal: unknown = this.#nobody();
    for (;;) {
      const server = leastLoaded(untried);
      if (server === undefined) throw refusal;
      untried.delete(server);
      const isLast = leastLoaded(untried) === undefined;
      try {
        return this.#opened(server, await server.open(input, { isLast, signal }), input);
      } catch (error) {
        if (!mayBeElsewhere(error)) throw error;
        this.#options.log.warn({ url: server.url, err: error }, "an RTP server has opened no channel");
        refusal = error;
      }
    }
  }

  #opened(
    server: PoolServer,
    result: MediaCommands["open"]["result"],
    { control, lease }: MediaCommands["open"]["input"],
  ): MediaCommands["open"]["result"] {
    if (!this.#closedEarly.delete(result.uuid)) {
      server.channels.add(result.uuid);
      this.#homes.set(result.uuid, server);
      this.#terms.set(result.uuid, {
        ...(control !== undefined && { control }),
        ...(lease !== undefined && { lease }),
      });
    }
    return result;
  }

  #nobody(): MediaswitchError {
    const states = [...this.#servers.values()].map(({ url, state }) => `${url} is ${state}`);
    return new MediaswitchError("MEDIA_UNAVAILABLE", `no RTP server takes a channel: ${states.join(", ")}`);
  }

  async #close(uuid: string, signal: AbortSignal | undefined): Promise<MediaCommands["close"]["result"]> {
    const home = this.#homes.get(uuid);
    if (home === undefined) return { channels: this.#load() };
    const result = await home.execute({ type: "close", uuid }, signal);
    this.#forget(uuid);
    return result;
  }

  #forget(uuid: string): void {
    this.#homes.get(uuid)?.channels.delete(uuid);
    this.#leaves(uuid);
  }

  #leaves(uuid: string): void {
    this.#homes.delete(uuid);
    this.#terms.delete(uuid);
    this.#links.left(uuid);
  }

  /** By the channel's own server, whatever the command is. */
  #alone(command: MediaCommand, signal: AbortSignal | undefined): Promise<object> {
    if (command.type === "close") return this.#close(command.uuid, signal);
    if (!("uuid" in command)) throw invalid("expected a command for one channel", "type");
    return this.#home(command.uuid).execute(command, signal);
  }

  /** @throws {MediaswitchError} MEDIA_CHANNEL_UNKNOWN */
  #checkOpen(uuid: string, other: string | undefined, field: string): void {
    this.#home(uuid);
    if (other !== undefined) this.#home(other, field);
  }

  readonly #atHome = <Type extends OfOneChannel>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> => this.#home(command.uuid).execute(command, signal);

  readonly #handlers: Handlers<MediaCommands> = {
    open: ({ type: _type, ...input }, signal) => this.#open(input, signal),
    renew: async ({ holder }) => {
      const counts = await Promise.all([...this.#servers.values()].map((server) => server.renew(holder)));
      return { channels: counts.reduce((sum, count) => sum + count, 0) };
    },
    mix: (command, signal) => {
      this.#checkOpen(command.uuid, command.other, "other");
      return this.#links.mix(command, signal);
    },
    unmix: (command, signal) => {
      this.#checkOpen(command.uuid, undefined, "uuid");
      return this.#links.unmix(command, signal);
    },
    whisper: (command, signal) => {
      this.#checkOpen(command.uuid, command.to, "to");
      return this.#links.whisper(command, signal);
    },
    close: ({ uuid }, signal) => this.#close(uuid, signal),
    drain: ({ enabled }) => {
      for (const server of this.#servers.values()) server.isDrained = enabled;
      return { channels: this.#load() };
    },
    health: () => this.#health(),
    target: this.#atHome,
    direction: this.#atHome,
    dtmf: this.#atHome,
    detect: this.#atHome,
    echo: this.#atHome,
    play: this.#atHome,
    stopplay: this.#atHome,
    pauseplay: this.#atHome,
    resumeplay: this.#atHome,
    record: this.#atHome,
    playrecord: this.#atHome,
    statistics: this.#atHome,
  };

  /** Of all servers together, as each told last; `load` is the highest. */
  #health(): MediaHealth {
    const servers = [...this.#servers.values()];
    const told = servers.map(({ health }) => health).filter((one) => one !== undefined);
    const sum = (of: (health: MediaHealth) => number): number =>
      told.reduce((total, one) => total + of(one), 0);
    const loads = told.map(({ load }) => load).filter((load) => load !== undefined);
    return {
      channels: sum(({ channels }) => channels),
      sockets: sum(({ sockets }) => sockets),
      available: servers.reduce(
        (total, { state, reported }) => total + (state === "up" ? (reported?.available ?? 0) : 0),
        0,
      ),
      eventsLost: sum(({ eventsLost }) => eventsLost),
      draining: servers.every(({ state }) => state === "draining"),
      ...(loads.length === 0 ? {} : { load: Math.max(...loads) }),
    };
  }

  #load(): EngineLoad {
    const { channels: active, available, draining, load } = this.#health();
    return { active, available, draining, ...(load === undefined ? {} : { load }) };
  }

  /** The end of a channel that was given up was told already. */
  async #hear(event: MediaEvent): Promise<void> {
    const { uuid, type } = event;
    const isLast = type === "closed";
    if (this.#orphans.has(uuid)) {
      if (isLast) this.#orphans.delete(uuid);
      return;
    }
    if (isLast) {
      if (this.#opening > 0 && !this.#homes.has(uuid)) this.#closedEarly.add(uuid);
      this.#forget(uuid);
    }
    if (this.#links.take(event)) return;
    await this.#events.send(uuid, event, { isLast });
  }

  readonly #changed = ({ url, state }: PoolServer, before: ServerState, why: string): void => {
    const { log } = this.#options;
    const isWell = state === "up" || state === "draining";
    log[isWell ? "info" : "warn"]({ url, before, state, why }, `an RTP server is ${state}: ${why}`);
    for (const watcher of this.#watchers) {
      try {
        watcher({ url, before, state, why });
      } catch (error) {
        log.error({ err: error }, "one who watches the RTP servers failed");
      }
    }
  };

  readonly #lost = (server: PoolServer, uuids: readonly string[]): void => {
    const { log } = this.#options;
    log.error({ url: server.url, channels: uuids.length }, "the channels of an RTP server are lost");
    // Those of servers that are back were closed there, whether or not the last word of each came.
    for (const [uuid, home] of [...this.#orphans]) if (home.state !== "down") this.#orphans.delete(uuid);
    for (const uuid of uuids) {
      this.#leaves(uuid);
      if (server.state === "down") this.#orphans.set(uuid, server);
      const closed = { type: "closed", uuid, reason: "error", statistics: LOST_STATISTICS } as const;
      if (this.#links.take(closed)) continue;
      this.#events.send(uuid, closed, { isLast: true }).catch((error: unknown) => {
        log.warn({ uuid, err: error }, "the end of a lost channel was not taken");
      });
    }
  };

  readonly #closeOrphans = (server: PoolServer): void => {
    for (const [uuid, home] of [...this.#orphans]) {
      if (home !== server) continue;
      server.execute({ type: "close", uuid }).catch((error: unknown) => {
        this.#options.log.warn({ url: server.url, uuid, err: error }, "a channel could not be closed");
      });
    }
  };

  readonly #forgetOrphans = (server: PoolServer): void => {
    for (const [uuid, home] of [...this.#orphans]) if (home === server) this.#orphans.delete(uuid);
  };
}

const invalid = (message: string, field: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, field);

/** Whether another server may do what this one does not. */
const mayBeElsewhere = (error: unknown): boolean =>
  error instanceof MediaswitchError && (ERRORS[error.code].retry || error.code === "UNAUTHORIZED");
