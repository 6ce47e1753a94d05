import type { SocketAddress } from "../core/socket-address.js";
import { flowOf } from "../sdp/direction.js";
import { makeAnswer, makeOffer, nextVersion, readAnswer, type Negotiated } from "../sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import type { CodecName } from "../sdp/payload-types.js";
import { serializeSdp } from "../sdp/serialize.js";
import type { Direction, SessionDescription } from "../sdp/session-description.js";
import type { CallAudio } from "./call-audio.js";

/** Offer and answer of one call (RFC 3264) as its phone has them: what it can do, and what was agreed on. */
export class AudioNegotiation implements CallAudio {
  /** What it wants to do; hold is `sendonly`. */
  wants: Direction = "sendrecv";

  readonly #local: SocketAddress;
  readonly #codecs: readonly CodecName[];
  #ours: SessionDescription | undefined;
  #agreed: Negotiated | undefined;

  /** @param local where it takes audio. */
  constructor(local: SocketAddress, codecs: readonly CodecName[]) {
    this.#local = local;
    this.#codecs = codecs;
  }

  /** Undefined before anything is agreed on. */
  get agreed(): Negotiated | undefined {
    return this.#agreed;
  }
  get sends(): boolean {
    return this.#agreed !== undefined && flowOf(this.#agreed.direction).send;
  }
  get hears(): boolean {
    return this.#agreed !== undefined && flowOf(this.#agreed.direction).recv;
  }
  /** The far end holds it. */
  get isHeld(): boolean {
    return this.#agreed !== undefined && !this.sends && flowOf(this.wants).send;
  }

  offer(): string {
    return this.#describe(makeOffer(this.#localAudio));
  }

  answer(offer: string): string | undefined {
    const description = parseSdp(offer);
    if (isSdpRefusal(description)) return undefined;
    const result = makeAnswer(description, this.#localAudio);
    if (result.kind === "refused") return undefined;
    this.#agreed = result.negotiated;
    return this.#describe(result.answer);
  }

  take(answer: string): boolean {
    const description = parseSdp(answer);
    if (isSdpRefusal(description) || this.#ours === undefined) return false;
    const result = readAnswer(this.#ours, description);
    if (result.kind === "refused") return false;
    this.#agreed = result.negotiated;
    return true;
  }

  get #localAudio() {
    const { address, port } = this.#local;
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
