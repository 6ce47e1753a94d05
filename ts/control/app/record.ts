import { seconds } from "../../core/brand.js";
import { MediaswitchError } from "../../core/errors.js";
import type {
  MediaEvent,
  RecordEndReason,
  RecordOptions as EngineRecordOptions,
} from "../../rtp/media-service.js";
import type { Line } from "./line.js";
import { audibleChannel } from "./play-queue.js";
import type { Recording, RecordingEnd, RecordingResult, RecordOptions } from "./verb-options.js";
import { waitFor } from "./wait-for.js";

/** How long a media server may take to say how a recording ended with its call. */
const LAST_WORD = seconds(5);

/** Settles when the media server has taken it. */
export function record(line: Line, { signal, ...options }: RecordOptions): Promise<Recording> {
  return waitFor<Recording>({ verb: "record", desk: line.desk, line, signal }, async (waiter) => {
    if (typeof options.file !== "string" || options.file === "") {
      throw new MediaswitchError("ARGUMENT_INVALID", "a recording needs the name of its file", "file");
    }
    const recorder = new Recorder(line, audibleChannel(line.call), options);
    waiter.undo(() => recorder.stop());
    await recorder.begin(signal);
    waiter.done(recorder);
  });
}

class Recorder implements Recording {
  readonly file: string;
  readonly finished: Promise<RecordingResult>;
  readonly #line: Line;
  readonly #uuid: string;
  readonly #options: EngineRecordOptions;
  readonly #unwatch: (() => void)[] = [];
  #settle: (result: RecordingResult) => void = () => undefined;
  #isOurs = false;
  #hasEnded = false;

  constructor(line: Line, uuid: string, options: EngineRecordOptions) {
    this.#line = line;
    this.#uuid = uuid;
    this.#options = options;
    this.file = options.file;
    this.finished = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async begin(signal: AbortSignal | undefined): Promise<void> {
    const line = this.#line;
    this.#unwatch.push(
      line.watchers.add((event) => {
        if (event.type === "channel") this.#take(event.event);
      }),
      line.desk.lastWatchers.add(({ call, event }) => {
        if (call === line.call) this.#take(event);
      }),
    );
    void this.#line.ended.then(() => this.#awaitLastWord());
    if (signal !== undefined) {
      const abort = (): void => void this.stop();
      signal.addEventListener("abort", abort);
      this.#unwatch.push(() => signal.removeEventListener("abort", abort));
    }
    try {
      await line.desk.media.execute({ type: "record", uuid: this.#uuid, options: this.#options });
      line.call.history = `Record ${this.file}`;
    } catch (error) {
      this.#end("open-failed");
      throw error;
    }
  }

  /** The call's end is followed by what the media server says of the file; or by nothing, where it went away. */
  #awaitLastWord(): void {
    if (this.#hasEnded) return;
    const timer = this.#line.desk.clock.after(LAST_WORD, () => this.#end("callended"));
    this.#unwatch.push(() => timer.cancel());
  }

  #take(event: MediaEvent): void {
    if (event.type === "closed") this.#end("callended");
    if (event.type !== "record" || event.file !== this.file) return;
    if (event.event !== "finished") this.#isOurs = true;
    // One of the same file that this one takes the place of is told of first.
    else if (this.#isOurs || event.reason !== "replaced") {
      this.#end(RECORDING_ENDS[event.reason], event.filesize, event.durationMillis);
    }
  }

  async pause(): Promise<void> {
    await this.#tell({ file: this.file, pause: true });
  }

  async resume(): Promise<void> {
    await this.#tell({ file: this.file });
  }

  async stop(): Promise<RecordingResult> {
    try {
      await this.#tell({ file: this.file, finish: true });
    } catch (error) {
      const { call, desk } = this.#line;
      desk.log.debug({ callid: call.callid, file: this.file, err: error }, "the recording has ended already");
    }
    return this.finished;
  }

  async #tell(options: EngineRecordOptions): Promise<void> {
    this.#line.checkAlive();
    await this.#line.desk.media.execute({ type: "record", uuid: this.#uuid, options });
  }

  #end(ended: RecordingEnd, size?: number, duration?: number): void {
    this.#hasEnded = true;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    this.#settle({ file: this.file, ended, size, duration });
  }
}

const RECORDING_ENDS: Readonly<Record<RecordEndReason, RecordingEnd>> = {
  requested: "stopped",
  belowpower: "silence",
  timeout: "timeout",
  channelclosed: "callended",
  replaced: "replaced",
  "open-failed": "open-failed",
  "disk-full": "disk-full",
  "write-failed": "write-failed",
};
