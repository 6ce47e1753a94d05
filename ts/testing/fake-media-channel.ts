import { MediaswitchError } from "../core/errors.js";
import type {
  CloseReason,
  ChannelStatistics,
  MediaEvent,
  PlayEndReason,
  RecordEndReason,
  RemoteMedia,
} from "../rtp/media-service.js";
import type { PromptPlan, RecordingPlan, RecordingSettings } from "../rtp/recording-plan.js";
import type { SoundPlan } from "../rtp/sound-plan.js";

type ChannelEvent<Event = MediaEvent> = Event extends MediaEvent ? Omit<Event, "uuid" | "control"> : never;

export interface Playing {
  readonly plan: SoundPlan;
  isPaused: boolean;
  /** Recorder that begins when it ends. */
  readonly next: string | undefined;
}

/** Octets of a WAV header, and of a millisecond of one channel of 8 kHz. */
const WAV_HEADER = 44;
const OCTETS_PER_MILLI = 16;

const UNKNOWN = { lost: null, jitterMillis: null, rFactor: null, mos: null };

export const NO_PACKETS: ChannelStatistics = {
  datagrams: 0,
  forwarded: 0,
  consumed: 0,
  received: { ...UNKNOWN, packets: 0, octets: 0, lost: 0, jitterMillis: 0 },
  sent: { ...UNKNOWN, packets: 0, octets: 0 },
  roundTripMillis: null,
  dropped: {},
  tick: { count: 0, meanUs: 0, maxUs: 0 },
};

/** A channel without packets: what it plays and records goes on until a test says that it ends. */
export class FakeChannel {
  readonly uuid: string;
  readonly port: number;
  readonly control: string | undefined;
  remote: RemoteMedia | undefined;
  /** Those it is in a group with, itself among them; empty: alone. */
  group = new Set<FakeChannel>();
  direction = { send: true, recv: true };
  /** Who alone hears what it says; undefined: everybody. */
  audibleTo: FakeChannel | undefined;
  isEchoing = false;
  isDetecting = false;
  /** Keys sent so far. */
  digits = "";
  playing: Playing | undefined;
  readonly recorders = new Map<string, "waiting" | "recording" | "paused">();
  /** What those were asked for. */
  readonly settings = new Map<string, RecordingSettings>();
  /** Milliseconds recorded into a file so far; whoever keeps the time knows better than this. */
  recordedMillis: (file: string) => number = () => 0;

  readonly #tell: (event: MediaEvent) => Promise<void>;

  constructor(
    { uuid, port, control, remote }: Pick<FakeChannel, "uuid" | "port" | "control" | "remote">,
    tell: (event: MediaEvent) => Promise<void>,
  ) {
    this.uuid = uuid;
    this.port = port;
    this.control = control;
    this.remote = remote;
    this.#tell = tell;
  }

  tell(event: ChannelEvent): Promise<void> {
    const { uuid, control } = this;
    const told = control === undefined ? { uuid, ...event } : { uuid, control, ...event };
    return this.#tell(told).catch(() => undefined);
  }

  /** Both are in one group from now on. */
  mix(other: FakeChannel): void {
    if (this === other) return;
    if (this.group.size > 0 && other.group.size > 0 && this.group !== other.group) {
      throw new MediaswitchError("MEDIA_MIXED_ELSEWHERE", "each is in a group with others", "other");
    }
    const group =
      this.group.size > 0 ? this.group : other.group.size > 0 ? other.group : new Set<FakeChannel>();
    for (const channel of [this, other]) {
      group.add(channel);
      channel.group = group;
      channel.isEchoing = false;
      channel.endPlay("mix");
      void channel.tell({ type: "mix", event: "start" });
    }
  }

  unmix(): void {
    const { group } = this;
    if (group.size === 0) return;
    group.delete(this);
    const [last] = group;
    const leavers: FakeChannel[] = group.size === 1 && last !== undefined ? [this, last] : [this];
    for (const channel of leavers) {
      channel.group = new Set();
      void channel.tell({ type: "mix", event: "finished" });
    }
  }

  play(plan: SoundPlan, next?: string): void {
    if (this.group.size > 0)
      throw new MediaswitchError("MEDIA_MIXED", "the channel is in a group with others");
    this.endPlay("replaced");
    this.playing = { plan, isPaused: false, next };
    void this.tell({ type: "play", event: "start", reason: "new" });
  }

  endPlay(reason: PlayEndReason): void {
    const { playing } = this;
    if (playing === undefined) return;
    this.playing = undefined;
    void this.tell({ type: "play", event: "end", reason });
    if (playing.next !== undefined && reason !== "channelclosed") this.startRecorder(playing.next);
  }

  pausePlay(): void {
    if (this.playing?.isPaused !== false) throw new MediaswitchError("MEDIA_STATE", "nothing is played");
    this.playing.isPaused = true;
    void this.tell({ type: "play", event: "paused" });
  }

  resumePlay(): void {
    if (this.playing?.isPaused !== true) throw new MediaswitchError("MEDIA_STATE", "nothing is paused");
    this.playing.isPaused = false;
    void this.tell({ type: "play", event: "resumed" });
  }

  record(plan: RecordingPlan): void {
    const { file } = plan;
    const state = this.recorders.get(file);
    switch (plan.kind) {
      case "finish":
        this.endRecord(file, "requested");
        return;
      case "pause":
        if (state === undefined)
          throw new MediaswitchError("MEDIA_STATE", `nothing is recorded into ${file}`);
        this.recorders.set(file, "paused");
        void this.tell({ type: "record", file, event: "paused" });
        return;
      case "record":
        if (state === "paused") {
          this.recorders.set(file, "recording");
          void this.tell({ type: "record", file, event: "resumed" });
          return;
        }
        this.endRecord(file, "replaced");
        this.settings.set(file, plan.settings);
        if (plan.settings.startAbovePower > 0) this.recorders.set(file, "waiting");
        else this.startRecorder(file);
    }
  }

  playRecord({ sound, file, settings, bargeIn }: PromptPlan): void {
    this.play(sound, bargeIn.concurrent ? undefined : file);
    this.settings.set(file, settings);
    if (bargeIn.concurrent) this.startRecorder(file);
    else this.recorders.set(file, "waiting");
  }

  endRecord(file: string, reason: RecordEndReason): void {
    const durationMillis = this.recordedMillis(file);
    const { channels = 2 } = this.settings.get(file) ?? {};
    if (!this.recorders.delete(file)) return;
    this.settings.delete(file);
    const filesize = WAV_HEADER + OCTETS_PER_MILLI * channels * durationMillis;
    void this.tell({ type: "record", file, event: "finished", reason, filesize, durationMillis });
  }

  /** Those that wait for it begin to write. */
  startRecorder(file: string): void {
    this.recorders.set(file, "recording");
    void this.tell({ type: "record", file, event: "recording" });
  }

  /** The last events come in the order of a real one; `closed` is the last. */
  close(reason: CloseReason): Promise<void> {
    this.unmix();
    this.endPlay("channelclosed");
    for (const file of [...this.recorders.keys()]) this.endRecord(file, "channelclosed");
    return this.tell({ type: "closed", reason, statistics: NO_PACKETS });
  }
}
