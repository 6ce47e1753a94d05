import { payloadKey } from "./fields.js";
import { codecNameOf, PAYLOAD_FORMATS, staticRtpMap, type CodecName } from "./payload-types.js";
import type { MediaDescription } from "./session-description.js";

/** One payload type and what it carries. `codec` names iLBC with its mode. */
export interface Format {
  readonly payloadType: number;
  readonly codec: CodecName;
}

/** What both sides can do, in the order of the side that was asked. */
export interface CommonFormats {
  /** Audio only, each codec once. */
  readonly audio: readonly Format[];
  readonly telephoneEvent?: number;
}

/**
 * The formats of a media section that we know, in its order. A static payload type needs no rtpmap (RFC 3551
 * §6); one that has an rtpmap means what that says.
 * @param other where to look for an rtpmap that the section left out: the offer, when this is the answer.
 */
export function knownFormats(media: MediaDescription, other?: MediaDescription): readonly Format[] {
  const formats = new Map<number, CodecName>();
  for (const key of media.payloads.map(payloadKey)) {
    if (key === undefined || formats.has(Number(key))) continue;
    const map = media.rtpmap[key] ?? other?.rtpmap[key] ?? staticRtpMap(Number(key));
    const codec = map === undefined ? undefined : codecNameOf(map, media.fmtp[key] ?? other?.fmtp[key]);
    if (codec !== undefined) formats.set(Number(key), codec);
  }
  return [...formats].map(([payloadType, codec]) => ({ payloadType, codec }));
}

/**
 * Those of `formats` that `codecs` allows, in the order of `formats`; a codec that stands there twice counts
 * once, with its first payload type. Telephone-events are taken at the clock rate of the audio
 * (RFC 4733 §2.1): all our codecs have 8000 Hz, so events of other rates have no name here and drop out.
 */
export function commonFormats(formats: readonly Format[], codecs: readonly CodecName[]): CommonFormats {
  const audio: Format[] = [];
  let telephoneEvent: number | undefined;
  for (const { payloadType, codec } of formats) {
    const common = commonCodec(codec, codecs);
    if (common === undefined) continue;
    if (common === "2833") telephoneEvent ??= payloadType;
    else if (!audio.some((format) => format.codec === common)) audio.push({ payloadType, codec: common });
  }
  return telephoneEvent === undefined ? { audio } : { audio, telephoneEvent };
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
