import { MediaswitchError, type ErrorCode } from "../../../ts/core/errors.js";
import type { Command, EventSink } from "../../../ts/core/service.js";
import type { MediaCommand, MediaCommands, MediaEvent, MediaService } from "../../../ts/rtp/media-service.js";
import { FakeMediaService } from "../../support/fake-media-service.js";

/** An RTP server that can fall silent, be away, or be restarted. Its channels are named after it. */
export class FakeRtpServer implements MediaService {
  readonly url: string;
  /** `silent`: nothing is ever answered. `away`: nobody listens there. */
  state: "well" | "silent" | "away" = "well";
  load: number | undefined;
  instance = "first";
  readonly commands: MediaCommand[] = [];
  media: FakeMediaService;
  #sink: EventSink<MediaEvent> = () => Promise.resolve();
  readonly #held: (() => void)[] = [];
  readonly #ip: string | undefined;

  constructor(
    url: string,
    { capacity = 100, ip }: { readonly capacity?: number; readonly ip?: string } = {},
  ) {
    this.url = url;
    this.#ip = ip;
    this.media = this.#engine(capacity);
  }

  /** What was asked while it was silent is answered now. */
  wakes(): void {
    this.state = "well";
    for (const go of this.#held.splice(0)) go();
  }

  restarts(): void {
    this.state = "well";
    this.instance += "'";
    this.media = this.#engine(this.media.capacity);
  }

  #engine(capacity: number): FakeMediaService {
    const media = new FakeMediaService({ capacity, ...(this.#ip !== undefined && { ip: this.#ip }) });
    media.attach((event) => this.#sink({ ...event, uuid: this.#ours(event.uuid) }));
    return media;
  }

  attach(sink: EventSink<MediaEvent>): void {
    this.#sink = sink;
  }

  commandsOf(type: MediaCommand["type"]): number {
    return this.commands.filter((command) => command.type === type).length;
  }

  async execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    this.commands.push(structuredClone(command) as MediaCommand);
    if (this.state === "away") throw refused("MEDIA_UNAVAILABLE");
    if (this.state === "silent") {
      await new Promise<void>((resolve, reject) => {
        this.#held.push(resolve);
        signal?.addEventListener("abort", () => {
          reject(refused("ABORTED"));
        });
      });
    }
    const result = await this.media.execute(this.#theirs(command));
    if (command.type === "open") {
      const { uuid, ...rest } = result as MediaCommands["open"]["result"];
      return { ...rest, uuid: this.#ours(uuid) };
    }
    if (command.type === "health") {
      return {
        ...result,
        instance: this.instance,
        ...(this.load === undefined ? {} : { load: this.load }),
      };
    }
    return result;
  }

  readonly #ours = (uuid: string): string => `${this.url}#${uuid}`;

  /** A channel of another server has no name here. */
  #theirs<C extends object>(command: C): C {
    const given = { ...command } as Record<string, unknown>;
    for (const key of ["uuid", "other", "to"]) {
      const value = given[key];
      if (typeof value === "string") given[key] = value.replace(`${this.url}#`, "");
    }
    return given as C;
  }
}

const refused = (code: ErrorCode): MediaswitchError => new MediaswitchError(code, "told to fail");
