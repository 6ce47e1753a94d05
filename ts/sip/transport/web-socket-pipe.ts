import { isUtf8 } from "node:buffer";
import type { WebSocket } from "ws";
import type { FramingFault } from "./framing.js";
import type { Pipe, PipeEvents } from "./pipe.js";
import { LEAVE_MILLIS } from "./socket-pipe.js";

/** RFC 6455 §7.4.1: the server goes away. */
const GOING_AWAY = 1001;

/** A WebSocket as a pipe: a message of it is one of SIP (RFC 7118 §5). */
export class WebSocketPipe implements Pipe {
  readonly #webSocket: WebSocket;

  constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
  }

  get unsent(): number {
    return this.#webSocket.bufferedAmount;
  }

  /** As text where it is UTF-8, which is what browsers' programs expect, else binary (RFC 7118 §5.1). */
  write(octets: Uint8Array): void {
    this.#webSocket.send(octets, { binary: !isUtf8(octets) }, ignore);
  }

  ping(): void {
    this.#webSocket.ping(undefined, undefined, ignore);
  }

  end(): void {
    this.#webSocket.close(GOING_AWAY);
    leave(this.#webSocket);
  }

  destroy(): void {
    this.#webSocket.terminate();
  }
}

/** The end is told by `close`. */
const ignore = (): void => undefined;

/** Tells `events` what comes by a WebSocket, and its end. */
export function tellMessages(webSocket: WebSocket, events: PipeEvents): void {
  webSocket.on("message", (data) => {
    // One Buffer: that is the `binaryType` unless it is set.
    if (Buffer.isBuffer(data)) events.octets(data);
  });
  webSocket.on("pong", () => {
    events.pong();
  });
  webSocket.on("error", (error) => {
    events.closed(error, faultOf(error));
    leave(webSocket);
  });
  webSocket.on("close", () => {
    events.closed();
  });
}

/** Lets what was written, the reason of closing among it, get out for a moment. */
function leave(webSocket: WebSocket): void {
  setTimeout(() => {
    webSocket.terminate();
  }, LEAVE_MILLIS).unref();
}

/** The codes of `ws` for what a peer does against RFC 6455. */
function faultOf({ code }: NodeJS.ErrnoException): FramingFault | undefined {
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return "message-too-large";
  return code?.startsWith("WS_ERR_") === true ? "not-sip" : undefined;
}
