import type { ErrorCode } from "../core/errors.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import type { MediaCommands, MediaEvent, MediaService } from "../rtp/media-service.js";
import type { HttpClient } from "./client.js";
import { MediaCallbackInbox } from "./media-callback-inbox.js";
import { statisticsReply, type MediaCallback } from "./media-event-wire.js";
import {
  detectBody,
  directionBody,
  dtmfBody,
  loadReply,
  mediaHealthReply,
  openBody,
  openReply,
  renewReply,
  switchBody,
  targetField,
  whisperBody,
} from "./media-wire.js";
import type { Method } from "./route-table.js";
import { playRecordBody, recordBody, soupBody } from "./sound-wire.js";
import { read, write } from "./wire.js";

export interface RemoteMediaServiceOptions {
  readonly client: HttpClient;
  /** Base URL of the rtp component, `http://127.0.0.1:9002`. */
  readonly url: string;
  /** Where it sends its events unless a command names another: the URL of this control. */
  readonly control?: string;
  /** Where its events come in, when several share one; its own unless given. */
  readonly inbox?: MediaCallbackInbox;
}

const REFUSALS = { 404: "MEDIA_CHANNEL_UNKNOWN", 503: "MEDIA_OUT_OF_PORTS" } as const;

const channelPath = (uuid: string): string => `/channel/${encodeURIComponent(uuid)}`;

/** An rtp component elsewhere. Its events come in through `http/control-routes.ts`, which calls `deliver`. */
export class RemoteMediaService implements MediaService {
  readonly #client: HttpClient;
  readonly #url: string;
  readonly #control: string | undefined;
  readonly #inbox: MediaCallbackInbox;

  constructor({ client, url, control, inbox = new MediaCallbackInbox() }: RemoteMediaServiceOptions) {
    this.#client = client;
    this.#url = url;
    this.#control = control;
    this.#inbox = inbox;
  }

  execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
    signal?: AbortSignal,
  ): Promise<MediaCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  attach(sink: EventSink<MediaEvent>): void {
    this.#inbox.attach(sink);
  }

  /** Settles as the sink does. A callback that came before and was taken is not delivered again. */
  deliver(callback: MediaCallback): Promise<void> {
    return this.#inbox.deliver(callback);
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

  /** One thing done to a channel, that is answered by nothing but its success. */
  async #act(uuid: string, action: string, signal: AbortSignal | undefined, body?: object): Promise<object> {
    await this.#send("PUT", `${channelPath(uuid)}${action}`, signal, body);
    return {};
  }

  readonly #handlers: Handlers<MediaCommands> = {
    open: async ({ control = this.#control, remote, lease, callid }, signal) => {
      const body = write(openBody, {
        ...(control === undefined ? {} : { control }),
        ...(remote === undefined ? {} : { target: remote }),
        ...(lease === undefined ? {} : { lease }),
        ...(callid === undefined ? {} : { callid }),
      });
      const { uuid, ip, port, channels } = read(
        openReply,
        await this.#send("POST", "/channel", signal, body),
      );
      return { uuid, ip, port, channels };
    },
    renew: async ({ holder }, signal) =>
      read(renewReply, await this.#send("PUT", `/lease/${encodeURIComponent(holder)}`, signal)),
    target: ({ uuid, remote }, signal) => this.#act(uuid, "", signal, write(targetField, remote)),
    mix: ({ uuid, other }, signal) => this.#act(uuid, `/mix/${encodeURIComponent(other)}`, signal),
    unmix: ({ uuid }, signal) => this.#act(uuid, "/unmix", signal),
    direction: ({ uuid, ...directions }, signal) =>
      this.#act(uuid, "/direction", signal, write(directionBody, directions)),
    whisper: ({ uuid, ...whom }, signal) => this.#act(uuid, "/whisper", signal, write(whisperBody, whom)),
    dtmf: ({ uuid, ...digits }, signal) => this.#act(uuid, "/dtmf", signal, write(dtmfBody, digits)),
    detect: ({ uuid, inband }, signal) => this.#act(uuid, "/detect", signal, write(detectBody, { inband })),
    echo: ({ uuid, enabled }, signal) => this.#act(uuid, "/echo", signal, write(switchBody, { enabled })),
    play: ({ uuid, soup }, signal) => this.#act(uuid, "/play", signal, write(soupBody, soup)),
    stopplay: ({ uuid }, signal) => this.#act(uuid, "/stopplay", signal),
    pauseplay: ({ uuid }, signal) => this.#act(uuid, "/pauseplay", signal),
    resumeplay: ({ uuid }, signal) => this.#act(uuid, "/resumeplay", signal),
    record: ({ uuid, options }, signal) => this.#act(uuid, "/record", signal, write(recordBody, options)),
    playrecord: ({ uuid, options }, signal) =>
      this.#act(uuid, "/playrecord", signal, write(playRecordBody, options)),
    close: async ({ uuid }, signal) =>
      read(loadReply, await this.#send("DELETE", channelPath(uuid), signal, {})),
    statistics: async ({ uuid }, signal) =>
      read(statisticsReply, await this.#send("GET", channelPath(uuid), signal)),
    drain: async ({ enabled }, signal) =>
      read(loadReply, await this.#send("PUT", "/drain", signal, write(switchBody, { enabled }))),
    health: async (_command, signal) =>
      read(mediaHealthReply, await this.#send("GET", "/health", signal, undefined, {})),
  };
}
