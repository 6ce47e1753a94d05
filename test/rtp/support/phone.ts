import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { SocketAddress } from "../../../ts/core/socket-address.js";

export interface Packet {
  readonly from: SocketAddress;
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
}

export interface Outgoing {
  readonly payloadType?: number;
  readonly marker?: boolean;
  readonly sequence: number;
  readonly timestamp?: number;
  readonly ssrc?: number;
  readonly payload: Uint8Array;
}

/** Longest wait for a packet on loopback; a test that gets there fails. */
const PATIENCE_MS = 30_000;

/** A UDP socket on 127.0.0.1 that sends and hears RTP, independent of the engine's own code. */
export class Phone {
  readonly #socket: Socket;
  readonly #heard: Packet[] = [];
  #onHeard: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (octets, from) => {
      this.#heard.push(read(octets, from));
      this.#onHeard?.();
    });
  }

  static open(): Promise<Phone> {
    const socket = createSocket("udp4");
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(0, "127.0.0.1", () => {
        resolve(new Phone(socket));
      });
    });
  }

  get address(): SocketAddress {
    return this.#socket.address();
  }

  /** Packets heard and not yet taken by `hear`. */
  get waiting(): number {
    return this.#heard.length;
  }

  send(packet: Outgoing, port: number): Promise<void> {
    const {
      payloadType = 0,
      marker = false,
      sequence,
      timestamp = sequence * 160,
      ssrc = 7,
      payload,
    } = packet;
    const octets = Buffer.alloc(12 + payload.length);
    octets[0] = 0x80;
    octets[1] = (marker ? 0x80 : 0) | payloadType;
    octets.writeUInt16BE(sequence & 0xffff, 2);
    octets.writeUInt32BE(timestamp >>> 0, 4);
    octets.writeUInt32BE(ssrc, 8);
    octets.set(payload, 12);
    return this.sendOctets(octets, port);
  }

  sendOctets(octets: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(octets, port, "127.0.0.1", (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** The next packet, in the order they came. */
  async hear(): Promise<Packet> {
    const packet = this.#heard.shift();
    if (packet !== undefined) return packet;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#onHeard = undefined;
        reject(new Error("no packet came"));
      }, PATIENCE_MS);
      this.#onHeard = () => {
        clearTimeout(late);
        this.#onHeard = undefined;
        resolve();
      };
    });
    return this.hear();
  }

  close(): void {
    this.#socket.close();
  }
}

function read(octets: Buffer, { address, port }: RemoteInfo): Packet {
  const second = octets.readUInt8(1);
  return {
    from: { address, port },
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: octets.readUInt16BE(2),
    timestamp: octets.readUInt32BE(4),
    ssrc: octets.readUInt32BE(8),
    payload: octets.subarray(12),
  };
}
