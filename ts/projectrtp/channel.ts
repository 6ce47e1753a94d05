/** One channel with the original's methods: each says at once whether it was understood, and is carried out in turn. */
import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Readable as ReadableStream, Writable as WritableStream } from "node:stream";
import type { Log } from "../core/log.js";
import type { Command } from "../core/service.js";
import type { ReadOptions, WriteOptions } from "../rtp/live-format.js";
import type {
  MediaCommands,
  MediaEvent,
  PlayRecordOptions,
  RecordOptions,
  SoundEntry,
  SoundFileKey,
  SoundSoup,
} from "../rtp/media-service.js";
import type { NativeMediaService } from "../rtp/native-media-service.js";
import { planPrompt, planRecording } from "../rtp/recording-plan.js";
import { planSoup } from "../rtp/sound-plan.js";
import { channelEvent, type ChannelEvent } from "./channel-event.js";
import { farEnd, type PayloadTypes, type RemoteOptions } from "./far-end.js";
import type { Groups } from "./groups.js";

export interface LocalSide {
  readonly port: number;
  /** As `setaddress` has it. */
  readonly address: string;
  readonly privateaddress: string;
  /** Nobody is asked for it yet: ICE is not supported. */
  readonly icepwd: string;
  readonly dtls: { readonly fingerprint: string; readonly enabled: false; readonly icepwd: string };
}

export type ChannelCallback = (event: ChannelEvent) => void;

export interface DirectionOptions {
  readonly send?: boolean;
  readonly recv?: boolean;
}

export interface OpenOptions extends PayloadTypes {
  readonly id?: string;
  readonly remote?: RemoteOptions;
  readonly local?: { readonly icepwd?: unknown };
  readonly direction?: DirectionOptions;
  /** Taken, and without a meaning here: all channels are local ones. */
  readonly forcelocal?: boolean;
  readonly nodeinstance?: string;
}

/** The options, or the callback. */
export type OpenChannel = (
  options?: OpenOptions | ChannelCallback,
  callback?: ChannelCallback,
) => Promise<Channel>;

export interface ChannelSettings {
  readonly service: NativeMediaService;
  readonly uuid: string;
  readonly id: string;
  readonly local: LocalSide;
  readonly payloadTypes: PayloadTypes;
  readonly groups: Groups<Channel>;
  readonly openchannel: OpenChannel;
  readonly log: Log;
}

const KEYS = /^[0-9*#A-D]+$/;

export class Channel {
  readonly id: string;
  readonly uuid: string;
  readonly local: LocalSide;
  /** `all` with every event, then the event's action. */
  readonly em = new EventEmitter();
  readonly openchannel: OpenChannel;
  readonly #settings: ChannelSettings;
  #isOpen = true;
  #closedBecause: string | undefined;
  #direction: DirectionOptions | undefined;
  readonly #underWay = new Set<Promise<void>>();
  /** Path as the engine has it → the name that it was given by. */
  readonly #names = new Map<string, string>();

  constructor(settings: ChannelSettings) {
    this.#settings = settings;
    this.id = settings.id;
    this.uuid = settings.uuid;
    this.local = settings.local;
    this.openchannel = settings.openchannel;
  }

  /** @param reason what the close event says; options of the original's remote channels are taken, and mean nothing. */
  close(reason?: string | { readonly timeout?: number }): boolean {
    if (!this.#isOpen) return false;
    if (typeof reason === "string") this.#closedBecause = reason;
    this.#settings.groups.leave(this);
    // What was asked for before is done before: a recording that was just begun has its file.
    void Promise.allSettled(this.#underWay).then(() => this.#tell({ type: "close", uuid: this.uuid }));
    return true;
  }

  /** Names the far end, and lets the switch learn anew where it really sends from. @throws {NotSupportedYet} */
  remote(options: RemoteOptions): boolean {
    const remote = farEnd(options, this.#settings.payloadTypes);
    if (remote === undefined) return false;
    const isTold = this.#tell({ type: "target", uuid: this.uuid, remote });
    if (isTold && this.#direction !== undefined) this.direction(this.#direction);
    return isTold;
  }

  /** False where each of the two is mixed with others. */
  mix(other: Channel): boolean {
    if (!this.#isOpen || !other.#isOpen) return false;
    if (other === this) return true;
    const { groups } = this.#settings;
    if (groups.areTogether(this, other)) {
      this.emit({ action: "mix", event: "start" });
      other.emit({ action: "mix", event: "start" });
      return true;
    }
    return groups.join(this, other) && this.#tell({ type: "mix", uuid: this.uuid, other: other.uuid });
  }

  unmix(): boolean {
    this.#settings.groups.leave(this);
    return this.#tell({ type: "unmix", uuid: this.uuid });
  }

  dtmf(digits: string): boolean {
    return KEYS.test(digits) && this.#tell({ type: "dtmf", uuid: this.uuid, digits });
  }

  echo(isOn = true): boolean {
    return this.#tell({ type: "echo", uuid: this.uuid, enabled: isOn });
  }

  direction(direction: DirectionOptions = {}): boolean {
    const { send = true, recv = true } = direction;
    this.#direction = { send, recv };
    return this.#tell({ type: "direction", uuid: this.uuid, send, recv });
  }

  /** The soup itself, or an object that has it. Entries of which no file is there are passed over. */
  play(given: SoundSoup | { readonly soup: SoundSoup }): boolean {
    const soup = this.#soup(given);
    if (soup === undefined || this.#settings.groups.isIn(this)) return false;
    return this.#tell({ type: "play", uuid: this.uuid, soup });
  }

  stopplay(): boolean {
    return this.#tell({ type: "stopplay", uuid: this.uuid });
  }
  pauseplay(): boolean {
    return this.#tell({ type: "pauseplay", uuid: this.uuid });
  }
  resumeplay(): boolean {
    return this.#tell({ type: "resumeplay", uuid: this.uuid });
  }

  record(given: RecordOptions): boolean {
    const options = this.#recording(given);
    if (options === undefined || !isRight(() => planRecording(options))) return false;
    return this.#tell({ type: "record", uuid: this.uuid, options });
  }

  playrecord(given: PlayRecordOptions): boolean {
    const soup = this.#soup(given.soup);
    const record = this.#recording(given.record);
    if (soup === undefined || record === undefined || this.#settings.groups.isIn(this)) return false;
    const options = { ...given, soup, record };
    if (!isRight(() => planPrompt(options))) return false;
    return this.#tell({ type: "playrecord", uuid: this.uuid, options });
  }

  /** Frames of 20 ms, silence too. One that can't be had is destroyed with the reason. */
  createReadStream(options: ReadOptions = {}): Readable {
    try {
      return this.#settings.service.createReadStream(this.uuid, options);
    } catch (error) {
      return failed(new ReadableStream({ read: () => undefined }), error);
    }
  }

  /** 16-bit samples at 8 kHz unless the options say 16. */
  createWriteStream(options: WriteOptions = {}): Writable {
    try {
      return this.#settings.service.createWriteStream(this.uuid, options);
    } catch (error) {
      return failed(new WritableStream({ write: (_chunk, _encoding, done) => done() }), error);
    }
  }

  /** Part of `ProjectRtp`: an event of the engine. */
  take(event: MediaEvent): void {
    if (event.type === "closed") {
      this.#isOpen = false;
      this.#settings.groups.leave(this);
    }
    const named =
      event.type === "record" ? { ...event, file: this.#names.get(event.file) ?? event.file } : event;
    const told = channelEvent(named, this.#closedBecause);
    if (told !== undefined) this.emit(told);
  }

  /** A listener that throws does so where the process sees it, and keeps nothing from going on. */
  emit(event: ChannelEvent): void {
    try {
      this.em.emit("all", event);
      this.em.emit(event.action, event);
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }

  #tell(command: Command<MediaCommands>): boolean {
    if (!this.#isOpen) return false;
    const { service, log } = this.#settings;
    const done = service.execute(command).then(
      () => undefined,
      (error: unknown) => {
        log.debug({ channel: this.uuid, command: command.type, err: error }, "a channel could not do this");
      },
    );
    this.#underWay.add(done);
    void done.then(() => this.#underWay.delete(done));
    return true;
  }

  /** What of it is there, with whole paths; undefined where that is nothing. */
  #soup(given: SoundSoup | { readonly soup: SoundSoup } | undefined): SoundSoup | undefined {
    const soup = given !== undefined && "soup" in given ? given.soup : given;
    if (!Array.isArray(soup?.files)) return undefined;
    const files = (soup.files as readonly SoundEntry[]).flatMap((entry): SoundEntry[] => {
      if ("tone" in entry) return [entry];
      const { start, stop, loop, ...sounds } = entry;
      const there = Object.entries(sounds).filter(([, name]) => existsSync(name));
      if (there.length === 0) return [];
      const whole: Partial<Record<SoundFileKey, string>> = Object.fromEntries(
        there.map(([key, name]) => [key, resolve(name)]),
      );
      return [
        {
          ...whole,
          ...(start !== undefined && { start }),
          ...(stop !== undefined && { stop }),
          ...(loop !== undefined && { loop: atLeastOnce(loop) }),
        },
      ];
    });
    const { loop, ...rest } = soup;
    const found: SoundSoup = { ...rest, ...(loop !== undefined && { loop: atLeastOnce(loop) }), files };
    return files.length > 0 && isRight(() => planSoup(found)) ? found : undefined;
  }

  #recording(given: RecordOptions | undefined): RecordOptions | undefined {
    if (typeof given?.file !== "string" || given.file === "") return undefined;
    const file = resolve(given.file);
    this.#names.set(file, given.file);
    return { ...given, file };
  }
}

/** The original plays once where it is told to play 0 times. */
const atLeastOnce = (loop: boolean | number): boolean | number => (loop === 0 ? 1 : loop);

function isRight(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

function failed<Stream extends Readable | Writable>(stream: Stream, error: unknown): Stream {
  setImmediate(() => stream.destroy(error instanceof Error ? error : new Error(String(error))));
  return stream;
}
