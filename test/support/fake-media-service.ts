import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";
import { OrderedDelivery } from "../../ts/core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../../ts/core/service.js";
import type {
  ChannelStatistics,
  EngineLoad,
  MediaCommand,
  MediaCommands,
  MediaEvent,
  MediaService,
  RemoteMedia,
} from "../../ts/rtp/media-service.js";

export interface FakeChannel {
  readonly uuid: string;
  readonly port: number;
  readonly control: string | undefined;
  remote: RemoteMedia | undefined;
  /** Uuid of the channel it is bridged with. */
  mixedWith: string | undefined;
}

const NO_PACKETS: ChannelStatistics = {
  received: { packets: 0, octets: 0, lost: 0, jitterMillis: 0 },
  sent: { packets: 0, octets: 0 },
  dropped: {},
};

/** A media engine without packets: keeps the books of a real one, records commands, and fails when told to. */
export class FakeMediaService implements MediaService {
  readonly commands: MediaCommand[] = [];
  readonly channels = new Map<string, FakeChannel>();
  readonly ip: string;
  /** Runs between the moment a channel is open and the moment its result is told; not awaited. */
  duringOpen: () => unknown = () => undefined;
  /** Port pairs altogether. */
  capacity: number;

  readonly #delivery = new OrderedDelivery<MediaEvent>();
  readonly #failures: { type: keyof MediaCommands; code: ErrorCode }[] = [];
  #opened = 0;

  constructor(options: { readonly ip?: string; readonly capacity?: number } = {}) {
    this.ip = options.ip ?? "192.0.2.100";
    this.capacity = options.capacity ?? 1000;
  }

  attach(sink: EventSink<MediaEvent>): void {
    this.#delivery.attach(sink);
  }

  async execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    this.commands.push(structuredClone(command) as MediaCommand);
    const index = this.#failures.findIndex(({ type }) => type === command.type);
    const [failure] = index === -1 ? [] : this.#failures.splice(index, 1);
    if (failure !== undefined) throw new MediaswitchError(failure.code, `told to fail: ${failure.type}`);
    return dispatch(this.#handlers, command, signal);
  }

  /** The next command of this type is refused. */
  failNext(type: keyof MediaCommands, code: ErrorCode): void {
    this.#failures.push({ type, code });
  }

  /** The names of the commands so far, and what each was about. */
  commandsOf<Type extends keyof MediaCommands>(type: Type): Extract<MediaCommand, { type: Type }>[] {
    return this.commands.filter((command) => command.type === type) as Extract<
      MediaCommand,
      { type: Type }
    >[];
  }

  /** The engine closes a channel by itself. */
  async closes(uuid: string, reason: "idle-timeout" | "shutdown" | "error"): Promise<void> {
    this.#channel(uuid);
    await this.#remove(uuid, reason);
  }

  emit(event: MediaEvent): Promise<void> {
    return this.#delivery.send(event.uuid, event);
  }

  get #load(): EngineLoad {
    return { active: this.channels.size, available: this.capacity - this.channels.size };
  }

  readonly #handlers: Handlers<MediaCommands> = {
    open: ({ control, remote }) => {
      if (this.channels.size >= this.capacity) {
        throw new MediaswitchError("MEDIA_OUT_OF_PORTS", "no port pair is free");
      }
      if (remote !== undefined) checkRemote(remote);
      this.#opened += 1;
      const uuid = `00000000-0000-4000-8000-${String(this.#opened).padStart(12, "0")}`;
      const port = 10_000 + 2 * ((this.#opened - 1) % 5000);
      void this.duringOpen();
      this.channels.set(uuid, { uuid, port, control, remote, mixedWith: undefined });
      return { uuid, ip: this.ip, port, channels: this.#load };
    },
    target: ({ uuid, remote }) => {
      const channel = this.#channel(uuid);
      checkRemote(remote);
      channel.remote = remote;
      return {};
    },
    mix: ({ uuid, other }) => {
      const [one, two] = [this.#channel(uuid), this.#channel(other)];
      if (uuid === other) return {};
      this.#unmix(one);
      this.#unmix(two);
      one.mixedWith = other;
      two.mixedWith = uuid;
      return {};
    },
    unmix: ({ uuid }) => {
      this.#unmix(this.#channel(uuid));
      return {};
    },
    close: ({ uuid }) => {
      if (this.channels.has(uuid)) void this.#remove(uuid, "requested");
      return { channels: this.#load };
    },
    statistics: ({ uuid }) => {
      this.#channel(uuid);
      return NO_PACKETS;
    },
    health: () => ({
      channels: this.channels.size,
      sockets: 2 * this.channels.size,
      available: this.capacity - this.channels.size,
      eventsLost: 0,
    }),
  };

  #channel(uuid: string): FakeChannel {
    const channel = this.channels.get(uuid);
    if (channel === undefined)
      throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", `no channel ${uuid}`, "uuid");
    return channel;
  }

  #unmix(channel: FakeChannel): void {
    const peer = channel.mixedWith === undefined ? undefined : this.channels.get(channel.mixedWith);
    channel.mixedWith = undefined;
    if (peer?.mixedWith === channel.uuid) peer.mixedWith = undefined;
  }

  async #remove(uuid: string, reason: Extract<MediaEvent, { type: "closed" }>["reason"]): Promise<void> {
    const channel = this.#channel(uuid);
    this.#unmix(channel);
    this.channels.delete(uuid);
    const { control } = channel;
    await this.emit({
      type: "closed",
      uuid,
      reason,
      statistics: NO_PACKETS,
      ...(control !== undefined && { control }),
    }).catch(() => undefined);
  }
}

function checkRemote({ address, port, formats, ptime = 20 }: RemoteMedia): void {
  if (!/^[0-9.]+$|:/.test(address)) throw invalid("an address has to be numeric", "remote.address");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid("a port is 1-65535", "remote.port");
  if (formats.length === 0) throw invalid("there has to be a format", "remote.formats");
  if (ptime < 10 || ptime > 60) throw invalid("ptime is 10-60", "remote.ptime");
}

const invalid = (message: string, field: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, field);
