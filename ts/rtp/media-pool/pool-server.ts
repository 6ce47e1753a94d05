import { ms, seconds, type Millis } from "../../core/brand.js";
import type { Clock, Timer } from "../../core/clock.js";
import { ERRORS, MediaswitchError } from "../../core/errors.js";
import type { Command } from "../../core/service.js";
import type { EngineLoad, MediaCommands, MediaHealth, MediaService } from "../media-service.js";
import type { Placeable } from "./placement.js";
import { transition, type ServerInput, type ServerState } from "./server-machine.js";
import { within } from "./within.js";

export interface PoolTiming {
  /** Pause between two questions to a server. */
  readonly probeEvery: Millis;
  /** For the answer to one; also for that to a heartbeat. */
  readonly probeLimit: Millis;
  /** For the answer to `open`, before another server is asked. */
  readonly openLimit: Millis;
  /** The same where no other server is left to ask: a slow answer is better than none. */
  readonly lastOpenLimit: Millis;
  /** Silence after which the channels of a server are given up. Audio may flow while it can't be asked. */
  readonly lostAfter: Millis;
}

/** A server that died right after an answer is suspect after pause and limit: 1.5 s. */
export const POOL_TIMING: PoolTiming = {
  probeEvery: ms(500),
  probeLimit: seconds(1),
  openLimit: seconds(1),
  lastOpenLimit: seconds(5),
  lostAfter: seconds(10),
};

export interface PoolServerOptions {
  readonly url: string;
  readonly service: MediaService;
  readonly weight: number;
  readonly clock: Clock;
  readonly timing: PoolTiming;
  readonly changed: (server: PoolServer, before: ServerState, why: string) => void;
  /** Its channels are no more, or nobody can tell; it has forgotten them by then. */
  readonly lost: (server: PoolServer, uuids: readonly string[]) => void;
  /** It is back, and is the one it was before. */
  readonly back: (server: PoolServer) => void;
  /** It was started anew: nothing is left of what it had. */
  readonly restarted: (server: PoolServer) => void;
}

type Open = MediaCommands["open"];

/** One RTP server: how it stands, what it has, and the regular question whether it is there. */
export class PoolServer implements Placeable {
  readonly url: string;
  readonly service: MediaService;
  readonly weight: number;
  /** Channels that were opened here by us. */
  readonly channels = new Set<string>();
  /** Settles when the first question was answered, or was not. */
  readonly asked: Promise<void>;

  readonly #options: PoolServerOptions;
  #state: ServerState = "suspect";
  #reported: EngineLoad | undefined;
  #health: MediaHealth | undefined;
  #instance: string | undefined;
  #opening = 0;
  #isDrained = false;
  #isClosed = false;
  #nextProbe: Timer | undefined;
  #patience: Timer | undefined;

  constructor(options: PoolServerOptions) {
    this.#options = options;
    this.url = options.url;
    this.service = options.service;
    this.weight = options.weight;
    this.#awaitAnswer();
    this.asked = this.#probe();
  }

  get state(): ServerState {
    return this.#state;
  }
  get reported(): EngineLoad | undefined {
    return this.#reported;
  }
  get opening(): number {
    return this.#opening;
  }
  /** As it told last. */
  get health(): MediaHealth | undefined {
    return this.#health;
  }
  /** We were told to place nothing new here. */
  get isDrained(): boolean {
    return this.#isDrained;
  }

  set isDrained(isDrained: boolean) {
    this.#isDrained = isDrained;
    if (this.#state === "up" || this.#state === "draining") this.#answered("as was asked for");
  }

  /**
   * A channel here. One that is opened after nobody waits for it any more is closed again. `isLast`: there is no other
   * server that could be asked.
   * @throws {MediaswitchError} what the server says; MEDIA_UNAVAILABLE after `openLimit`, or `lastOpenLimit`.
   */
  async open(
    input: Open["input"],
    { isLast, signal }: { readonly isLast: boolean; readonly signal: AbortSignal | undefined },
  ): Promise<Open["result"]> {
    const { clock, timing } = this.#options;
    this.#opening += 1;
    const opened = this.service.execute({ type: "open", ...input }, signal);
    try {
      const result = await within(clock, isLast ? timing.lastOpenLimit : timing.openLimit, opened);
      this.#note(result.channels);
      return result;
    } catch (error) {
      this.noteFailure(error);
      void opened.then(({ uuid }) => this.service.execute({ type: "close", uuid })).catch(() => undefined);
      throw error;
    } finally {
      this.#opening -= 1;
    }
  }

  /** Hands a command on; that there was no answer is noted. */
  async execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    try {
      return await this.service.execute(command, signal);
    } catch (error) {
      this.noteFailure(error);
      throw error;
    }
  }

  /** @returns how many channels it keeps open for the holder; 0 where it does not say in time. */
  async renew(holder: string): Promise<number> {
    if (this.#state === "down") return 0;
    const { clock, timing } = this.#options;
    try {
      const renewed = this.execute({ type: "renew", holder });
      return (await within(clock, timing.probeLimit, renewed)).channels;
    } catch {
      return 0;
    }
  }

  noteFailure(error: unknown): void {
    if (!(error instanceof MediaswitchError)) return;
    if (error.code === "MEDIA_UNAVAILABLE") this.#take("silent", error.message);
    if (error.code === "MEDIA_DRAINING") this.#take("closing", error.message);
    if (error.code === "MEDIA_OUT_OF_PORTS" && this.#reported !== undefined) {
      this.#reported = { ...this.#reported, available: 0 };
    }
  }

  /** Asks it no more. */
  close(): void {
    this.#isClosed = true;
    this.#nextProbe?.cancel();
    this.#patience?.cancel();
  }

  async #probe(): Promise<void> {
    const { clock, timing } = this.#options;
    const stop = new AbortController();
    try {
      const asked = this.service.execute({ type: "health" }, stop.signal);
      this.#heard(await within(clock, timing.probeLimit, asked));
    } catch (error) {
      this.#notHeard(error);
    } finally {
      stop.abort();
    }
    if (this.#isClosed) return;
    this.#nextProbe = clock.after(timing.probeEvery, () => void this.#probe());
  }

  #heard(health: MediaHealth): void {
    if (this.#isClosed) return;
    const { channels: active, available, draining, load, instance } = health;
    this.#health = health;
    this.#note({ active, available, draining, ...(load === undefined ? {} : { load }) });
    const isAnother = instance !== undefined && this.#instance !== undefined && instance !== this.#instance;
    this.#instance = instance ?? this.#instance;
    if (isAnother) {
      this.#options.restarted(this);
      this.#lose();
    }
    this.#answered(draining ? "it takes no more channels" : "it answers");
  }

  /** An older server has nothing to say of its health; that it says so is an answer. */
  #notHeard(error: unknown): void {
    if (this.#isClosed) return;
    const isAnswer = error instanceof MediaswitchError && ERRORS[error.code].http === 400;
    if (isAnswer) this.#answered("it answers");
    else this.#take("silent", error instanceof Error ? error.message : String(error));
  }

  /** The load is measured now and then: the last one counts until there is another. */
  #note(told: EngineLoad): void {
    const load = told.load ?? this.#reported?.load;
    this.#reported = { ...told, ...(load === undefined ? {} : { load }) };
  }

  #answered(why: string): void {
    this.#take(this.#isDrained || this.#reported?.draining === true ? "closing" : "open", why);
  }

  #take(input: ServerInput, why: string): void {
    const before = this.#state;
    const { state, effects } = transition(before, input);
    this.#state = state;
    if (state !== before) this.#options.changed(this, before, why);
    for (const effect of effects) {
      switch (effect) {
        case "await-answer":
          this.#awaitAnswer();
          break;
        case "answer-came":
          this.#patience?.cancel();
          break;
        case "lose-channels":
          this.#lose();
          break;
        case "close-orphans":
          this.#options.back(this);
          break;
      }
    }
  }

  #awaitAnswer(): void {
    const { clock, timing } = this.#options;
    this.#patience = clock.after(timing.lostAfter, () => {
      this.#take("overdue", `silent for ${String(timing.lostAfter / 1000)} s`);
    });
  }

  #lose(): void {
    const uuids = [...this.channels];
    this.channels.clear();
    if (uuids.length > 0) this.#options.lost(this, uuids);
  }
}
