import type { Addon, NativeEngine, NativeEvent, NativeHealth, NativeReply } from "../../../ts/rtp/addon.js";

type Outcome = NativeReply["outcome"];

/** What the engine was told: the method, and its arguments but for the ticket. */
export type Told = readonly [method: string, ...args: unknown[]];

const HEALTH: NativeHealth = {
  channels: 0,
  available: 100,
  sockets: 0,
  eventsLost: 0,
  moves: 0,
  cpuMicros: 0,
};

/** An addon that does nothing but keep what it was told, and answers as a test wants it. */
export class FakeEngine {
  readonly told: Told[] = [];
  readonly options: object[] = [];
  /** Outcomes other than `done`, by method. */
  readonly outcomes = new Map<string, Outcome>();
  health = HEALTH;
  /** What `read` gives next. */
  readonly frames: Uint8Array[] = [];
  /** Samples that `write` still takes. */
  room = Number.POSITIVE_INFINITY;
  readonly written: number[] = [];
  /** What `stop` gives back. */
  last: NativeEvent[] = [];
  emit: (...events: NativeEvent[]) => void = () => undefined;

  #channels = 0;
  #streams = 0;

  get addon(): Pick<Addon, "MediaEngine"> {
    const { options } = this;
    const engine = this.#engine();
    const connect = (onEvents: (events: readonly NativeEvent[]) => void): void => {
      this.emit = (...events) => {
        onEvents(events);
      };
    };
    const MediaEngine = function (given: object, onEvents: (events: readonly NativeEvent[]) => void) {
      options.push(given);
      connect(onEvents);
      return engine;
    } as unknown as Addon["MediaEngine"];
    return { MediaEngine };
  }

  /** Those of one method. */
  toldOf(method: string): Told[] {
    return this.told.filter(([name]) => name === method);
  }

  #engine(): NativeEngine {
    const tell = (...told: Told): void => {
      this.told.push(told);
    };
    const answer = (method: string, ticket: number, args: readonly unknown[]): void => {
      tell(method, ...args);
      const outcome = this.outcomes.get(method) ?? "done";
      queueMicrotask(() => {
        this.emit({ type: "reply", ticket, outcome });
      });
    };
    return {
      open: (remote) => {
        tell("open", remote);
        this.#channels += 1;
        return { channel: this.#channels, port: 10_000 + 2 * this.#channels };
      },
      target: (...args) => {
        answer("target", args[2], args.slice(0, 2));
      },
      mix: (...args) => {
        answer("mix", args[2], args.slice(0, 2));
      },
      unmix: (...args) => {
        answer("unmix", args[1], args.slice(0, 1));
      },
      direction: (...args) => {
        answer("direction", args[3], args.slice(0, 3));
      },
      whisper: (...args) => {
        answer("whisper", args[2], args.slice(0, 2));
      },
      dtmf: (...args) => {
        answer("dtmf", args[2], args.slice(0, 2));
      },
      detect: (...args) => {
        answer("detect", args[2], args.slice(0, 2));
      },
      echo: (...args) => {
        answer("echo", args[2], args.slice(0, 2));
      },
      play: (...args) => {
        answer("play", args[2], args.slice(0, 2));
      },
      stopPlay: (...args) => {
        answer("stopPlay", args[1], args.slice(0, 1));
      },
      pausePlay: (...args) => {
        answer("pausePlay", args[1], args.slice(0, 1));
      },
      resumePlay: (...args) => {
        answer("resumePlay", args[1], args.slice(0, 1));
      },
      record: (...args) => {
        answer("record", args[2], args.slice(0, 2));
      },
      pauseRecord: (...args) => {
        answer("pauseRecord", args[2], args.slice(0, 2));
      },
      finishRecord: (...args) => {
        answer("finishRecord", args[2], args.slice(0, 2));
      },
      playRecord: (...args) => {
        answer("playRecord", args[2], args.slice(0, 2));
      },
      close: (...args) => {
        answer("close", args[2], args.slice(0, 2));
      },
      ask: (...args) => {
        answer("ask", args[1], args.slice(0, 1));
      },
      openReader: (...args) => {
        tell("openReader", ...args);
        this.#streams += 1;
        return this.#streams;
      },
      read: () => this.frames.shift(),
      closeReader: (reader) => {
        tell("closeReader", reader);
      },
      openWriter: (...args) => {
        tell("openWriter", ...args);
        this.#streams += 1;
        return this.#streams;
      },
      write: (_writer, samples) => {
        const taken = Math.min(samples.length, this.room);
        this.room -= taken;
        this.written.push(...samples.subarray(0, taken));
        return taken;
      },
      endWriter: (writer) => {
        tell("endWriter", writer);
      },
      closeWriter: (writer) => {
        tell("closeWriter", writer);
      },
      room: () => ({ channels: this.health.channels, available: this.health.available }),
      health: () => this.health,
      stop: () => {
        tell("stop");
        return this.last;
      },
    };
  }
}
