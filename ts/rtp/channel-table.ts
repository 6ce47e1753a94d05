import { MediaswitchError } from "../core/errors.js";
import type { AudioFormat } from "./media-service.js";

/** A channel as this side of the addon knows it. */
export class Channel {
  /** The engine's name for it. */
  readonly number: number;
  readonly uuid: string;
  readonly control: string | undefined;
  /** Call-ID of the leg that it is of, for logs. */
  readonly callid: string | undefined;
  /** What we send it; files are chosen by that. */
  format: AudioFormat = "PCMU";
  /** Files of its recordings: name as it was given → the engine's path. */
  readonly recordings = new Map<string, string>();
  /** Settles when the commands given so far are done. */
  turn: Promise<unknown> = Promise.resolve();

  constructor(number: number, uuid: string, control: string | undefined, callid?: string) {
    this.number = number;
    this.uuid = uuid;
    this.control = control;
    this.callid = callid;
  }

  /** What every line of the log that is about it has. */
  get logged(): { readonly callid?: string; readonly channel: string } {
    const { callid, uuid: channel } = this;
    return callid === undefined ? { channel } : { callid, channel };
  }

  /** The name under which somebody asked for the recording, the last where there were several. */
  recordingName(path: string): string {
    const names = [...this.recordings].filter(([, other]) => other === path);
    return names.at(-1)?.[0] ?? path;
  }
}

/** The open channels, by both of their names. */
export class ChannelTable {
  readonly #byUuid = new Map<string, Channel>();
  readonly #byNumber = new Map<number, Channel>();

  add(channel: Channel): void {
    this.#byUuid.set(channel.uuid, channel);
    this.#byNumber.set(channel.number, channel);
  }

  remove(channel: Channel): void {
    this.#byUuid.delete(channel.uuid);
    this.#byNumber.delete(channel.number);
  }

  /** @throws {MediaswitchError} MEDIA_CHANNEL_UNKNOWN; `field` says where its uuid was named. */
  get(uuid: string, field = "uuid"): Channel {
    return this.#byUuid.get(uuid) ?? unknownChannel(uuid, field);
  }

  find(uuid: string): Channel | undefined {
    return this.#byUuid.get(uuid);
  }

  byNumber(number: number): Channel | undefined {
    return this.#byNumber.get(number);
  }
}

export function unknownChannel(uuid: string, field = "uuid"): never {
  throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", `there is no channel ${uuid}`, field);
}
