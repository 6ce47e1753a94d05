/**
 * The messages of one Call-ID: the first ones and the last ones of many. They are copied into one array of octets, which
 * is used again when the Call-ID has been forgotten: nothing that the garbage collector has to look at for each message.
 */
import { formatSocketAddress } from "../core/socket-address.js";
import type { Captured } from "../sip/hep/hep3.js";
import { copyOctets } from "../sip/message/binary.js";
import type { Protocol } from "../sip/transport/transport.js";

export type MessageDirection = "in" | "out";

export interface KeptMessage {
  readonly number: number;
  readonly at: number;
  readonly direction: MessageDirection;
  readonly peer: string;
  readonly protocol: Protocol;
  readonly octets: Uint8Array;
}

const FIRST_CAPACITY = 4096;
/** An array that has grown larger is not used again. */
const LARGEST_SPARE = 32 * 1024;
/** What a message costs besides its octets, about. */
const OVERHEAD = 64;

/** In `#facts`, of each message: when, its number, where its octets begin, how many, and its way. */
const FACTS = 5;

interface Peer {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export class KeptMessages {
  #octets: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  readonly #facts: number[] = [];
  readonly #peers: Peer[] = [];
  readonly #last: KeptMessage[] = [];
  /** Place of the oldest of `#last`, once that is full. */
  #oldest = 0;
  #omitted = 0;
  #cost = FIRST_CAPACITY;

  get omitted(): number {
    return this.#omitted;
  }

  /** Octets of memory, about. */
  get cost(): number {
    return this.#cost;
  }

  /** @param half so many of the first are kept, and so many of the last. */
  add(captured: Captured, direction: MessageDirection, number: number, half: number): void {
    if (this.#facts.length < half * FACTS) this.#addFirst(captured, direction, number);
    else this.#addLast(captured, direction, number, half);
  }

  /** In order. */
  *all(): Generator<KeptMessage> {
    for (let at = 0; at < this.#facts.length; at += FACTS) {
      const [when = 0, number = 0, start = 0, length = 0, way = 0] = this.#facts.slice(at, at + FACTS);
      const peer = this.#peers[way >> 1];
      if (peer === undefined) continue;
      const direction = (way & 1) === 0 ? "in" : "out";
      const octets = this.#octets.subarray(start, start + length);
      yield { at: when, number, direction, peer: formatSocketAddress(peer), protocol: peer.protocol, octets };
    }
    for (let index = 0; index < this.#last.length; index += 1) {
      const kept = this.#last[(this.#oldest + index) % this.#last.length];
      if (kept !== undefined) yield kept;
    }
  }

  /** Forgets all. @returns whether it is worth to be used again. */
  clear(): boolean {
    this.#length = 0;
    this.#facts.length = 0;
    this.#peers.length = 0;
    this.#last.length = 0;
    this.#oldest = 0;
    this.#omitted = 0;
    this.#cost = this.#octets.length;
    return this.#octets.length <= LARGEST_SPARE;
  }

  #addFirst({ octets, at, protocol, from, to }: Captured, direction: MessageDirection, number: number): void {
    this.#makeRoom(octets.length);
    this.#octets.set(octets, this.#length);
    const { address, port } = direction === "in" ? from : to;
    const way = 2 * this.#peerOf(address, port, protocol) + (direction === "in" ? 0 : 1);
    this.#facts.push(at, number, this.#length, octets.length, way);
    this.#length += octets.length;
    this.#cost += OVERHEAD;
  }

  #addLast(
    { octets, at, protocol, from, to }: Captured,
    direction: MessageDirection,
    number: number,
    half: number,
  ): void {
    const kept: KeptMessage = {
      number,
      at,
      direction,
      peer: formatSocketAddress(direction === "in" ? from : to),
      protocol,
      octets: copyOctets(octets, octets.length),
    };
    this.#cost += octets.length + OVERHEAD;
    if (this.#last.length < half) {
      this.#last.push(kept);
      return;
    }
    const gone = this.#last[this.#oldest];
    this.#cost -= (gone?.octets.length ?? 0) + OVERHEAD;
    this.#last[this.#oldest] = kept;
    this.#oldest = (this.#oldest + 1) % half;
    this.#omitted += 1;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#octets.length) return;
    let capacity = this.#octets.length;
    while (capacity < needed) capacity *= 2;
    const larger = new Uint8Array(capacity);
    larger.set(this.#octets);
    this.#cost += capacity - this.#octets.length;
    this.#octets = larger;
  }

  /** A leg nearly always has one peer. */
  #peerOf(address: string, port: number, protocol: Protocol): number {
    const known = this.#peers.findIndex(
      (peer) => peer.port === port && peer.address === address && peer.protocol === protocol,
    );
    if (known >= 0) return known;
    return this.#peers.push({ address, port, protocol }) - 1;
  }
}
