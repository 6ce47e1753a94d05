import { ERRNO } from "../../core/system-error.js";
import type { NativeDatagramSocket } from "./native-datagrams.js";
import type { Flow } from "./transport.js";

interface Waiting {
  readonly octets: Uint8Array;
  readonly to: Flow;
}

/** Datagrams that wait for room: some seconds of SIP on a line that takes none. */
export const MOST_WAITING = 1024;

const isNoRoom = (errno: number): boolean => errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS;

/** Sends datagrams at once; those that the system has no room for when it has, in their order, up to a limit. */
export class DatagramSender {
  readonly #socket: Pick<NativeDatagramSocket, "send" | "tellWritable">;
  readonly #unsent: (octets: Uint8Array, to: Flow, errno: number) => void;
  #waiting: Waiting[] = [];

  /** @param unsent told of each that will not be sent, also from within `send`. `errno` is negative. */
  constructor(
    socket: Pick<NativeDatagramSocket, "send" | "tellWritable">,
    unsent: (octets: Uint8Array, to: Flow, errno: number) => void,
  ) {
    this.#socket = socket;
    this.#unsent = unsent;
  }

  /** `to` has been looked at: the socket can send there. */
  send(octets: Uint8Array, to: Flow): void {
    if (this.#waiting.length > 0) {
      this.#wait(octets, to);
      return;
    }
    const errno = this.#trySend(octets, to);
    if (errno === 0) return;
    if (isNoRoom(errno)) this.#wait(octets, to);
    else this.#unsent(octets, to, errno);
  }

  /** The socket tells that it can be written. */
  writable(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [index, { octets, to }] of waiting.entries()) {
      const errno = this.#trySend(octets, to);
      if (isNoRoom(errno)) {
        this.#waiting = waiting.slice(index);
        this.#socket.tellWritable();
        return;
      }
      if (errno !== 0) this.#unsent(octets, to, errno);
    }
  }

  /** Tries once more with those that wait; what is left is not sent. */
  end(): void {
    this.writable();
    for (const { octets, to } of this.#waiting.splice(0)) this.#unsent(octets, to, ERRNO.ECANCELED);
  }

  #trySend(octets: Uint8Array, { remote }: Flow): number {
    return this.#socket.send(octets, remote.address, remote.port);
  }

  #wait(octets: Uint8Array, to: Flow): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#unsent(octets, to, ERRNO.ENOBUFS);
      return;
    }
    this.#waiting.push({ octets, to });
    if (this.#waiting.length === 1) this.#socket.tellWritable();
  }
}
