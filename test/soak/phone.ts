import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { below, type SeededRandom } from "../support/seeded-random.js";
import { receiverReport, rtp, telephoneEvent, WRONG_RTCP, WRONG_RTP, type RtpFields } from "./datagrams.js";
import {
  END_OF_AUDIO,
  END_OF_DUPLICATE,
  END_OF_LATE,
  type End,
  type FaultRates,
  type Treatment,
} from "./faults.js";
import type { Voice } from "./voices.js";

const LOCALHOST = "127.0.0.1";
const PACKET_MILLIS = 20;
/** Packets that a late one is behind. */
const HELD_BACK = 50;
const EVENT_PAYLOAD_TYPE = 101;
const UNKNOWN_PAYLOAD_TYPE = 77;
const KEYS = "0123456789*#ABCD";
const REPORT_EVERY = 250;

/** A packet of a key press, and what of it is sent. */
interface EventPacket {
  readonly code: number;
  readonly timestamp: number;
  readonly duration: number;
  readonly isEnd: boolean;
}

async function bound(port: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
  socket.bind(port, LOCALHOST);
  await once(socket, "listening");
  return socket;
}

/** RTP on a port and RTCP on the next, wherever two are free. */
async function boundPair(): Promise<[Socket, Socket]> {
  for (;;) {
    const first = await bound(0);
    try {
      return [first, await bound(first.address().port + 1)];
    } catch {
      first.close();
    }
  }
}

/**
 * One telephone: says something every 20 ms, makes mistakes at set rates, and writes down of each datagram where it has to
 * end. Its channel's books are held against that.
 */
export class Phone {
  readonly voice: Voice;
  /** Datagrams by where they must end. */
  readonly ends = new Map<End, number>();
  /** All that were given to the system. */
  sent = 0;
  lost = 0;
  /** RTP and RTCP that came back. */
  received = 0;
  receivedReports = 0;
  /** Keys that were pressed, in their order. */
  pressed = "";
  /** Milliseconds by which the worst packet left after its time. */
  latest = 0;
  /** Where telephone-events end that are well formed. */
  endOfEvents: End = "forwarded";
  /** Where all of the stream ends while the call is on hold. */
  held: End | undefined;

  readonly #treatment: Treatment;
  readonly #rates: FaultRates;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #stranger: Socket;
  readonly #random: SeededRandom;
  readonly #ssrc: number;
  #to = 0;
  #isTalking = false;
  #nextAt = 0;
  #packet = 0;
  #sequence: number;
  #wrongTurn = 0;
  readonly #heldBack: { readonly at: number; readonly packet: Buffer }[] = [];
  #event: EventPacket[] = [];

  private constructor(
    sockets: readonly [Socket, Socket, Socket],
    options: { voice: Voice; treatment: Treatment; rates: FaultRates; random: SeededRandom },
  ) {
    [this.#rtp, this.#rtcp, this.#stranger] = sockets;
    this.voice = options.voice;
    this.#treatment = options.treatment;
    this.#rates = options.rates;
    this.#random = options.random;
    this.#ssrc = this.#chance(0x7fffffff);
    this.#sequence = this.#chance(0x10000);
    this.#rtp.on("message", () => (this.received += 1));
    this.#rtcp.on("message", () => (this.receivedReports += 1));
  }

  static async open(options: {
    voice: Voice;
    treatment: Treatment;
    rates: FaultRates;
    random: SeededRandom;
  }): Promise<Phone> {
    return new Phone([...(await boundPair()), await bound(0)], options);
  }

  /** Where it takes audio. */
  get address(): { address: string; port: number } {
    const { address, port }: AddressInfo = this.#rtp.address();
    return { address, port };
  }

  get strangersPort(): number {
    return this.#stranger.address().port;
  }

  /** From `now` on, in milliseconds of any clock, it talks to that port. */
  talk(port: number, now: number): void {
    this.#to = port;
    this.#isTalking = true;
    this.#nextAt = now + this.#chance(PACKET_MILLIS);
  }

  fallSilent(): void {
    this.#isTalking = false;
  }

  /** Presses a key, once the last is let go. */
  press(): void {
    if (this.#event.length > 0) return;
    const code = this.#chance(KEYS.length);
    this.pressed += KEYS[code] ?? "";
    const timestamp = this.#timestamp();
    // Five reports of a growing duration, the last one three times (RFC 4733 §2.5.1.4).
    for (const step of [1, 2, 3, 4, 5, 5, 5]) {
      const isEnd = step === 5;
      this.#event.push({ code, timestamp, duration: step * this.voice.ticks, isEnd });
    }
  }

  /** Sends what is due. */
  tick(now: number): void {
    while (this.#isTalking && this.#nextAt <= now) {
      this.latest = Math.max(this.latest, now - this.#nextAt);
      this.#nextAt += PACKET_MILLIS;
      this.#step();
    }
  }

  async close(): Promise<void> {
    const sockets = [this.#rtp, this.#rtcp, this.#stranger];
    const closed = sockets.map((socket) => once(socket, "close"));
    for (const socket of sockets) socket.close();
    await Promise.all(closed);
  }

  #step(): void {
    this.#packet += 1;
    const held = this.#heldBack[0];
    if (held !== undefined && held.at <= this.#packet) {
      this.#heldBack.shift();
      this.#sendStream(held.packet, END_OF_LATE[this.#treatment]);
    }
    if (this.#packet % REPORT_EVERY === 0) this.#sendControl(receiverReport(this.#ssrc), "consumed");
    if (this.#happens(this.#rates.wrong)) this.#sendWrong();
    if (this.#happens(this.#rates.strange)) this.#sendStrange();
    const event = this.#event.shift();
    if (event === undefined) this.#sendAudio();
    else this.#sendEvent(event);
  }

  #sendAudio(): void {
    const packet = rtp(this.#next(), this.voice.payload(this.#packet));
    // The stream begins with packets that arrive, so that what is late or lost is so for everyone.
    const isFirst = this.#packet < HELD_BACK;
    if (!isFirst && this.#happens(this.#rates.lost)) {
      this.lost += 1;
    } else if (!isFirst && this.#heldBack.length === 0 && this.#happens(this.#rates.late)) {
      this.#heldBack.push({ at: this.#packet + HELD_BACK, packet });
    } else {
      this.#sendStream(packet, END_OF_AUDIO[this.#treatment]);
      if (!isFirst && this.#happens(this.#rates.duplicated)) {
        this.#sendStream(packet, END_OF_DUPLICATE[this.#treatment]);
      }
    }
  }

  #sendEvent({ code, timestamp, duration, isEnd }: EventPacket): void {
    const payload = telephoneEvent(code, isEnd, duration);
    const isFirst = duration === this.voice.ticks;
    const fields = { ...this.#next(EVENT_PAYLOAD_TYPE), timestamp, marker: isFirst };
    // The second and the fourth are always lost: one packet of a press is enough.
    if (this.#event.length > 0 && duration % (2 * this.voice.ticks) === 0) this.lost += 1;
    else this.#sendStream(rtp(fields, payload), this.endOfEvents);
  }

  /** The next kind of wrong datagram. */
  #sendWrong(): void {
    const kinds = this.#wrongKinds;
    kinds[this.#wrongTurn++ % kinds.length]?.();
  }

  get #wrongKinds(): readonly (() => void)[] {
    const inStream: [End, number, number][] = [
      ["UnexpectedPayloadType", UNKNOWN_PAYLOAD_TYPE, 20],
      ["BadTelephoneEvent", EVENT_PAYLOAD_TYPE, 2],
    ];
    const isDecoded = this.#treatment === "transcode" || this.#treatment === "hear";
    if (isDecoded && this.voice.format === "iLBC/20")
      inStream.push(["BadPayload", this.voice.payloadType, 37]);
    return [
      ...inStream.map(([end, payloadType, octets]) => () => {
        this.#send(rtp(this.#next(payloadType), new Uint8Array(octets)), end);
      }),
      ...Object.entries(WRONG_RTP).map(([end, build]) => () => {
        this.#send(build(this.#fields()), end);
      }),
      ...Object.entries(WRONG_RTCP).map(([end, build]) => () => {
        this.#sendControl(build(this.#fields()), end);
      }),
      () => {
        const far = { ...this.#fields(), sequence: this.#sequence + 20_000 };
        this.#send(rtp(far, this.voice.payload(0)), "SequenceJump");
      },
    ];
  }

  /** Somebody else with the stream's own numbers. */
  #sendStrange(): void {
    if (this.#packet < HELD_BACK) return;
    this.#give(this.#stranger, rtp(this.#fields(), this.voice.payload(0)), this.#to, "UnknownSource");
  }

  #send(packet: Buffer, end: End): void {
    this.#give(this.#rtp, packet, this.#to, end);
  }

  #sendStream(packet: Buffer, end: End): void {
    this.#send(packet, this.held ?? end);
  }

  #sendControl(packet: Buffer, end: End): void {
    this.#give(this.#rtcp, packet, this.#to + 1, end);
  }

  #give(socket: Socket, packet: Buffer, port: number, end: End): void {
    this.sent += 1;
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
    socket.send(packet, port, LOCALHOST);
  }

  #timestamp(): number {
    return this.#packet * this.voice.ticks;
  }

  /** Of the packet that would be next, without being it. */
  #fields(): RtpFields {
    const { payloadType } = this.voice;
    return { payloadType, sequence: this.#sequence, timestamp: this.#timestamp(), ssrc: this.#ssrc };
  }

  #next(payloadType: number = this.voice.payloadType): RtpFields {
    const fields = { ...this.#fields(), payloadType };
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return fields;
  }

  #chance(end: number): number {
    return below(this.#random, end);
  }

  #happens(perMille: number): boolean {
    return this.#chance(1000) < perMille;
  }
}
