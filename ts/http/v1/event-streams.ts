/** Server-sent events and WebSocket: the same events by two ways. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import { seconds } from "../../core/brand.js";
import type { Clock } from "../../core/clock.js";
import { HttpRefusal } from "../problem.js";
import { NOTHING, streamRoute, type RouteTable } from "../route-table.js";
import { read } from "../wire.js";
import type { EventLog } from "./event-log.js";
import { eventQuery, filterOf } from "./event-query.js";
import { EventReader } from "./event-reader.js";
import { eventSchema } from "./event-schema.js";

/** Readers at once, of both kinds. */
const MOST_READERS = 100;
/** So that proxies on the way and the two ends notice a connection that is none any more. */
const HEARTBEAT = seconds(15);
/** Octets that may wait for a slow reader. */
const HIGH_WATER = 256 * 1024;
/** RFC 6455 §7.4.1 and the registry of close codes. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const SOCKET_PATH = "/v1/events/ws";

export interface EventStreamsOptions {
  readonly log: EventLog;
  readonly clock: Clock;
}

export class EventStreams {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 1024, clientTracking: false });

  constructor({ log, clock }: EventStreamsOptions) {
    this.#log = log;
    this.#clock = clock;
  }

  get readers(): number {
    return this.#open.size;
  }

  get routes(): RouteTable {
    return {
      "/v1/events": {
        GET: streamRoute(
          {
            summary: "Events as they happen (server-sent events); Last-Event-ID or since: from there on",
            body: NOTHING,
            query: eventQuery,
            reply: eventSchema,
            contentType: "text/event-stream",
            refusals: ["CONTROL_UNAVAILABLE"],
          },
          ({ query }, { request, response }) => {
            this.#checkRoom();
            const resumed = request.headers["last-event-id"];
            this.#stream(query, typeof resumed === "string" ? resumed : undefined, response);
          },
        ),
      },
    };
  }

  /** Takes a request to speak WebSocket. @throws {HttpRefusal} {MediaswitchError} what it is refused with. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? "", "http://localhost");
    if (url.pathname.replace(/\/$/, "") !== SOCKET_PATH) {
      throw new HttpRefusal(404, "there is nothing at this path");
    }
    this.#checkRoom();
    const query = read(eventQuery, Object.fromEntries(url.searchParams));
    // What is wrong with `since` is told as an answer.
    this.#reader(query, query.since, { write: () => false, tooSlow: () => undefined }).close();
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#converse(query, opened));
  }

  /** Ends all of them. */
  close(): void {
    for (const end of [...this.#open]) end();
    this.#sockets.close();
  }

  #checkRoom(): void {
    if (this.#open.size < MOST_READERS) return;
    throw new HttpRefusal(503, `${String(MOST_READERS)} clients read events already`);
  }

  #reader(
    query: ReturnType<typeof eventQuery.parse>,
    since: string | undefined,
    ends: Pick<ConstructorParameters<typeof EventReader>[0], "write" | "tooSlow">,
  ): EventReader {
    return new EventReader({ log: this.#log, clock: this.#clock, filter: filterOf(query), since, ...ends });
  }

  /** The HTML standard, §9.2: an event stream. */
  #stream(
    query: ReturnType<typeof eventQuery.parse>,
    resumed: string | undefined,
    response: ServerResponse,
  ): void {
    const end = (last: string): void => {
      finish();
      response.end(last);
    };
    const reader = this.#reader(query, resumed ?? query.since, {
      write: (number, type, text) =>
        response.write(`id: ${this.#log.feed}.${String(number)}\nevent: ${type}\ndata: ${text}\n\n`) ||
        response.writableLength < HIGH_WATER,
      tooSlow: () => {
        end('event: end\ndata: {"reason":"too slow"}\n\n');
        response.destroy();
      },
    });
    const stop = (): void => end('event: end\ndata: {"reason":"closing"}\n\n');
    const heart = this.#everyHeartbeat(() => response.write(": still here\n\n"));
    const finish = (): void => {
      heart();
      reader.close();
      this.#open.delete(stop);
    };
    this.#open.add(stop);
    response.on("drain", () => reader.resume());
    response.on("close", finish);
    response.writeHead(200, {
      "Content-Type": "text/event-stream; charset=utf-8",
      "Cache-Control": "no-store",
      // Some proxies collect what they pass on unless told so.
      "X-Accel-Buffering": "no",
    });
    response.write(`retry: 2000\n\n`);
    reader.start();
  }

  #converse(query: ReturnType<typeof eventQuery.parse>, socket: WebSocket): void {
    let isAlive = true;
    const reader = this.#reader(query, query.since, {
      write: (_number, _type, text) => {
        socket.send(text, () => {
          if (socket.bufferedAmount < HIGH_WATER / 2) reader.resume();
        });
        return socket.bufferedAmount < HIGH_WATER;
      },
      tooSlow: () => {
        socket.close(TRY_AGAIN_LATER, "too slow");
        socket.terminate();
      },
    });
    const heart = this.#everyHeartbeat(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    });
    const stop = (): void => socket.close(GOING_AWAY, "closing");
    this.#open.add(stop);
    socket.on("pong", () => (isAlive = true));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      heart();
      reader.close();
      this.#open.delete(stop);
    });
    reader.start();
  }

  /** @returns ends it. */
  #everyHeartbeat(beat: () => void): () => void {
    let timer = this.#clock.after(HEARTBEAT, again);
    const clock = this.#clock;
    function again(): void {
      timer = clock.after(HEARTBEAT, again);
      beat();
    }
    return () => timer.cancel();
  }
}
