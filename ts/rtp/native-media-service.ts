import { isIP } from "node:net";
import { ERRORS, MediaswitchError, type ErrorCode } from "../core/errors.js";
import { silentLog, type Log } from "../core/log.js";
import { OrderedDelivery } from "../core/ordered-delivery.js";
import { uuid, type Random } from "../core/random.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import { systemRandom } from "../core/system-random.js";
import {
  loadAddon,
  type NativeChannelEvent,
  type NativeEngine,
  type NativeEvent,
  type NativeReply,
} from "./addon.js";
import type {
  ChannelStatistics,
  EngineLoad,
  MediaCommands,
  MediaEvent,
  MediaService,
} from "./media-service.js";

export interface NativeMediaOptions {
  /** Numeric address media sockets are bound to. */
  readonly bind: string;
  /** Address that results name, where it is not `bind`: behind a NAT, or when bound to all addresses. */
  readonly advertised?: string | undefined;
  /** Range of media ports, both ends included. */
  readonly ports: { readonly low: number; readonly high: number };
  /** Media threads; default 1, which relays some thousands of calls. */
  readonly shards?: number | undefined;
  readonly random?: Random | undefined;
  readonly log?: Log | undefined;
}

interface Channel {
  readonly number: number;
  readonly uuid: string;
  readonly control: string | undefined;
}

const SEED_OCTETS = 32;

/** The media engine of this process, spoken to through the native addon. */
export class NativeMediaService implements MediaService {
  readonly #engine: NativeEngine;
  readonly #advertised: string;
  readonly #random: Random;
  readonly #log: Log;
  readonly #events = new OrderedDelivery<MediaEvent>();
  readonly #deliveries = new Set<Promise<void>>();
  readonly #byUuid = new Map<string, Channel>();
  readonly #byNumber = new Map<number, Channel>();
  readonly #waiting = new Map<number, (reply: NativeReply | undefined) => void>();
  #lastTicket = 0;

  private constructor({
    bind,
    advertised = bind,
    ports,
    shards = 1,
    random = systemRandom,
    log,
  }: NativeMediaOptions) {
    this.#advertised = advertised;
    this.#random = random;
    this.#log = log ?? silentLog;
    const { MediaEngine } = loadAddon();
    const options = { bind, ports, shards, seed: random.bytes(SEED_OCTETS) };
    this.#engine = blaming(
      () =>
        new MediaEngine(options, (events) => {
          this.#take(events);
        }),
    );
  }

  /**
   * Starts the media threads. Node stays alive until `close`.
   * @throws {MediaswitchError} `ARGUMENT_INVALID` with the option's name; `MEDIA_UNAVAILABLE` when the addon
   * can't be loaded.
   */
  static start(options: NativeMediaOptions): Promise<NativeMediaService> {
    return Promise.resolve().then(() => {
      const { bind, advertised = bind } = options;
      if (isIP(advertised) === 0) {
        throw new MediaswitchError(
          "ARGUMENT_INVALID",
          "advertised has to be a numeric IP address",
          "advertised",
        );
      }
      if (isUnspecified(advertised)) {
        throw new MediaswitchError(
          "ARGUMENT_INVALID",
          `advertised has to be named when media is bound to ${bind}: nobody can send to that`,
          "advertised",
        );
      }
      return new NativeMediaService(options);
    });
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

  /**
   * Closes every channel (reason `shutdown`), ends the media threads, and waits until the sink has settled
   * every event. Commands still waiting, and later ones, are refused with `MEDIA_UNAVAILABLE`.
   */
  async close(): Promise<void> {
    this.#take(this.#engine.stop());
    for (const settle of this.#waiting.values()) settle(undefined);
    this.#waiting.clear();
    await Promise.all(this.#deliveries);
  }

  readonly #handlers: Handlers<MediaCommands> = {
    open: ({ control, remote }) => {
      const { channel: number, port } = blaming(() => this.#engine.open(remote));
      const channel = { number, uuid: uuid(this.#random), control };
      this.#byUuid.set(channel.uuid, channel);
      this.#byNumber.set(number, channel);
      return { uuid: channel.uuid, ip: this.#advertised, port, channels: this.#load() };
    },
    target: async ({ uuid, remote }, signal) => {
      const { number } = this.#channel(uuid);
      await this.#ask(uuid, signal, (ticket) => {
        this.#engine.target(number, remote, ticket);
      });
      return {};
    },
    mix: async ({ uuid, other }, signal) => {
      const { number } = this.#channel(uuid);
      const partner = this.#channel(other, "other");
      await this.#ask(uuid, signal, (ticket) => {
        this.#engine.mix(number, partner.number, ticket);
      });
      return {};
    },
    unmix: async ({ uuid }, signal) => {
      const { number } = this.#channel(uuid);
      await this.#ask(uuid, signal, (ticket) => {
        this.#engine.unmix(number, ticket);
      });
      return {};
    },
    close: async ({ uuid }, signal) => {
      const channel = this.#byUuid.get(uuid);
      if (channel !== undefined) {
        await this.#reply(signal, (ticket) => {
          this.#engine.close(channel.number, ticket);
        });
      }
      return { channels: this.#load() };
    },
    statistics: async ({ uuid }, signal) => {
      const { number } = this.#channel(uuid);
      const { statistics } = await this.#ask(uuid, signal, (ticket) => {
        this.#engine.ask(number, ticket);
      });
      return statistics ?? unanswered();
    },
    health: () => {
      const { channels, sockets, available, eventsLost } = this.#engine.health();
      return { channels, sockets, available, eventsLost };
    },
  };

  #load(): EngineLoad {
    const { channels, available } = this.#engine.health();
    return { active: channels, available };
  }

  #channel(uuid: string, field = "uuid"): Channel {
    return this.#byUuid.get(uuid) ?? unknownChannel(uuid, field);
  }

  /** A command to a channel that has to be there: it may close by itself while the command is on its way. */
  async #ask(
    uuid: string,
    signal: AbortSignal | undefined,
    give: (ticket: number) => void,
  ): Promise<NativeReply> {
    const reply = await this.#reply(signal, give);
    return reply.isKnown ? reply : unknownChannel(uuid, "uuid");
  }

  #reply(signal: AbortSignal | undefined, give: (ticket: number) => void): Promise<NativeReply> {
    return new Promise((resolve, reject) => {
      const ticket = ++this.#lastTicket;
      blaming(() => {
        give(ticket);
      });
      const onAbort = (): void => {
        this.#waiting.delete(ticket);
        reject(new MediaswitchError("ABORTED", "the media command is no longer waited for"));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.set(ticket, (reply) => {
        signal?.removeEventListener("abort", onAbort);
        if (reply === undefined) reject(stopped());
        else resolve(reply);
      });
    });
  }

  #take(events: readonly NativeEvent[]): void {
    for (const event of events) {
      if (event.type === "reply") {
        this.#waiting.get(event.ticket)?.(event);
        this.#waiting.delete(event.ticket);
      } else {
        this.#tell(event);
      }
    }
  }

  #tell({ channel: number, ...event }: NativeChannelEvent): void {
    const channel = this.#byNumber.get(number);
    if (channel === undefined) return;
    const { uuid, control } = channel;
    if (event.type === "closed") {
      this.#byNumber.delete(number);
      this.#byUuid.delete(uuid);
    }
    const whose = control === undefined ? { uuid } : { uuid, control };
    const delivery = this.#events.send(uuid, { ...event, ...whose }).catch((error: unknown) => {
      this.#log.warn({ uuid, event: event.type, error }, "a media event was not taken");
    });
    this.#deliveries.add(delivery);
    void delivery.then(() => this.#deliveries.delete(delivery));
  }
}

const stopped = (): MediaswitchError =>
  new MediaswitchError("MEDIA_UNAVAILABLE", "the media engine was stopped");

function unknownChannel(uuid: string, field: string): never {
  throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", `there is no channel ${uuid}`, field);
}

function unanswered(): ChannelStatistics {
  throw new MediaswitchError("INTERNAL", "the engine's reply brought no statistics");
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || /^[0:]+$/.test(address);
}

/** Runs a call into the addon; the error it throws becomes one of ours. */
function blaming<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { code, field } = error as { code?: unknown; field?: unknown };
    throw new MediaswitchError(
      isErrorCode(code) ? code : "INTERNAL",
      error.message,
      typeof field === "string" ? field : undefined,
    );
  }
}

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === "string" && Object.hasOwn(ERRORS, code);
