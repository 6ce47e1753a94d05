import { MediaswitchError } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { MediaService, RemoteMedia } from "../rtp/media-service.js";
import {
  makeAnswer,
  makeOffer,
  readAnswer,
  type LocalAudio,
  type Negotiated,
  type OfferRefused,
} from "../sdp/offer-answer.js";
import { isSdpRefusal, parseSdp } from "../sdp/parse.js";
import type { CodecName } from "../sdp/payload-types.js";
import { serializeSdp } from "../sdp/serialize.js";
import type { Direction, SessionDescription } from "../sdp/session-description.js";
import { remoteMedia } from "./codecs.js";

/** The media channel of one leg: where the far end is to send to, who hears of it, and what it was opened for. */
export interface LegChannel {
  readonly uuid: string;
  readonly ip: string;
  readonly port: number;
  /** URL that its events go to; none in one process. */
  readonly control?: string;
  readonly codecs?: readonly CodecName[];
}

/** The media half of a call leg: one channel and its negotiation (RFC 3264). */
export class Leg {
  readonly #media: MediaService;
  readonly #sessionId: string;
  #sessionVersion = 0;
  /** Set and unset by `channel.ts`, which opens and closes it. */
  channel: LegChannel | undefined;
  /** Our last description. */
  #ours: SessionDescription | undefined;
  /** It is an offer that has no answer yet. */
  #isOffering = false;
  /** The far end's last description, as text. */
  #heard: string | undefined;
  #remote: RemoteMedia | undefined;
  #hold = false;
  /** A service has told the media server to send it nothing. */
  isDeaf = false;
  /** Our description that went out before the answer, which repeats it (RFC 3261 §13.2.1). */
  early: string | undefined;
  /** What we offer and answer at most: `sendonly` while we hold the far end. */
  direction: Direction = "sendrecv";
  /** A channel that this one, yet to be opened, will be joined with. */
  near: string | undefined;
  /** The channel that this one is bridged with. */
  bridgedWith: string | undefined;
  /** It was in a bridge when its far end put us on hold, and goes back there. */
  isToBeJoined = false;

  constructor(media: MediaService, random: Random) {
    this.#media = media;
    this.#sessionId = randomSessionId(random);
  }

  /** The far end put us on hold. */
  get hold(): boolean {
    return this.#hold;
  }

  /** Goes on with another channel: the far end's next description counts for it, an unchanged one too. */
  moveTo(channel: LegChannel | undefined): void {
    this.channel = channel;
    this.#heard = undefined;
  }

  /** Our offer as text; `takeAnswer` reads what comes back. */
  makeOffer(codecs: readonly CodecName[]): string {
    const offer = makeOffer(this.#local(codecs));
    this.#ours = offer;
    this.#isOffering = true;
    return serializeSdp(offer);
  }

  /**
   * Answers the far end's offer and points the channel at it.
   * @returns our answer as text.
   * @throws {MediaswitchError} SDP_INVALID, MEDIA_NO_COMMON_CODEC, or what the media engine says.
   */
  async takeOffer(text: string, codecs: readonly CodecName[]): Promise<string> {
    const result = makeAnswer(parsed(text), this.#local(codecs));
    if (result.kind === "refused") throw negotiationError(result);
    this.#ours = result.answer;
    this.#isOffering = false;
    this.#heard = text;
    await this.#target(result.negotiated);
    return serializeSdp(result.answer);
  }

  /**
   * Reads the answer to our offer and points the channel at it; without an open offer there is nothing to do.
   * @throws {MediaswitchError} as `takeOffer`; SDP_INVALID also when the answer is missing (RFC 3261 §13.2.1).
   */
  async takeAnswer(text: string | undefined): Promise<void> {
    if (!this.#isOffering) return;
    if (text === undefined) throw new MediaswitchError("SDP_INVALID", "our offer got no answer");
    await this.#readAnswer(text);
  }

  /** As `takeAnswer`, of a description that came before the answer: another may follow, from there or from elsewhere. */
  async takePreview(text: string): Promise<void> {
    const isOffering = this.#isOffering;
    if (!isOffering) return;
    await this.#readAnswer(text);
    this.#isOffering = isOffering;
  }

  /**
   * Reads what the ACK of a re-INVITE brought. A description that is new there is an answer, so that our last
   * one was taken as an offer (RFC 3261 §14.2): the re-INVITE had none.
   */
  async takeReanswer(text: string | undefined): Promise<void> {
    if (text !== undefined && text !== this.#heard) await this.#readAnswer(text);
  }

  async #readAnswer(text: string): Promise<void> {
    if (this.#ours === undefined)
      throw new MediaswitchError("SDP_INVALID", "an answer came without an offer");
    const result = readAnswer(this.#ours, parsed(text));
    if (result.kind === "refused") throw negotiationError(result);
    this.#isOffering = false;
    this.#heard = text;
    await this.#target(result.negotiated);
  }

  async #target(negotiated: Negotiated): Promise<void> {
    if (this.channel === undefined)
      throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", "the leg has no channel");
    this.#hold = negotiated.hold;
    const remote = remoteMedia(negotiated);
    // An unspecified address says only that nothing may be sent (RFC 3264 §8.4, the older hold): where the far
    // end really is stays true.
    const known = isUnspecified(remote.address) ? this.#remote : undefined;
    this.#remote = known === undefined ? remote : { ...remote, address: known.address, port: known.port };
    await this.#media.execute({ type: "target", uuid: this.channel.uuid, remote: this.#remote });
    // Naming the far end gives both directions back.
    if (this.isDeaf) await this.#media.execute({ type: "direction", uuid: this.channel.uuid, send: false });
  }

  /** What an offer of ours would be now; it is none. */
  sketch(codecs: readonly CodecName[]): SessionDescription {
    return makeOffer(this.#next(codecs));
  }

  /** RFC 3264 §8: each description of a session has a version one higher than the last. */
  #local(codecs: readonly CodecName[]): LocalAudio {
    const local = this.#next(codecs);
    this.#sessionVersion += 1;
    return local;
  }

  #next(codecs: readonly CodecName[]): LocalAudio {
    if (this.channel === undefined)
      throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", "the leg has no channel");
    return {
      address: this.channel.ip,
      port: this.channel.port,
      codecs,
      direction: this.direction,
      sessionId: this.#sessionId,
      sessionVersion: this.#sessionVersion + 1,
    };
  }
}

function parsed(text: string): SessionDescription {
  const result = parseSdp(text);
  if (isSdpRefusal(result)) {
    throw new MediaswitchError(
      "SDP_INVALID",
      `session description, line ${String(result.line)}: ${result.message}`,
    );
  }
  return result;
}

function negotiationError({ code, message }: OfferRefused): MediaswitchError {
  return new MediaswitchError(code === "no-common-codec" ? "MEDIA_NO_COMMON_CODEC" : "SDP_INVALID", message);
}

const isUnspecified = (address: string): boolean => address === "0.0.0.0" || address === "::";

/** RFC 8866 §5.2: a numeric string, unique enough that no two sessions share it; 48 bits. */
function randomSessionId(random: Random): string {
  let id = 0;
  for (const octet of random.bytes(6)) id = id * 256 + octet;
  return String(id);
}
