import type { Mutable } from "../core/mutable.js";
import { payloadKey } from "./fields.js";
import { codecNameOf, isAudio, PAYLOAD_FORMATS, staticRtpMap, type CodecName } from "./payload-types.js";
import type { MediaDescription } from "./session-description.js";

/** One payload type and what it carries. `codec` names iLBC with its mode. */
export interface Format {
  readonly payloadType: number;
  readonly codec: CodecName;
  /** RTP clock rate in Hz. */
  readonly clock: number;
}

/** What both sides can do, in the order of the side that was asked. */
export interface CommonFormats {
  /** Audio only, each codec once. */
  readonly audio: readonly Format[];
  readonly telephoneEvent?: Format;
  readonly comfortNoise?: Format;
}

/**
 * The formats of a media section that we know, in its order. A static payload type needs no rtpmap (RFC 3551
 * §6); one that has an rtpmap means what that says.
 * @param other where to look for an rtpmap that the section left out: the offer, when this is the answer.
 */
export function knownFormats(media: MediaDescription, other?: MediaDescription): readonly Format[] {
  const formats: Format[] = [];
  for (const payload of media.payloads) {
    const key = payloadKey(payload);
    const payloadType = Number(key);
    if (key === undefined || formats.some((known) => known.payloadType === payloadType)) continue;
    const map = media.rtpmap.get(key) ?? other?.rtpmap.get(key) ?? staticRtpMap(payloadType);
    if (map === undefined) continue;
    const codec = codecNameOf(map, media.fmtp.get(key) ?? other?.fmtp.get(key));
    if (codec !== undefined) formats.push({ payloadType, codec, clock: map.clock });
  }
  return formats;
}

/**
 * Those of `formats` that `codecs` allows, in the order of `formats`; a codec that stands there twice counts
 * once, with its first payload type. Telephone-events and comfort noise count by the clock rate of audio that is
 * common as well (RFC 4733 §2.1, RFC 3389 §4), the first audio before others.
 */
export function commonFormats(formats: readonly Format[], codecs: readonly CodecName[]): CommonFormats {
  const audio: Format[] = [];
  for (const format of formats) {
    const codec = commonCodec(format.codec, codecs);
    if (codec === undefined || !isAudio(codec) || audio.some((other) => other.codec === codec)) continue;
    audio.push({ payloadType: format.payloadType, codec, clock: format.clock });
  }
  const common: Mutable<CommonFormats> = { audio };
  const telephoneEvent = codecs.includes("2833") ? besideAudio(audio, formats, "2833") : undefined;
  const comfortNoise = codecs.includes("cn") ? besideAudio(audio, formats, "cn") : undefined;
  if (telephoneEvent !== undefined) common.telephoneEvent = telephoneEvent;
  if (comfortNoise !== undefined) common.comfortNoise = comfortNoise;
  return common;
}

function besideAudio(
  audio: readonly Format[],
  formats: readonly Format[],
  name: CodecName,
): Format | undefined {
  for (const { clock } of audio) {
    const found = formats.find((format) => format.codec === name && format.clock === clock);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The payload type under which `formats` has the same as `format`. iLBC is the same in either mode: which one is
 * sent, both descriptions together say.
 */
export function payloadTypeOf(format: Format, formats: readonly Format[]): number | undefined {
  const { encoding } = PAYLOAD_FORMATS[format.codec];
  return formats.find(
    ({ codec, clock }) => PAYLOAD_FORMATS[codec].encoding === encoding && clock === format.clock,
  )?.payloadType;
}

/** RFC 3952 §5: sides that want different modes of iLBC both use 30 ms. */
function commonCodec(theirs: CodecName, ours: readonly CodecName[]): CodecName | undefined {
  if (PAYLOAD_FORMATS[theirs].encoding !== PAYLOAD_FORMATS.ilbc.encoding) {
    return ours.includes(theirs) ? theirs : undefined;
  }
  const own = ours.find((codec) => PAYLOAD_FORMATS[codec].encoding === PAYLOAD_FORMATS.ilbc.encoding);
  if (own === undefined) return undefined;
  return theirs === "ilbc@30" || own === "ilbc@30" ? "ilbc@30" : "ilbc@20";
}

const SHORTEST_DEFAULT = 20;
const LONGEST_PACKET = 60;

/**
 * Milliseconds of audio per packet of `codec` towards somebody who asks for `ptime` and takes no more than
 * `maxptime`: whole frames, at least one, 10–60 ms. Undefined when nothing is asked for and the usual 20 ms
 * (RFC 3551 §4.2) will do.
 */
export function packetTime(
  codec: CodecName,
  ptime: number | undefined,
  maxptime: number | undefined,
): number | undefined {
  const { frameMillis } = PAYLOAD_FORMATS[codec];
  if (ptime === undefined && maxptime === undefined && SHORTEST_DEFAULT % frameMillis === 0) return undefined;
  const wanted = Math.min(ptime ?? SHORTEST_DEFAULT, maxptime ?? LONGEST_PACKET, LONGEST_PACKET);
  return Math.max(1, Math.floor(wanted / frameMillis)) * frameMillis;
}
