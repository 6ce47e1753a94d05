/** The audio half of a telephone: sends its own tone as PCMU, and tells which tones it hears. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { amplitudeOf } from "../../rtp/support/tones.js";
import { Changes } from "./changes.js";
import { fromMuLaw, toMuLaw } from "./mu-law.js";

const PACKET_MILLIS = 20;
const SAMPLES = 160;
/** A tenth of a second: whole periods of all tones that are multiples of 10 Hz. */
const WINDOW = 800;
const LOUD = 6000;
/** Of 6000 that are sent; what one code makes of another stays far above, what leaks stays far below. */
const HEARD = 2000;
const UNHEARD = 300;

export interface VoiceOptions {
  /** The tone that it says. */
  readonly hertz: number;
  readonly keyType: number;
}

/** RFC 4733 §2.5.1.4: three reports of a growing duration, the last one three times. */
const REPORTS = [160, 320, 480, 640, 640, 640];
const KEYS = "0123456789*#ABCD";

export class Voice {
  readonly #socket: Socket;
  readonly #changes = new Changes();
  readonly #hertz: number;
  /** Payload type of its key presses, both ways. */
  readonly #keyType: number;
  /** Keys heard, each once. */
  keys = "";
  #keyTimestamp: number | undefined;
  /** What is still to be said of keys: a packet each turn. */
  readonly #presses: {
    readonly key: number;
    readonly duration: number;
    readonly timestamp: number;
    readonly isEnd: boolean;
  }[] = [];
  #to: { address: string; port: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #packet = 0;
  /** The newest samples. */
  #heard: number[] = [];
  /** Packets heard so far. */
  heard = 0;

  private constructor(socket: Socket, { hertz, keyType }: VoiceOptions) {
    this.#socket = socket;
    this.#hertz = hertz;
    this.#keyType = keyType;
    socket.on("message", (octets) => {
      this.#hear(octets);
    });
  }

  static async open(options: VoiceOptions): Promise<Voice> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new Voice(socket, options);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Talks to where that session description says, from now on. */
  talkTo(sdp: string): void {
    const address = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
    const port = /^m=audio (\d+)/m.exec(sdp)?.[1];
    if (address === undefined || port === undefined) throw new Error(`no audio in\n${sdp}`);
    this.#to = { address, port: Number(port) };
    this.#timer ??= setInterval(() => {
      this.#say();
    }, PACKET_MILLIS);
  }

  /** Waits until that tone is heard. */
  async hears(hertz: number): Promise<void> {
    await this.#changes.until(`a tone of ${String(hertz)} Hz (heard ${this.#spectrum()})`, () =>
      this.#heard.length === WINDOW && amplitudeOf(hertz, this.#heard) > HEARD ? true : undefined,
    );
  }

  /** Waits until that tone is heard no more: by then other audio has come, or nothing for a tenth of a second. */
  async hearsNo(hertz: number): Promise<void> {
    await this.#changes.until(`no tone of ${String(hertz)} Hz (heard ${this.#spectrum()})`, () =>
      this.#heard.length === 0 || amplitudeOf(hertz, this.#heard) < UNHEARD ? true : undefined,
    );
  }

  /** Presses a key, in place of its tone. */
  press(key: string): void {
    const timestamp = this.#packet * SAMPLES;
    REPORTS.forEach((duration, index) => {
      this.#presses.push({ key: KEYS.indexOf(key), duration, timestamp, isEnd: index >= REPORTS.length - 3 });
    });
  }

  /** Waits until these keys have been heard, each once. */
  async hearsKeys(keys: string): Promise<void> {
    await this.#changes.until(`the keys ${keys}`, () => (this.keys === keys ? true : undefined));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #spectrum(): string {
    const tones = [300, 400, 500, 600, 700, 800, 900, 1000];
    return tones.map((hertz) => `${String(hertz)}: ${amplitudeOf(hertz, this.#heard).toFixed(0)}`).join(", ");
  }

  #hear(octets: Buffer): void {
    if (octets.length < 12) return;
    const type = octets.readUInt8(1) & 0x7f;
    if (type === this.#keyType && octets.length >= 16) this.#hearKey(octets);
    if (type !== 0) return;
    this.heard += 1;
    const samples = [...octets.subarray(12)].map(fromMuLaw);
    this.#heard = [...this.#heard, ...samples].slice(-WINDOW);
    this.#changes.tell();
  }

  #hearKey(octets: Buffer): void {
    const timestamp = octets.readUInt32BE(4);
    const isEnd = (octets.readUInt8(13) & 0x80) !== 0;
    if (!isEnd || timestamp === this.#keyTimestamp) return;
    this.#keyTimestamp = timestamp;
    this.keys += KEYS[octets.readUInt8(12)] ?? "?";
    this.#changes.tell();
  }

  #sayKey(to: { address: string; port: number }): boolean {
    const press = this.#presses.shift();
    if (press === undefined) return false;
    const packet = Buffer.alloc(16);
    packet[0] = 0x80;
    packet[1] = (press.duration === REPORTS[0] ? 0x80 : 0) | this.#keyType;
    packet.writeUInt16BE(this.#packet & 0xffff, 2);
    packet.writeUInt32BE(press.timestamp >>> 0, 4);
    packet.writeUInt32BE(this.port, 8);
    packet[12] = press.key;
    packet[13] = (press.isEnd ? 0x80 : 0) | 10;
    packet.writeUInt16BE(press.duration, 14);
    this.#packet += 1;
    this.#socket.send(packet, to.port, to.address);
    return true;
  }

  #say(): void {
    const to = this.#to;
    if (to === undefined || this.#sayKey(to)) return;
    const packet = Buffer.alloc(12 + SAMPLES);
    packet[0] = 0x80;
    packet[1] = this.#packet === 0 ? 0x80 : 0;
    packet.writeUInt16BE(this.#packet & 0xffff, 2);
    packet.writeUInt32BE((this.#packet * SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(this.port, 8);
    for (let index = 0; index < SAMPLES; index += 1) {
      const at = this.#packet * SAMPLES + index;
      packet[12 + index] = toMuLaw(LOUD * Math.sin((2 * Math.PI * this.#hertz * at) / 8000));
    }
    this.#packet += 1;
    this.#socket.send(packet, to.port, to.address);
    // Where nothing comes, what was heard last is not heard any more either.
    if (this.#isQuiet()) this.#heard = [];
    this.#changes.tell();
  }

  #lastCount = 0;
  #silentTurns = 0;

  #isQuiet(): boolean {
    this.#silentTurns = this.heard === this.#lastCount ? this.#silentTurns + 1 : 0;
    this.#lastCount = this.heard;
    return this.#silentTurns >= 5;
  }
}
