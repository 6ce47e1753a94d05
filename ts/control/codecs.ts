/** The names scripts use for codecs, and what the media engine calls them. */
import { MediaswitchError } from "../core/errors.js";
import type { AudioFormat, RemoteMedia } from "../rtp/media-service.js";
import type { Negotiated } from "../sdp/offer-answer.js";
import { CODEC_NAMES, isAudio, isCodecName, type CodecName } from "../sdp/payload-types.js";

/** Offered unless the script says otherwise, in this order. */
export const DEFAULT_CODECS: readonly CodecName[] = ["pcma", "pcmu", "722", "ilbc", "2833"];

/** `undefined`: not audio by itself. */
const FORMATS: Readonly<Record<CodecName, AudioFormat | undefined>> = {
  pcma: "PCMA",
  pcmu: "PCMU",
  "722": "G722",
  ilbc: "iLBC/20",
  "ilbc@20": "iLBC/20",
  "ilbc@30": "iLBC/30",
  l16: "L16/8000",
  "l16@16000": "L16/16000",
  cn: undefined,
  "2833": undefined,
};

/**
 * `names` in their order, each once.
 * @throws {MediaswitchError} ARGUMENT_INVALID for a name that is none, MEDIA_NO_COMMON_CODEC when none is audio.
 */
export function spokenCodecs(names: readonly string[]): CodecName[] {
  const spoken: CodecName[] = [];
  names.forEach((name, index) => {
    if (!isCodecName(name)) {
      throw new MediaswitchError(
        "ARGUMENT_INVALID",
        `"${name}" is no codec; known: ${CODEC_NAMES.join(", ")}`,
        `codecs[${String(index)}]`,
      );
    }
    if (!spoken.includes(name)) spoken.push(name);
  });
  if (!spoken.some(isAudio)) {
    throw new MediaswitchError("MEDIA_NO_COMMON_CODEC", "there is no audio among the codecs", "codecs");
  }
  return spoken;
}

/** What was negotiated, in the media engine's words. */
export function remoteMedia(negotiated: Negotiated): RemoteMedia {
  const formats = negotiated.formats.flatMap(({ codec, ...payloadTypes }) => {
    const format = FORMATS[codec];
    return format === undefined ? [] : [{ ...payloadTypes, format }];
  });
  const { direction, telephoneEvent, telephoneEventReceive, telephoneEventClock } = negotiated;
  return {
    address: negotiated.remote.address,
    port: negotiated.remote.port,
    formats,
    ...(telephoneEvent !== undefined && { telephoneEvent }),
    ...(telephoneEventReceive !== undefined && { telephoneEventReceive }),
    ...(telephoneEventClock !== undefined && { telephoneEventClock }),
    ...(negotiated.comfortNoise !== undefined && { comfortNoise: negotiated.comfortNoise }),
    ...(negotiated.rtcpMux !== undefined && { rtcpMux: negotiated.rtcpMux }),
    ...(negotiated.rtcpPort !== undefined && { rtcpPort: negotiated.rtcpPort }),
    ...(negotiated.ptime !== undefined && { ptime: negotiated.ptime }),
    direction: {
      send: direction === "sendrecv" || direction === "sendonly",
      recv: direction === "sendrecv" || direction === "recvonly",
    },
  };
}
