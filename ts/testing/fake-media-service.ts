import { MediaswitchError, type ErrorCode } from "../core/errors.js";
import { OrderedDelivery } from "../core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import { FILE_PREFERENCE } from "../rtp/file-preference.js";
import { nativeDigits } from "../rtp/key-presses.js";
import { Leases } from "../rtp/leases.js";
import type {
  CloseReason,
  EngineLoad,
  Lease,
  MediaCommand,
  MediaCommands,
  MediaEvent,
  MediaService,
  RemoteMedia,
  SoundSoup,
} from "../rtp/media-service.js";
import { planPrompt, planRecording } from "../rtp/recording-plan.js";
import { planSoup, type SoundPlan } from "../rtp/sound-plan.js";
import { FakeChannel, NO_PACKETS } from "./fake-media-channel.js";

export interface FakeMediaOptions {
  readonly ip?: string;
  readonly capacity?: number;
  /** Sound files that are there; default every one. */
  readonly files?: readonly string[];
  /** Whether `commands` has what was asked for: default "all"; under load, "none". */
  readonly records?: "all" | "none";
}

/** A media engine without packets: keeps the books of a real one, records commands, and fails when told to. */
export class FakeMediaService implements MediaService {
  readonly commands: MediaCommand[] = [];
  readonly channels = new Map<string, FakeChannel>();
  readonly ip: string;
  /** Runs between the moment a channel is open and the moment its result is told; not awaited. */
  duringOpen: () => unknown = () => undefined;
  /** Port pairs altogether. */
  capacity: number;

  readonly #files: readonly string[] | undefined;
  readonly #records: "all" | "none";
  readonly #delivery = new OrderedDelivery<MediaEvent>();
  readonly #failures: { type: keyof MediaCommands; code: ErrorCode }[] = [];
  readonly #leases = new Map<string, Lease>();
  #isDraining = false;
  #opened = 0;

  constructor({ ip = "192.0.2.100", capacity = 1000, files, records = "all" }: FakeMediaOptions = {}) {
    this.ip = ip;
    this.#records = records;
    this.capacity = capacity;
    this.#files = files;
  }

  attach(sink: EventSink<MediaEvent>): void {
    this.#delivery.attach(sink);
  }

  async execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    if (this.#records === "all") this.commands.push(structuredClone(command) as MediaCommand);
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
  async closes(uuid: string, reason: Exclude<CloseReason, "requested" | "lease-expired">): Promise<void> {
    await this.#remove(this.#channel(uuid), reason);
  }

  /** The heartbeat of a holder has stopped for too long. */
  async expires(holder: string): Promise<void> {
    for (const [uuid, lease] of [...this.#leases]) {
      if (lease.holder === holder) await this.#remove(this.#channel(uuid), "lease-expired");
    }
  }

  emit(event: MediaEvent): Promise<void> {
    return this.#delivery.send(event.uuid, event);
  }

  get #load(): EngineLoad {
    return { active: this.channels.size, available: this.#available, draining: this.#isDraining };
  }

  get #available(): number {
    return this.#isDraining ? 0 : this.capacity - this.channels.size;
  }

  readonly #handlers: Handlers<MediaCommands> = {
    open: ({ control, remote, lease }) => {
      if (lease !== undefined) Leases.check(lease);
      if (this.#isDraining) throw new MediaswitchError("MEDIA_DRAINING", "no more channels are opened");
      if (this.channels.size >= this.capacity) {
        throw new MediaswitchError("MEDIA_OUT_OF_PORTS", "no port pair is free");
      }
      if (remote !== undefined) checkRemote(remote);
      this.#opened += 1;
      const uuid = `00000000-0000-4000-8000-${String(this.#opened).padStart(12, "0")}`;
      const port = 10_000 + 2 * ((this.#opened - 1) % 5000);
      void this.duringOpen();
      const opened = new FakeChannel({ uuid, port, control, remote }, (event) => this.emit(event));
      this.channels.set(uuid, opened);
      if (lease !== undefined) this.#leases.set(uuid, lease);
      return { uuid, ip: this.ip, port, channels: this.#load };
    },
    renew: ({ holder }) => ({
      channels: [...this.#leases.values()].filter((lease) => lease.holder === holder).length,
    }),
    target: ({ uuid, remote }) => {
      const channel = this.#channel(uuid);
      checkRemote(remote);
      channel.remote = remote;
      channel.direction = { send: true, recv: true };
      return {};
    },
    mix: ({ uuid, other }) => {
      this.#channel(uuid).mix(this.#channel(other));
      return {};
    },
    unmix: ({ uuid }) => {
      this.#channel(uuid).unmix();
      return {};
    },
    direction: ({ uuid, send = true, recv = true }) => {
      this.#channel(uuid).direction = { send, recv };
      return {};
    },
    whisper: ({ uuid, to }) => {
      const channel = this.#channel(uuid);
      channel.audibleTo = to === undefined ? undefined : this.#channel(to, "to");
      return {};
    },
    dtmf: ({ uuid, ...keys }) => {
      const channel = this.#channel(uuid);
      const { digits } = nativeDigits(keys);
      if (channel.remote?.telephoneEvent === undefined) {
        throw new MediaswitchError("MEDIA_STATE", "the far end takes no key presses");
      }
      channel.digits += digits;
      return {};
    },
    detect: ({ uuid, inband }) => {
      this.#channel(uuid).isDetecting = inband;
      return {};
    },
    echo: ({ uuid, enabled }) => {
      this.#channel(uuid).isEchoing = enabled;
      return {};
    },
    play: ({ uuid, soup }) => {
      const plan = this.#planned(soup, "soup");
      this.#channel(uuid).play(plan);
      return {};
    },
    stopplay: ({ uuid }) => {
      this.#channel(uuid).endPlay("stopped");
      return {};
    },
    pauseplay: ({ uuid }) => {
      this.#channel(uuid).pausePlay();
      return {};
    },
    resumeplay: ({ uuid }) => {
      this.#channel(uuid).resumePlay();
      return {};
    },
    record: ({ uuid, options }) => {
      const plan = planRecording(options);
      this.#channel(uuid).record(plan);
      return {};
    },
    playrecord: ({ uuid, options }) => {
      const plan = planPrompt(options);
      this.#planned(options.soup, "options.soup");
      this.#channel(uuid).playRecord(plan);
      return {};
    },
    close: ({ uuid }) => {
      const channel = this.channels.get(uuid);
      if (channel !== undefined) void this.#remove(channel, "requested");
      return { channels: this.#load };
    },
    statistics: ({ uuid }) => {
      this.#channel(uuid);
      return NO_PACKETS;
    },
    drain: ({ enabled }) => {
      this.#isDraining = enabled;
      return { channels: this.#load };
    },
    health: () => ({
      channels: this.channels.size,
      sockets: 2 * this.channels.size,
      available: this.#available,
      eventsLost: 0,
      draining: this.#isDraining,
    }),
  };

  #channel(uuid: string, field = "uuid"): FakeChannel {
    const channel = this.channels.get(uuid);
    if (channel === undefined)
      throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", `no channel ${uuid}`, field);
    return channel;
  }

  #planned(soup: SoundSoup, field: string): SoundPlan {
    const plan = planSoup(soup, field);
    const isThere = (name: string): boolean => this.#files?.includes(name) ?? true;
    if (plan.entries.some((entry) => "tone" in entry || [...entry.files.values()].some(isThere))) return plan;
    throw new MediaswitchError("MEDIA_FILE_UNKNOWN", "none of the files is there");
  }

  async #remove(channel: FakeChannel, reason: CloseReason): Promise<void> {
    this.channels.delete(channel.uuid);
    this.#leases.delete(channel.uuid);
    await channel.close(reason);
  }
}

function checkRemote({ address, port, formats, ptime = 20 }: RemoteMedia): void {
  if (!/^[0-9.]+$|:/.test(address)) throw invalid("an address has to be numeric", "remote.address");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid("a port is 1-65535", "remote.port");
  if (formats.length === 0) throw invalid("there has to be a format", "remote.formats");
  for (const { format } of formats) {
    if (!Object.hasOwn(FILE_PREFERENCE, format)) throw invalid("no such format", "remote.formats");
  }
  if (ptime < 10 || ptime > 60) throw invalid("ptime is 10-60", "remote.ptime");
}

const invalid = (message: string, field: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", message, field);
