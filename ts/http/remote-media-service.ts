import type { ErrorCode } from "../core/errors.js";
import { OrderedDelivery } from "../core/ordered-delivery.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import type { MediaCommands, MediaEvent, MediaService } from "../rtp/media-service.js";
import type { HttpClient } from "./client.js";
import {
  closeReply,
  mediaHealthReply,
  openBody,
  openReply,
  type MediaCallback,
  statisticsReply,
  targetField,
} from "./media-wire.js";
import type { Method } from "./route-table.js";
import { read, write } from "./wire.js";

export interface RemoteMediaServiceOptions {
  readonly client: HttpClient;
  /** Base URL of the rtp component, `http://127.0.0.1:9002`. */
  readonly url: string;
  /** Where it sends its events unless a command names another: the URL of this control. */
  readonly control?: string;
}

const REFUSALS = { 404: "MEDIA_CHANNEL_UNKNOWN", 503: "MEDIA_OUT_OF_PORTS" } as const;

const channelPath = (uuid: string): string => `/channel/${encodeURIComponent(uuid)}`;

/** An rtp component elsewhere. Its events come in through `http/control-routes.ts`, which calls `deliver`. */
export class RemoteMediaService implements MediaService {
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #control: string | undefined;
  readonly #callbacks = new OrderedDelivery<MediaCallback>();
  /** Channel → number of the last event that was taken. */
  readonly #taken = new Map<string, number>();

  constructor({ client, url, control }: RemoteMediaServiceOptions) {
    this.#client = client;
    this.#url = url;
    this.#control = control;
  }

  execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  attach(sink: EventSink<MediaEvent>): void {
    this.#callbacks.attach((callback) => this.#deliverOnce(callback, sink));
  }

  /** Settles as the sink does. A callback that came before and was taken is not delivered again. */
  deliver({ number, event }: MediaCallback): Promise<void> {
    return this.#callbacks.send(event.uuid, { number, event });
  }

  async #deliverOnce({ number, event }: MediaCallback, sink: EventSink<MediaEvent>): Promise<void> {
    if (number <= (this.#taken.get(event.uuid) ?? 0)) return;
    await sink(event);
    if (event.type === "closed") this.#taken.delete(event.uuid);
    else this.#taken.set(event.uuid, number);
  }

  async #send(
    method: Method,
    path: string,
    signal: AbortSignal | undefined,
    body?: object,
    refusals: Readonly<Partial<Record<number, ErrorCode>>> = REFUSALS,
  ): Promise<unknown> {
    const reply = await this.#client.request({
      method,
      base: this.#url,
      path,
      signal,
      unavailable: "MEDIA_UNAVAILABLE",
      refusals,
      ...(body === undefined ? {} : { body }),
    });
    return reply.body;
  }

  readonly #handlers: Handlers<MediaCommands> = {
    open: async ({ control = this.#control, remote }, signal) => {
      const body = write(openBody, {
        ...(control === undefined ? {} : { control }),
        ...(remote === undefined ? {} : { target: remote }),
      });
      const { uuid, ip, port, channels } = read(
        openReply,
        await this.#send("POST", "/channel", signal, body),
      );
      return { uuid, ip, port, channels };
    },
    target: async ({ uuid, remote }, signal) => {
      await this.#send("PUT", channelPath(uuid), signal, write(targetField, remote));
      return {};
    },
    mix: async ({ uuid, other }, signal) => {
      await this.#send("PUT", `${channelPath(uuid)}/mix/${encodeURIComponent(other)}`, signal);
      return {};
    },
    unmix: async ({ uuid }, signal) => {
      await this.#send("PUT", `${channelPath(uuid)}/unmix`, signal);
      return {};
    },
    close: async ({ uuid }, signal) =>
      read(closeReply, await this.#send("DELETE", channelPath(uuid), signal, {})),
    statistics: async ({ uuid }, signal) =>
      read(statisticsReply, await this.#send("GET", channelPath(uuid), signal)),
    health: async (_command, signal) =>
      read(mediaHealthReply, await this.#send("GET", "/health", signal, undefined, {})),
  };
}
