import type { SocketAddress } from "../core/socket-address.js";
import { flowOf } from "../sdp/direction.js";
import { makeAnswer, makeOffer, nextVersion, readAnswer, type Negotiated } from "../sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import type { CodecName } from "../sdp/payload-types.js";
import { serializeSdp } from "../sdp/serialize.js";
import type { Direction, SessionDescription } from "../sdp/session-description.js";

/** A tone by its frequency in hertz, a file by its name, or words. */
export type Sound = number | string;

/** The audio of one call as the phone has it: what was agreed on, what it says, and the keys it heard. */
export class PhoneAudio {
  /** Where it takes audio. */
  readonly local: SocketAddress;
  /** What it says; undefined: silence. */
  saying: Sound | undefined;
  /** Keys that came to it, in order. */
  keys = "";
  /** What it wants to do; hold is `sendonly`. */
  wants: Direction = "sendrecv";

  readonly #codecs: readonly CodecName[];
  #ours: SessionDescription | undefined;
  #agreed: Negotiated | undefined;

  constructor(local: SocketAddress, codecs: readonly CodecName[]) {
    this.local = local;
    this.#codecs = codecs;
  }

  /** Where it sends to; undefined before anything is agreed on. */
  get remote(): SocketAddress | undefined {
    return this.#agreed?.remote;
  }
  get sends(): boolean {
    return this.#agreed !== undefined && flowOf(this.#agreed.direction).send;
  }
  get hears(): boolean {
    return this.#agreed !== undefined && flowOf(this.#agreed.direction).recv;
  }
  /** It sends key presses as RFC 4733 has it; else they are tones in the audio. */
  get sendsKeyEvents(): boolean {
    return this.#agreed?.telephoneEvent !== undefined;
  }
  /** The far end holds it. */
  get isHeld(): boolean {
    return this.#agreed !== undefined && !flowOf(this.#agreed.direction).send && flowOf(this.wants).send;
  }

  offer(): string {
    return this.#describe(makeOffer(this.#localAudio));
  }

  /** @returns the answer, or undefined where there is nothing in common. */
  answer(offer: string): string | undefined {
    const description = parseSdp(offer);
    if (isSdpRefusal(description)) return undefined;
    const result = makeAnswer(description, this.#localAudio);
    if (result.kind === "refused") return undefined;
    this.#agreed = result.negotiated;
    return this.#describe(result.answer);
  }

  /** Takes the answer to its last offer. @returns false where it is none that can be used. */
  take(answer: string): boolean {
    const description = parseSdp(answer);
    if (isSdpRefusal(description) || this.#ours === undefined) return false;
    const result = readAnswer(this.#ours, description);
    if (result.kind === "refused") return false;
    this.#agreed = result.negotiated;
    return true;
  }

  get #localAudio() {
    const { address, port } = this.local;
    return {
      address,
      port,
      codecs: this.#codecs,
      sessionId: String(port),
      sessionVersion: 1,
      direction: this.wants,
    };
  }

  #describe(next: SessionDescription): string {
    this.#ours = this.#ours === undefined ? next : nextVersion(this.#ours, next);
    return serializeSdp(this.#ours);
  }
}
