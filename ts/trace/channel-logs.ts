/** A log of each media channel: what control does with it, and what it tells. */
import type { Clock } from "../core/clock.js";
import type { Command } from "../core/service.js";
import type { MediaCommands, MediaService } from "../rtp/media-service.js";
import { ChannelLog } from "./channel-log.js";

/** Most are forgotten with their call; these are channels that no call has had. */
const MOST_CHANNELS = 20_000;

export class ChannelLogs {
  readonly #clock: Clock;
  readonly #logs = new Map<string, ChannelLog>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(uuid: string): ChannelLog | undefined {
    return this.#logs.get(uuid);
  }

  get size(): number {
    return this.#logs.size;
  }

  forget(uuid: string): void {
    this.#logs.delete(uuid);
  }

  /** The same media service, with what goes on written down. What else it has stays: live audio. */
  watch(media: MediaService): MediaService {
    return {
      ...media,
      attach: (sink) => {
        media.attach((event) => {
          const log = this.#logs.get(event.uuid);
          log?.take(this.#clock.epoch(), event);
          const taken = sink(event);
          // By now whoever has had it has said so.
          if (event.type === "closed" && log?.callid === undefined) this.#logs.delete(event.uuid);
          return taken;
        });
      },
      execute: <Type extends keyof MediaCommands>(
        command: Command<MediaCommands, Type>,
        signal?: AbortSignal,
      ): Promise<MediaCommands[Type]["result"]> => {
        const done = media.execute(command, signal);
        if (command.type !== "open") {
          this.#note(command as Command<MediaCommands>);
          return done;
        }
        return done.then((result) => {
          this.#opened(result as MediaCommands["open"]["result"]);
          return result;
        });
      },
    };
  }

  #note(command: Command<MediaCommands>): void {
    if (command.type === "target") this.#logs.get(command.uuid)?.target(this.#clock.epoch(), command.remote);
    if (command.type === "direction") this.#logs.get(command.uuid)?.direct(this.#clock.epoch(), command);
  }

  #opened({ uuid, ip, port }: MediaCommands["open"]["result"]): void {
    if (this.#logs.size >= MOST_CHANNELS) {
      const [oldest] = this.#logs.keys();
      if (oldest !== undefined) this.#logs.delete(oldest);
    }
    this.#logs.set(uuid, new ChannelLog(uuid, { address: ip, port }, this.#clock.epoch()));
  }
}
