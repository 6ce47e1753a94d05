/**
 * The voice and the ear of a room: two channels of the media server that send to each other, one of them a member of the
 * room. What the other one plays the room hears, and what the room says it hears, so that it can be recorded.
 */
import { MediaswitchError } from "../../../core/errors.js";
import type { MediaEvent, RemoteMedia, SoundSoup } from "../../../rtp/media-service.js";
import type { RecordingResult } from "../../app/verb-options.js";
import { leaseChannels } from "../../channel.js";
import type { Desk } from "../../desk.js";

/** The two lose nothing on their way to each other. */
const FORMATS: RemoteMedia["formats"] = [{ payloadType: 96, format: "L16/16000" }];
/** A channel that hears nothing for 20 s is closed by the server. */
const SILENCE: SoundSoup = { files: [{ tone: "0:10000" }], loop: true };

interface End {
  readonly uuid: string;
  readonly ip: string;
  readonly port: number;
}

export class Booth {
  /** The channel that is to be a member of the room. */
  readonly uuid: string;
  readonly #desk: Desk;
  readonly #speaker: string;
  /** Told of the end of what is played. */
  #played: (() => void) | undefined;
  #recording: { readonly file: string; readonly settle: (result: RecordingResult) => void } | undefined;
  #isClosed = false;

  private constructor(desk: Desk, member: End, speaker: End) {
    this.#desk = desk;
    this.uuid = member.uuid;
    this.#speaker = speaker.uuid;
    desk.serviceChannels.set(member.uuid, (event) => {
      if (event.type === "closed") void this.close();
    });
    desk.serviceChannels.set(speaker.uuid, (event) => {
      this.#onEvent(event);
    });
    leaseChannels(desk);
  }

  /** @param near a channel of the room: the booth has to be on the same server. */
  static async open(desk: Desk, near: string): Promise<Booth> {
    const { controlUrl: control, lease } = desk;
    const open = (): Promise<End> =>
      desk.media.execute({
        type: "open",
        near,
        ...(control !== undefined && { control }),
        ...(lease !== undefined && { lease: lease.terms }),
      });
    const member = await open();
    let speaker: End;
    try {
      speaker = await open();
    } catch (error) {
      await desk.media.execute({ type: "close", uuid: member.uuid });
      throw error;
    }
    const booth = new Booth(desk, member, speaker);
    const towards = ({ ip: address, port }: End): RemoteMedia => ({ address, port, formats: FORMATS });
    try {
      await desk.media.execute({ type: "target", uuid: member.uuid, remote: towards(speaker) });
      await desk.media.execute({ type: "target", uuid: speaker.uuid, remote: towards(member) });
    } catch (error) {
      await booth.close();
      throw error;
    }
    return booth;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Settles when it has been played, whatever came of it; rejects when it can't be. */
  async play(soup: SoundSoup): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#played = resolve;
    });
    // What was played before ends with an event of its own, before this one starts.
    await this.#command({ type: "stopplay", uuid: this.#speaker });
    await this.#command({ type: "play", uuid: this.#speaker, soup });
    await ended;
    if (this.#recording !== undefined && !this.#isClosed) await this.#keepAlive();
  }

  /** @returns settles when it has begun; the result when it has ended. */
  async record(file: string): Promise<{ readonly finished: Promise<RecordingResult> }> {
    const finished = new Promise<RecordingResult>((settle) => {
      this.#recording = { file, settle };
    });
    try {
      await this.#command({
        type: "record",
        uuid: this.#speaker,
        options: { file, numchannels: 1, direction: "both" },
      });
      if (this.#played === undefined) await this.#keepAlive();
    } catch (error) {
      this.#recording = undefined;
      throw error;
    }
    return { finished };
  }

  async control(options: { readonly pause?: boolean; readonly finish?: boolean }): Promise<void> {
    const file = this.#recording?.file;
    if (file === undefined) return;
    await this.#command({ type: "record", uuid: this.#speaker, options: { file, ...options } });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#played?.();
    for (const uuid of [this.uuid, this.#speaker]) {
      try {
        await this.#desk.media.execute({ type: "close", uuid });
      } catch (error) {
        this.#desk.log.warn({ channel: uuid, err: error }, "a channel of a room could not be closed");
        this.#desk.serviceChannels.delete(uuid);
      }
    }
    this.#desk.serviceChannels.delete(this.uuid);
    leaseChannels(this.#desk);
  }

  async #keepAlive(): Promise<void> {
    await this.#command({ type: "play", uuid: this.#speaker, soup: SILENCE });
  }

  async #command(command: Parameters<Desk["media"]["execute"]>[0]): Promise<void> {
    if (this.#isClosed) throw new MediaswitchError("MEDIA_UNAVAILABLE", "the room's own channel was closed");
    await this.#desk.media.execute(command);
  }

  #onEvent(event: MediaEvent): void {
    if (event.type === "play" && event.event === "end") this.#onPlayed(event.reason);
    if (event.type === "record" && event.event === "finished") {
      const { file, reason, filesize: size, durationMillis: duration } = event;
      const ended =
        reason === "requested" ? "stopped" : reason === "channelclosed" ? "callended" : "write-failed";
      this.#recording?.settle({ file, ended, size, duration });
      this.#recording = undefined;
    }
    if (event.type !== "closed") return;
    this.#recording?.settle({
      file: this.#recording.file,
      ended: "callended",
      size: undefined,
      duration: undefined,
    });
    this.#recording = undefined;
    this.#desk.serviceChannels.delete(this.#speaker);
    leaseChannels(this.#desk);
    void this.close();
  }

  #onPlayed(reason: string): void {
    // The silence that made room for what is played now.
    if (reason === "stopped") return;
    const played = this.#played;
    this.#played = undefined;
    played?.();
  }
}
