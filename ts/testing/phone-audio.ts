import type { SocketAddress } from "../core/socket-address.js";
import { AudioNegotiation } from "../phone/audio-negotiation.js";
import type { CallAudio } from "../phone/call-audio.js";
import type { CodecName } from "../sdp/payload-types.js";
import type { Direction } from "../sdp/session-description.js";

/** A tone by its frequency in hertz, a file by its name, or words. */
export type Sound = number | string;

/** The audio of one call as the phone has it: what was agreed on, what it says, and the keys it heard. */
export class PhoneAudio implements CallAudio {
  /** Where it takes audio. */
  readonly local: SocketAddress;
  /** What it says; undefined: silence. */
  saying: Sound | undefined;
  /** Keys that came to it, in order. */
  keys = "";

  readonly #negotiation: AudioNegotiation;

  constructor(local: SocketAddress, codecs: readonly CodecName[]) {
    this.local = local;
    this.#negotiation = new AudioNegotiation(local, codecs);
  }

  get wants(): Direction {
    return this.#negotiation.wants;
  }
  set wants(wants: Direction) {
    this.#negotiation.wants = wants;
  }
  /** Where it sends to; undefined before anything is agreed on. */
  get remote(): SocketAddress | undefined {
    return this.#negotiation.agreed?.remote;
  }
  get sends(): boolean {
    return this.#negotiation.sends;
  }
  get hears(): boolean {
    return this.#negotiation.hears;
  }
  /** It sends key presses as RFC 4733 has it; else they are tones in the audio. */
  get sendsKeyEvents(): boolean {
    return this.#negotiation.agreed?.telephoneEvent !== undefined;
  }
  /** The far end holds it. */
  get isHeld(): boolean {
    return this.#negotiation.isHeld;
  }

  offer(): string {
    return this.#negotiation.offer();
  }
  answer(offer: string): string | undefined {
    return this.#negotiation.answer(offer);
  }
  take(answer: string): boolean {
    return this.#negotiation.take(answer);
  }
}
