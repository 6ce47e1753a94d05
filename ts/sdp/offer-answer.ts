/**
 * Offer and answer for one audio stream over RTP/AVP (RFC 3264). Pure: descriptions in, descriptions out.
 * Everything else in an offer (second audio, video, fax, data, SRTP) is refused section by section, with port 0.
 */
import { MediaswitchError } from "../core/errors.js";
import type { Mutable } from "../core/mutable.js";
import { connectionOf, connectionTo, unusableBecause } from "./address.js";
import {
  answerDirection,
  attributeDirection,
  effectiveDirection,
  flowOf,
  isMediaHeld,
  narrowDirection,
  reverseDirection,
} from "./direction.js";
import {
  commonFormats,
  knownFormats,
  packetTime,
  payloadTypeOf,
  type CommonFormats,
  type Format,
} from "./formats.js";
import { EVENT_PAYLOAD_TYPES, isAudio, PAYLOAD_FORMATS, type CodecName } from "./payload-types.js";
import { hasRtcpMux, RTCP_MUX, rtcpPort } from "./rtcp.js";
import { serializeSdp } from "./serialize.js";
import type {
  Attribute,
  Direction,
  MediaDescription,
  RtpMap,
  SessionDescription,
} from "./session-description.js";

const AUDIO_PROTOCOL = "RTP/AVP";
const DEFAULT_PTIME = 20;

/** Our side of the stream. */
export interface LocalAudio {
  /** Numeric, as the far end is to send to it. */
  readonly address: string;
  readonly port: number;
  /** In our order of preference, which an offer shows; `2833` offers or takes telephone-events. */
  readonly codecs: readonly CodecName[];
  /** Decimal digits; one for as long as the call lasts. */
  readonly sessionId: string;
  readonly sessionVersion: number;
  /** Milliseconds per packet that we would like to receive. Default: as the offer asks, else 20. */
  readonly ptime?: number;
  /** All we want to do; default sendrecv. */
  readonly direction?: Direction;
  /** Whether our offers propose RTCP on the RTP port (RFC 5761); default no. Where an offer proposes it, we agree. */
  readonly rtcpMux?: boolean;
}

/** What both sides have agreed on, seen from here. */
export interface Negotiated {
  /** Where to send. The address is numeric; 0.0.0.0 only where `direction` forbids sending. */
  readonly remote: { readonly address: string; readonly port: number };
  /** Audio in the far end's order: send the first, take any. iLBC is named with its mode. */
  readonly formats: readonly {
    /** What we send it as. */
    readonly payloadType: number;
    readonly codec: CodecName;
    /** What we take it as, where that is another. */
    readonly receive?: number;
  }[];
  /** Payload type that we send telephone-events as. */
  readonly telephoneEvent?: number;
  /** What we take them as, where that is another. */
  readonly telephoneEventReceive?: number;
  /** Their clock rate, where it is not that of the first format. */
  readonly telephoneEventClock?: number;
  /** Payload type of comfort noise, both ways. */
  readonly comfortNoise?: number;
  /** RTCP comes and goes on the RTP port. */
  readonly rtcpMux?: true;
  /** Where the far end takes RTCP, when that is neither the RTP port nor the next. */
  readonly rtcpPort?: number;
  /** Milliseconds per packet that we send, whole frames, 10–60; absent = 20. */
  readonly ptime?: number;
  /** What we may do. */
  readonly direction: Direction;
  /** The far end holds us: it refuses to hear us although we did not ask for that. */
  readonly hold: boolean;
}

export interface Answered {
  readonly kind: "answered";
  readonly answer: SessionDescription;
  readonly negotiated: Negotiated;
}

export interface OfferRefused {
  readonly kind: "refused";
  readonly code: "no-audio" | "no-common-codec" | "host-name-address";
  readonly message: string;
}

/**
 * Offers one audio stream: the codecs in our order, comfort noise and telephone-events last, these once per clock
 * rate of the audio, an rtpmap for each payload type.
 * @throws {MediaswitchError} ARGUMENT_INVALID when `codecs` has no audio.
 */
export function makeOffer(local: LocalAudio): SessionDescription {
  const { first, lines } = offered(local.codecs);
  const ptime = packetTime(first, local.ptime ?? DEFAULT_PTIME, undefined);
  const a = local.rtcpMux === true ? [RTCP_MUX] : [];
  const section = audioSection(local, lines, { ptime, direction: local.direction ?? "sendrecv", a });
  return ourDescription(local, [{ start: 0, stop: 0, repeats: [] }], [section]);
}

/** What a section says of its formats. */
type FormatLines = Pick<MediaDescription, "payloads" | "rtpmap" | "fmtp">;

interface Offered {
  readonly first: CodecName;
  readonly lines: FormatLines;
}

/** What is offered, by codecs: the same for nearly all calls. */
const OFFERED = new Map<string, Offered>();
const MOST_OFFERED = 100;

function offered(codecs: readonly CodecName[]): Offered {
  const key = codecs.join(" ");
  const known = OFFERED.get(key);
  if (known !== undefined) return known;
  const audio: Format[] = [];
  for (const codec of codecs.filter(isAudio)) {
    const { payloadType, clock } = PAYLOAD_FORMATS[codec];
    if (!audio.some((format) => format.payloadType === payloadType))
      audio.push({ payloadType, codec, clock });
  }
  const [first] = audio;
  if (first === undefined) {
    throw new MediaswitchError("ARGUMENT_INVALID", "an offer needs at least one audio codec", "codecs");
  }
  const made = { first: first.codec, lines: formatLines([...audio, ...besideAudio(codecs, audio)]) };
  if (OFFERED.size < MOST_OFFERED) OFFERED.set(key, made);
  return made;
}

/** What our offers have for silence and for keys. */
function besideAudio(codecs: readonly CodecName[], audio: readonly Format[]): readonly Format[] {
  const { payloadType, clock } = PAYLOAD_FORMATS.cn;
  const clocks = [...new Set(audio.map((format) => format.clock))];
  const noise: Format[] =
    codecs.includes("cn") && clocks.includes(clock) ? [{ payloadType, codec: "cn", clock }] : [];
  const events = clocks.flatMap((clock): Format[] => {
    const payloadType = codecs.includes("2833") ? EVENT_PAYLOAD_TYPES[clock] : undefined;
    return payloadType === undefined ? [] : [{ payloadType, codec: "2833", clock }];
  });
  return [...noise, ...events];
}

/**
 * Answers an offer: the first section that is usable audio is taken, each other one refused (RFC 3264 §6),
 * order and number kept. The answer lists every common codec in the offer's order, under the offer's payload
 * types (§6.1), so that both ends start with the offerer's favourite.
 */
export function makeAnswer(offer: SessionDescription, local: LocalAudio): Answered | OfferRefused {
  let refused: OfferRefused | undefined;
  for (const media of offer.m) {
    if (!isRtpAudio(media)) continue;
    const formats = commonFormats(knownFormats(media), local.codecs);
    const negotiated = negotiate(offer, media, formats, local);
    if ("kind" in negotiated) {
      refused ??= negotiated;
      continue;
    }
    // 0.0.0.0 stops us from sending but is not answered by a direction: RFC 4317 §5.2 accepts it as it is.
    const direction = answerDirection(attributeDirection(offer, media), local.direction ?? "sendrecv");
    const accepted = answerSection(local, formats, negotiated, direction);
    const sections = offer.m.map((section) => (section === media ? accepted : refusedSection(section)));
    const timing = offer.t.length === 0 ? [{ start: 0, stop: 0, repeats: [] }] : offer.t;
    return { kind: "answered", answer: ourDescription(local, timing, sections), negotiated };
  }
  return refused ?? refusal("no-audio", `the offer has no ${AUDIO_PROTOCOL} audio with a port`);
}

/**
 * Reads the answer to our offer. Formats are recognised by what they are, not by their number: an answer may
 * number dynamic ones differently (RFC 3264 §6.1).
 * DEPARTURE RFC 3264 §6: sections beyond those of the offer are ignored rather than failing the call.
 */
export function readAnswer(
  offer: SessionDescription,
  answer: SessionDescription,
): { readonly kind: "answered"; readonly negotiated: Negotiated } | OfferRefused {
  const index = offer.m.findIndex(isRtpAudio);
  const offered = offer.m[index];
  if (offered === undefined) return refusal("no-audio", "the offer had no audio");
  if (answer.m.length < offer.m.length) {
    const counts = `${String(answer.m.length)} for ${String(offer.m.length)}`;
    return refusal("no-audio", `the answer has too few media sections: ${counts}`);
  }
  const media = answer.m[index];
  if (media?.media !== offered.media || media.proto !== offered.proto) {
    return refusal("no-audio", "the answer's media sections are not those of the offer");
  }
  if (media.port === 0) return refusal("no-audio", "the far end refused the audio");

  const address = usableAddress(answer, media);
  if (typeof address !== "string") return address;
  const ours = knownFormats(offered);
  const common = commonFormats(
    knownFormats(media, offered),
    ours.map(({ codec }) => codec),
  );
  const own = attributeDirection(offer, offered);
  const theirs = effectiveDirection(answer, media);
  const direction = narrowDirection(own, reverseDirection(theirs));
  const hold = flowOf(own).send && !flowOf(theirs).recv;
  const negotiated = agreement(media, address, common, { direction, hold });
  if ("kind" in negotiated) return negotiated;
  setReceived(negotiated, common, ours);
  setRtcp(negotiated, media, hasRtcpMux(offered));
  return { kind: "answered", negotiated };
}

/**
 * `next` as the follow-up of `previous`, our last description of the same call: user name and session id stay,
 * and the version goes up by one if anything else is different (RFC 3264 §8).
 */
export function nextVersion(previous: SessionDescription, next: SessionDescription): SessionDescription {
  const { username, sessionid, sessionversion } = previous.o;
  const same: SessionDescription = { ...next, o: { ...next.o, username, sessionid, sessionversion } };
  if (serializeSdp(same) === serializeSdp(previous)) return same;
  return { ...same, o: { ...same.o, sessionversion: (BigInt(sessionversion) + 1n).toString() } };
}

function negotiate(
  offer: SessionDescription,
  media: MediaDescription,
  formats: CommonFormats,
  local: LocalAudio,
): Negotiated | OfferRefused {
  const address = usableAddress(offer, media);
  if (typeof address !== "string") return address;
  const direction = answerDirection(effectiveDirection(offer, media), local.direction ?? "sendrecv");
  const negotiated = agreement(media, address, formats, { direction, hold: isMediaHeld(offer, media) });
  if (!("kind" in negotiated)) setRtcp(negotiated, media, true);
  return negotiated;
}

/** @param mayMux we propose it, or agree to it. */
function setRtcp(negotiated: Mutable<Negotiated>, media: MediaDescription, mayMux: boolean): void {
  if (mayMux && hasRtcpMux(media)) {
    negotiated.rtcpMux = true;
    return;
  }
  const port = rtcpPort(media, negotiated.remote.address);
  if (port !== undefined) negotiated.rtcpPort = port;
}

/** RFC 3264 §6.1: an answer may number dynamic formats anew; what comes to us has the numbers of our offer. */
function setReceived(
  negotiated: Mutable<Negotiated>,
  { audio, telephoneEvent }: CommonFormats,
  ours: readonly Format[],
): void {
  negotiated.formats = audio.map((format) => {
    const { payloadType, codec } = format;
    const receive = payloadTypeOf(format, ours);
    return receive === undefined || receive === payloadType
      ? { payloadType, codec }
      : { payloadType, codec, receive };
  });
  const event = telephoneEvent === undefined ? undefined : payloadTypeOf(telephoneEvent, ours);
  if (event !== undefined && event !== telephoneEvent?.payloadType) negotiated.telephoneEventReceive = event;
}

function agreement(
  media: MediaDescription,
  address: string,
  { audio, telephoneEvent, comfortNoise }: CommonFormats,
  { direction, hold }: Pick<Negotiated, "direction" | "hold">,
): Mutable<Negotiated> | OfferRefused {
  const [first] = audio;
  if (first === undefined) {
    return refusal("no-common-codec", `none of the formats ${media.payloads.join(" ")} is allowed here`);
  }
  const ptime = packetTime(first.codec, media.ptime, media.maxptime);
  const agreed: Mutable<Negotiated> = {
    remote: { address, port: media.port },
    formats: audio.map(({ payloadType, codec }) => ({ payloadType, codec })),
    direction,
    hold,
  };
  if (telephoneEvent !== undefined) {
    agreed.telephoneEvent = telephoneEvent.payloadType;
    if (telephoneEvent.clock !== first.clock) agreed.telephoneEventClock = telephoneEvent.clock;
  }
  if (comfortNoise !== undefined) agreed.comfortNoise = comfortNoise.payloadType;
  if (ptime !== undefined) agreed.ptime = ptime;
  return agreed;
}

function usableAddress(session: SessionDescription, media: MediaDescription): string | OfferRefused {
  const connection = connectionOf(session, media);
  if (connection === undefined) return refusal("no-audio", "the audio has no c= line");
  const reason = unusableBecause(connection);
  return reason === undefined ? connection.address : refusal("host-name-address", reason);
}

function isRtpAudio(media: MediaDescription): boolean {
  return media.media === "audio" && media.proto === AUDIO_PROTOCOL && media.port !== 0;
}

function refusal(code: OfferRefused["code"], message: string): OfferRefused {
  return { kind: "refused", code, message };
}

/** RFC 3264 §6: port 0; type, protocol and formats stay so that the far end sees what is meant. */
function refusedSection({ media, proto, payloads }: MediaDescription): MediaDescription {
  return { media, port: 0, proto, payloads, b: [], rtpmap: new Map(), fmtp: new Map(), a: [] };
}

function answerSection(
  local: LocalAudio,
  { audio, comfortNoise, telephoneEvent }: CommonFormats,
  negotiated: Negotiated,
  direction: Direction,
): MediaDescription {
  const beside = [comfortNoise, telephoneEvent].filter((format) => format !== undefined);
  const wanted = local.ptime ?? negotiated.ptime ?? DEFAULT_PTIME;
  const ptime = packetTime(audio[0]?.codec ?? "pcmu", wanted, undefined);
  const a = negotiated.rtcpMux === true ? [RTCP_MUX] : [];
  return audioSection(local, formatLines([...audio, ...beside]), { ptime, direction, a });
}

function formatLines(formats: readonly Format[]): FormatLines {
  const rtpmap = new Map<string, RtpMap>();
  const fmtp = new Map<string, string>();
  for (const { payloadType, codec, clock } of formats) {
    const format = PAYLOAD_FORMATS[codec];
    rtpmap.set(String(payloadType), { encoding: format.encoding, clock });
    if (format.fmtp !== undefined) fmtp.set(String(payloadType), format.fmtp);
  }
  return { payloads: formats.map(({ payloadType }) => String(payloadType)), rtpmap, fmtp };
}

function audioSection(
  { port }: LocalAudio,
  { payloads, rtpmap, fmtp }: FormatLines,
  { ptime, direction, a }: { ptime: number | undefined; direction: Direction; a: readonly Attribute[] },
): MediaDescription {
  const proto = AUDIO_PROTOCOL;
  return ptime === undefined
    ? { media: "audio", port, proto, payloads, b: [], direction, rtpmap, fmtp, a }
    : { media: "audio", port, proto, payloads, b: [], ptime, direction, rtpmap, fmtp, a };
}

/** User name `-`: no user ids here (RFC 8866 §5.2); session name a single space (§5.3). */
function ourDescription(
  local: LocalAudio,
  t: SessionDescription["t"],
  m: readonly MediaDescription[],
): SessionDescription {
  const c = connectionTo(local.address);
  const o = {
    username: "-",
    sessionid: local.sessionId,
    sessionversion: String(local.sessionVersion),
    nettype: c.nettype,
    ipver: c.ipver,
    address: c.address,
  };
  return { v: 0, o, s: " ", e: [], p: [], c, b: [], t, a: [], m };
}
