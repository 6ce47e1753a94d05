import type { Socket } from "node:net";
import type { Pipe, PipeEvents } from "./pipe.js";

/** How long what was written may take to leave after `end`. */
export const LEAVE_MILLIS = 1000;

/** Milliseconds without traffic after which the system asks whether the far end is still there. */
const KEEP_ALIVE_MILLIS = 60_000;

/** A TCP or TLS connection as a pipe. */
export class SocketPipe implements Pipe {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MILLIS);
  }

  get unsent(): number {
    return this.#socket.writableLength;
  }

  write(octets: Uint8Array): void {
    this.#socket.write(octets);
  }

  ping(): void {
    // A stream has no pings of its own.
  }

  end(): void {
    this.#socket.destroySoon();
    setTimeout(() => {
      this.#socket.destroy();
    }, LEAVE_MILLIS).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** Tells `events` what comes by a socket, and its end. */
export function tellOctets(socket: Socket, events: PipeEvents): void {
  socket.on("data", (octets) => {
    events.octets(octets);
  });
  tellEnd(socket, events);
}

/** Tells `events` the end of a socket. */
export function tellEnd(socket: Socket, events: PipeEvents): void {
  let error: Error | undefined;
  socket.on("error", (cause) => {
    error = cause;
  });
  socket.on("close", () => {
    events.closed(error);
  });
}
