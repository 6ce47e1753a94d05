import { MediaswitchError } from "../core/errors.js";
import { remoteMedia } from "../control/codecs.js";
import type {
  ChannelStatistics,
  MediaCommands,
  MediaEvent,
  PlayEndReason,
  RecordEndReason,
  RecordOptions,
  SoundSoup,
} from "../rtp/media-service.js";
import type { Command } from "../core/service.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { Direction } from "../sdp/session-description.js";
import { AudioNegotiation } from "./audio-negotiation.js";
import type { CallAudio } from "./call-audio.js";
import type { Changes, Waiting } from "./changes.js";
import type { PhoneMedia } from "./phone-media.js";

export interface Recorded {
  readonly file: string;
  readonly reason: RecordEndReason;
  readonly durationMillis: number;
  readonly filesize: number;
}

const MOST_KEYS = 1000;

export interface PhoneChannelOptions {
  readonly media: PhoneMedia;
  readonly codecs: readonly CodecName[];
  readonly changes: Changes;
}

/** Ear and mouth of one call: a channel of the media engine, which follows what the call's signalling agrees on. */
export class PhoneChannel implements CallAudio {
  /** Keys that were pressed towards it, in order, the first thousand. */
  keys = "";

  readonly #options: PhoneChannelOptions;
  /** Why playbacks ended, in the order in which they were begun; undefined: not yet. */
  readonly #playbacks: { ended: PlayEndReason | undefined }[] = [];
  readonly #recorded = new Map<string, Recorded>();
  #opening: Promise<void> | undefined;
  #uuid: string | undefined;
  #negotiation: AudioNegotiation | undefined;
  #wants: Direction = "sendrecv";
  #statistics: ChannelStatistics | undefined;
  #failure: unknown;

  constructor(options: PhoneChannelOptions) {
    this.#options = options;
  }

  /** Takes its port; a second time it does nothing. @throws {MediaswitchError} of the engine. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    const { media, codecs } = this.#options;
    const { uuid, ip, port } = await media.service.execute({ type: "open" });
    this.#uuid = uuid;
    media.watch(uuid, (event) => {
      this.#take(event);
      this.#options.changes.happened();
    });
    this.#negotiation = new AudioNegotiation({ address: ip, port }, codecs);
    this.#negotiation.wants = this.#wants;
  }

  // What signalling asks.

  get wants(): Direction {
    return this.#wants;
  }
  set wants(wants: Direction) {
    this.#wants = wants;
    if (this.#negotiation !== undefined) this.#negotiation.wants = wants;
  }
  offer(): string {
    return this.#negotiating.offer();
  }
  answer(offer: string): string | undefined {
    const answer = this.#negotiating.answer(offer);
    if (answer !== undefined) this.#follow();
    return answer;
  }
  take(answer: string): boolean {
    const isTaken = this.#negotiating.take(answer);
    if (isTaken) this.#follow();
    return isTaken;
  }

  /** What is sent; undefined before anything is agreed on. */
  get codec(): CodecName | undefined {
    return this.#negotiation?.agreed?.formats[0]?.codec;
  }
  /** Where audio goes to. */
  get remote(): { readonly address: string; readonly port: number } | undefined {
    return this.#negotiation?.agreed?.remote;
  }
  get sendsKeyEvents(): boolean {
    return this.#negotiation?.agreed?.telephoneEvent !== undefined;
  }

  // What its user asks.

  /**
   * @returns why it ended.
   * @throws {MediaswitchError} ABORTED by the signal, which stops it; those of the engine.
   */
  async play(soup: SoundSoup, { signal }: Pick<Waiting, "signal"> = {}): Promise<PlayEndReason> {
    const playback: { ended: PlayEndReason | undefined } = { ended: undefined };
    this.#playbacks.push(playback);
    try {
      await this.#execute({ type: "play", uuid: this.#id, soup });
      return await this.#options.changes.until(() => playback.ended, "the end of what is played", {
        signal,
        within: Number.POSITIVE_INFINITY,
      });
    } catch (error) {
      if (signal?.aborted === true) await this.stopPlay();
      else this.#playbacks.splice(this.#playbacks.indexOf(playback), 1);
      throw error;
    }
  }

  async stopPlay(): Promise<void> {
    if (this.#statistics === undefined) await this.#execute({ type: "stopplay", uuid: this.#id });
  }

  async record(options: RecordOptions): Promise<void> {
    this.#recorded.delete(options.file);
    await this.#execute({ type: "record", uuid: this.#id, options });
  }

  /** Ends a recording, unless it has ended. @returns what became of it. */
  async finishRecording(file: string, waiting: Waiting = {}): Promise<Recorded> {
    if (!this.#recorded.has(file)) {
      await this.#execute({ type: "record", uuid: this.#id, options: { file, finish: true } });
    }
    return this.#options.changes.until(() => this.#recorded.get(file), `the end of ${file}`, waiting);
  }

  /** Sends key presses (RFC 4733). */
  async press(digits: string): Promise<void> {
    await this.#execute({ type: "dtmf", uuid: this.#id, digits });
  }

  /** From now on it says what it hears, or does so no more. */
  async echo({ enabled }: { readonly enabled: boolean }): Promise<void> {
    await this.#execute({ type: "echo", uuid: this.#id, enabled });
  }

  /** The books of the channel; those at its end once it is closed. */
  async statistics(): Promise<ChannelStatistics> {
    return this.#statistics ?? this.#execute({ type: "statistics", uuid: this.#id });
  }

  /** Gives its port back. @returns its books; undefined where it never was open. */
  async close(): Promise<ChannelStatistics | undefined> {
    if (this.#opening === undefined) return undefined;
    await this.#opening.catch(() => undefined);
    if (this.#uuid === undefined) return undefined;
    if (this.#statistics === undefined) {
      await this.#options.media.service.execute({ type: "close", uuid: this.#uuid });
    }
    return this.#options.changes.until(() => this.#statistics, "the end of the media channel");
  }

  get #negotiating(): AudioNegotiation {
    if (this.#negotiation === undefined) throw noChannel();
    return this.#negotiation;
  }

  /** Commands of one channel are carried out in their order, so nobody waits for this one. */
  #follow(): void {
    const agreed = this.#negotiation?.agreed;
    if (agreed === undefined) return;
    const command = { type: "target", uuid: this.#id, remote: remoteMedia(agreed) } as const;
    this.#execute(command).catch((error: unknown) => {
      this.#failure = error;
      this.#options.changes.happened();
    });
  }

  get #id(): string {
    if (this.#uuid === undefined) throw noChannel();
    return this.#uuid;
  }

  /** @throws {MediaswitchError} also what an earlier change of the far end was refused with. */
  #execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
  ): Promise<MediaCommands[Type]["result"]> {
    if (this.#failure instanceof Error) return Promise.reject(this.#failure);
    return this.#options.media.service.execute(command);
  }

  #take(event: MediaEvent): void {
    switch (event.type) {
      case "telephone-event":
        if (this.keys.length < MOST_KEYS) this.keys += event.event;
        return;
      case "play":
        if (event.event === "end") this.#playbackEnded(event.reason);
        return;
      case "record":
        if (event.event === "finished") {
          const { file, reason, durationMillis, filesize } = event;
          this.#recorded.set(file, { file, reason, durationMillis, filesize });
        }
        return;
      case "closed":
        this.#statistics = event.statistics;
        while (this.#playbacks.length > 0) this.#playbackEnded("channelclosed");
        return;
      case "telephone-event-end":
      case "source-rejected":
      case "mix":
    }
  }

  #playbackEnded(reason: PlayEndReason): void {
    const playback = this.#playbacks.shift();
    if (playback !== undefined) playback.ended = reason;
  }
}

const noChannel = (): MediaswitchError =>
  new MediaswitchError("CALL_STATE", "the call has no media channel yet: it has to be opened first");
