/** Who hears what: computed from what phones say, what is played, and who is mixed with whom; and how long all that lasts. */
import type { Readable, Writable } from "node:stream";
import type { LiveAudioOptions } from "../control/app/live-audio.js";
import type { Clock } from "../core/clock.js";
import { formatSocketAddress } from "../core/socket-address.js";
import type { PlannedEntry } from "../rtp/sound-plan.js";
import type { FakeChannel } from "./fake-media-channel.js";
import { LiveOutput, readLive } from "./fake-live-audio.js";
import type { FakeMediaService } from "./fake-media-service.js";
import type { PhoneAudio, Sound } from "./phone-audio.js";
import { Playbacks } from "./playbacks.js";
import { Recorders, type TestRecording } from "./recorders.js";

export interface SoundFieldOptions {
  readonly media: FakeMediaService;
  readonly clock: Clock;
  /** Milliseconds of a file. */
  readonly lengthOf: (file: string) => number;
}

/** A ring of channels that echo each other ends somewhere. */
const MOST_HOPS = 8;

export class SoundField {
  readonly #options: SoundFieldOptions;
  /** By the address that they take audio at. */
  readonly #audios = new Map<string, PhoneAudio>();
  readonly #playbacks: Playbacks;
  readonly #recorders: Recorders;
  /** Keys of each channel that have been heard by its phone. */
  readonly #keysHeard = new WeakMap<FakeChannel, number>();

  readonly #outputs = new Map<FakeChannel, LiveOutput>();
  readonly #inputs = new Map<FakeChannel, Set<Readable>>();

  constructor(options: SoundFieldOptions) {
    const { clock, lengthOf } = options;
    this.#options = options;
    const changed = (): void => this.update();
    this.#playbacks = new Playbacks({ clock, lengthOf, changed });
    this.#recorders = new Recorders({
      clock,
      into: (channel) => this.#into(channel),
      outOf: (channel) => this.#outOf(channel),
      changed,
    });
  }

  /** A channel's audio as a stream of samples. */
  readLive(channel: FakeChannel, { samplerate = 8000, direction = "in" }: LiveAudioOptions): Readable {
    const { clock } = this.#options;
    const sounds = (): readonly Sound[] => [
      ...(direction === "out" ? [] : this.#into(channel)),
      ...(direction === "in" ? [] : this.#outOf(channel)),
    ];
    const stream = readLive({ clock, samplerate, sounds });
    const streams = this.#inputs.get(channel) ?? new Set();
    this.#inputs.set(channel, streams.add(stream));
    stream.once("close", () => streams.delete(stream));
    return stream;
  }

  /** A stream to be heard by the channel's far end, in place of what was. */
  writeLive(channel: FakeChannel, { samplerate = 8000 }: Pick<LiveAudioOptions, "samplerate">): Writable {
    channel.endPlay("replaced");
    this.#outputs.get(channel)?.stream.destroy();
    const output = new LiveOutput({
      clock: this.#options.clock,
      samplerate,
      ended: () => {
        if (this.#outputs.get(channel) === output) this.#outputs.delete(channel);
      },
    });
    this.#outputs.set(channel, output);
    return output.stream;
  }

  get recordings(): readonly TestRecording[] {
    return this.#recorders.recordings;
  }

  add(audio: PhoneAudio): void {
    this.#audios.set(formatSocketAddress(audio.local), audio);
  }

  heardBy(audio: PhoneAudio): readonly Sound[] {
    const channel = audio.hears ? this.#channelOf(audio) : undefined;
    return channel === undefined ? [] : [...new Set(this.#outOf(channel))];
  }

  /** Somebody says something else from now on. */
  spoken(): void {
    this.update();
  }

  pressed(audio: PhoneAudio, key: string): void {
    const channel = audio.sends ? this.#channelOf(audio) : undefined;
    if (channel === undefined) return;
    const isEvent = audio.sendsKeyEvents && channel.remote?.telephoneEvent !== undefined;
    if (isEvent) void channel.tell({ type: "telephone-event", event: key });
    else if (channel.isDetecting) void channel.tell({ type: "telephone-event", event: key, inband: true });
    if ((isEvent || channel.isDetecting) && channel.playing?.plan.interruptible === true) {
      channel.endPlay("telephone-event");
    }
    for (const other of channel.group) {
      const isHeard = other !== channel && (channel.audibleTo ?? other) === other;
      const heard = isHeard ? this.#audioOf(other) : undefined;
      if (heard !== undefined) heard.keys += key;
    }
    this.update();
  }

  released(audio: PhoneAudio, key: string, durationMillis: number): void {
    const channel = audio.sendsKeyEvents ? this.#channelOf(audio) : undefined;
    if (channel?.remote?.telephoneEvent === undefined) return;
    void channel.tell({ type: "telephone-event-end", event: key, durationMillis });
  }

  /** Takes note of what has changed: to be called after everything that happens. */
  update(): void {
    const channels = [...this.#options.media.channels.values()];
    for (const channel of channels) {
      this.#playbacks.update(channel);
      this.#recorders.update(channel);
      this.#deliverKeys(channel);
    }
    for (const [channel, streams] of this.#inputs) {
      if (channels.includes(channel)) continue;
      this.#inputs.delete(channel);
      for (const stream of streams) stream.push(null);
    }
    for (const [channel, output] of this.#outputs) if (!channels.includes(channel)) output.stream.destroy();
    for (const part of [this.#playbacks, this.#recorders]) {
      for (const channel of [...part.channels]) if (!channels.includes(channel)) part.update(channel);
    }
  }

  // The graph.

  #channelOf({ local, remote }: PhoneAudio): FakeChannel | undefined {
    if (remote?.address !== this.#options.media.ip) return undefined;
    for (const channel of this.#options.media.channels.values()) {
      if (channel.port !== remote.port) continue;
      return channel.remote?.address === local.address && channel.remote.port === local.port
        ? channel
        : undefined;
    }
    return undefined;
  }

  #audioOf(channel: FakeChannel): PhoneAudio | undefined {
    const { remote } = channel;
    const audio = remote === undefined ? undefined : this.#audios.get(formatSocketAddress(remote));
    return audio !== undefined && this.#channelOf(audio) === channel ? audio : undefined;
  }

  /** What comes in from its phone, or from another channel of the engine. */
  #into(channel: FakeChannel, hops = 0): readonly Sound[] {
    if (!channel.direction.recv || hops > MOST_HOPS) return [];
    const audio = this.#audioOf(channel);
    if (audio !== undefined) return audio.sends && audio.saying !== undefined ? [audio.saying] : [];
    const peer = this.#peerOf(channel);
    return peer === undefined ? [] : this.#outOf(peer, hops + 1);
  }

  /** The channel of this engine that it talks with. */
  #peerOf(channel: FakeChannel): FakeChannel | undefined {
    const { media } = this.#options;
    if (channel.remote?.address !== media.ip) return undefined;
    for (const other of media.channels.values()) {
      if (other.port !== channel.remote.port) continue;
      return other.remote?.address === media.ip && other.remote.port === channel.port ? other : undefined;
    }
    return undefined;
  }

  /** What goes out to its far end. */
  #outOf(channel: FakeChannel, hops = 0): readonly Sound[] {
    if (!channel.direction.send) return [];
    if (channel.group.size > 0) {
      return [...channel.group]
        .filter((other) => other !== channel && (other.audibleTo ?? channel) === channel)
        .flatMap((other) => this.#into(other, hops));
    }
    if (channel.isEchoing) return this.#into(channel, hops);
    const live = this.#outputs.get(channel)?.sound;
    if (live !== undefined) return [live];
    const entry = this.#playbacks.current(channel);
    return entry === undefined ? [] : soundsOf(entry);
  }

  #deliverKeys(channel: FakeChannel): void {
    const heard = this.#keysHeard.get(channel) ?? 0;
    if (heard === channel.digits.length) return;
    this.#keysHeard.set(channel, channel.digits.length);
    const audio = this.#audioOf(channel);
    if (audio !== undefined) audio.keys += channel.digits.slice(heard);
  }
}

function soundsOf(entry: PlannedEntry): readonly Sound[] {
  if (!("tone" in entry)) return [...entry.files.values()];
  return entry.tone.flatMap(({ waves }) => waves.map(({ from }) => from));
}
