import { isIP } from "node:net";
import type { Clock } from "../core/clock.js";
import { MediaswitchError } from "../core/errors.js";
import { silentLog, type Log } from "../core/log.js";
import { OrderedDelivery } from "../core/ordered-delivery.js";
import { uuid, type Random } from "../core/random.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import { SystemClock } from "../core/system-clock.js";
import { systemRandom } from "../core/system-random.js";
import {
  loadAddon,
  type Addon,
  type NativeChannelEvent,
  type NativeEngine,
  type NativeEvent,
  type NativeReply,
} from "./addon.js";
import { ChannelCommands } from "./channel-commands.js";
import { Channel, ChannelTable } from "./channel-table.js";
import { ConfinedFolder } from "./confined-folder.js";
import { blaming } from "./engine-error.js";
import { toldOf } from "./channel-event.js";
import { Leases } from "./leases.js";
import type { ReadOptions, WriteOptions } from "./live-format.js";
import type { LiveReader } from "./live-reader.js";
import { LiveStreams } from "./live-streams.js";
import type { LiveWriter } from "./live-writer.js";
import { LoadMeter } from "./load-meter.js";
import type { EngineLoad, MediaCommands, MediaEvent, MediaHealth, MediaService } from "./media-service.js";
import { Replies } from "./replies.js";
import { SoundResolver } from "./sound-resolver.js";

export interface NativeMediaOptions {
  /** Numeric address media sockets are bound to. */
  readonly bind: string;
  /** Address that results name, where it is not `bind`: behind a NAT, or when bound to all addresses. */
  readonly advertised?: string | undefined;
  /** Range of media ports, both ends included. */
  readonly ports: { readonly low: number; readonly high: number };
  /** Media threads; default 1, which relays some thousands of calls. */
  readonly shards?: number | undefined;
  /** Folder that sounds are taken from; default the current one. */
  readonly soundsRoot?: string | undefined;
  /** Folder that recordings are written into; default the current one. */
  readonly recordingsRoot?: string | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  readonly log?: Log | undefined;
  /** Default: the one that was built for this machine. */
  readonly addon?: Pick<Addon, "MediaEngine"> | undefined;
}

const SEED_OCTETS = 32;

/** The media engine of this process, spoken to through the native addon. */
export class NativeMediaService implements MediaService {
  readonly #engine: NativeEngine;
  readonly #advertised: string;
  readonly #random: Random;
  readonly #instance: string;
  readonly #log: Log;
  readonly #events = new OrderedDelivery<MediaEvent>();
  readonly #deliveries = new Set<Promise<void>>();
  readonly #channels = new ChannelTable();
  readonly #replies = new Replies();
  readonly #streams: LiveStreams;
  readonly #leases: Leases;
  readonly #meter: LoadMeter;
  #isDraining = false;

  private constructor(options: NativeMediaOptions) {
    const { bind, ports, shards = 1, random = systemRandom, clock = new SystemClock() } = options;
    this.#advertised = options.advertised ?? bind;
    this.#random = random;
    this.#instance = uuid(random);
    this.#log = options.log ?? silentLog;
    this.#meter = new LoadMeter(clock, shards, () => this.#engine.health().cpuMicros);
    this.#leases = new Leases(clock, (uuid) => {
      this.#expire(uuid);
    });
    const { MediaEngine } = options.addon ?? loadAddon();
    const native = { bind, ports, shards, seed: random.bytes(SEED_OCTETS) };
    this.#engine = blaming(
      () =>
        new MediaEngine(native, (events) => {
          this.#take(events);
        }),
    );
    this.#streams = new LiveStreams(this.#engine);
    const commands = new ChannelCommands({
      engine: this.#engine,
      replies: this.#replies,
      channels: this.#channels,
      sounds: new SoundResolver(options.soundsRoot ?? "."),
      recordings: new ConfinedFolder(options.recordingsRoot ?? "."),
    });
    this.#handlers = { ...commands.handlers, ...this.#lifeCommands() };
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
   * What a channel hears or says, live.
   * @throws {MediaswitchError} MEDIA_CHANNEL_UNKNOWN; ARGUMENT_INVALID with the option's name.
   */
  createReadStream(uuid: string, options: ReadOptions = {}): LiveReader {
    return this.#streams.openReader(this.#channels.get(uuid).number, options);
  }

  /**
   * Live audio for a channel to say; it takes the place of what is played.
   * @throws {MediaswitchError} MEDIA_CHANNEL_UNKNOWN; ARGUMENT_INVALID with the option's name.
   */
  createWriteStream(uuid: string, options: WriteOptions = {}): LiveWriter {
    return this.#streams.openWriter(this.#channels.get(uuid).number, options);
  }

  /**
   * Closes every channel (reason `shutdown`), ends the media threads, and waits until the sink has settled
   * every event. Commands still waiting, and later ones, are refused with `MEDIA_UNAVAILABLE`.
   */
  async close(): Promise<void> {
    this.#leases.clear();
    const events = this.#engine.stop();
    this.#streams.stop();
    this.#take(events);
    this.#replies.close();
    await Promise.all(this.#deliveries);
  }

  readonly #handlers: Handlers<MediaCommands>;

  #lifeCommands(): Pick<Handlers<MediaCommands>, "open" | "renew" | "close" | "drain" | "health"> {
    return {
      open: ({ control, remote, lease, callid }) => {
        if (lease !== undefined) Leases.check(lease);
        if (this.#isDraining) {
          throw new MediaswitchError("MEDIA_DRAINING", "this server opens no more channels");
        }
        const { channel: number, port } = blaming(() => this.#engine.open(remote));
        const channel = new Channel(number, uuid(this.#random), control, callid);
        channel.format = remote?.formats[0]?.format ?? channel.format;
        this.#channels.add(channel);
        if (lease !== undefined) this.#leases.add(channel.uuid, lease);
        this.#log.debug({ port, ...channel.logged }, "channel opened");
        return { uuid: channel.uuid, ip: this.#advertised, port, channels: this.#load() };
      },
      renew: ({ holder }) => ({ channels: this.#leases.renew(holder) }),
      close: async ({ uuid }, signal) => {
        const channel = this.#channels.find(uuid);
        if (channel !== undefined) await this.#close(channel, "requested", signal);
        return { channels: this.#load() };
      },
      drain: ({ enabled }) => {
        this.#isDraining = enabled;
        return { channels: this.#load() };
      },
      health: () => this.#health(),
    };
  }

  #close(
    channel: Channel,
    reason: "requested" | "lease-expired",
    signal?: AbortSignal,
  ): Promise<NativeReply> {
    return this.#replies.ask((ticket) => {
      this.#engine.close(channel.number, reason, ticket);
    }, signal);
  }

  #expire(uuid: string): void {
    const channel = this.#channels.find(uuid);
    if (channel === undefined) return;
    this.#close(channel, "lease-expired").catch((error: unknown) => {
      this.#log.warn({ ...channel.logged, err: error }, "a channel whose lease ran out could not be closed");
    });
  }

  #health(): MediaHealth {
    const { channels, sockets, available, eventsLost } = this.#engine.health();
    const load = this.#meter.read();
    return {
      channels,
      sockets,
      available: this.#isDraining ? 0 : available,
      eventsLost,
      draining: this.#isDraining,
      ...(load === undefined ? {} : { load }),
      instance: this.#instance,
    };
  }

  #load(): EngineLoad {
    const { channels: active, available: room } = this.#engine.room();
    const draining = this.#isDraining;
    const available = draining ? 0 : room;
    const load = this.#meter.read();
    return load === undefined ? { active, available, draining } : { active, available, draining, load };
  }

  #take(events: readonly NativeEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "reply":
          this.#replies.take(event);
          break;
        case "readable":
        case "reader-ended":
        case "writable":
        case "writer-ended":
          this.#streams.take(event);
          break;
        case "closed":
        case "source-rejected":
        case "telephone-event":
        case "telephone-event-end":
        case "play":
        case "record":
        case "mix":
          this.#tell(event);
      }
    }
  }

  #tell(event: NativeChannelEvent): void {
    const channel = this.#channels.byNumber(event.channel);
    if (channel === undefined) return;
    if (event.type === "closed") {
      this.#channels.remove(channel);
      this.#log.debug({ reason: event.reason, ...channel.logged }, "channel closed");
      this.#leases.remove(channel.uuid);
    }
    const delivery = this.#events.send(channel.uuid, toldOf(channel, event)).catch((error: unknown) => {
      this.#log.warn({ ...channel.logged, event: event.type, err: error }, "a media event was not taken");
    });
    this.#deliveries.add(delivery);
    void delivery.then(() => this.#deliveries.delete(delivery));
  }
}

function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || /^[0:]+$/.test(address);
}
