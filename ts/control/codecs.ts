/** The names scripts use for codecs, and what the media engine calls them. */
import { MediaswitchError } from "../core/errors.js";
import type { Mutable } from "../core/mutable.js";
import type { AgreedFormat, AudioFormat, RemoteMedia } from "../rtp/media-service.js";
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
  const formats: AgreedFormat[] = [];
  for (const { codec, payloadType, receive } of negotiated.formats) {
    const format = FORMATS[codec];
    if (format === undefined) continue;
    formats.push(receive === undefined ? { payloadType, format } : { payloadType, receive, format });
  }
  const { direction, telephoneEvent, telephoneEventReceive, telephoneEventClock } = negotiated;
  const { comfortNoise, rtcpMux, rtcpPort, ptime } = negotiated;
  const remote: Mutable<RemoteMedia> = {
    address: negotiated.remote.address,
    port: negotiated.remote.port,
    formats,
    direction: {
      send: direction === "sendrecv" || direction === "sendonly",
      recv: direction === "sendrecv" || direction === "recvonly",
    },
  };
  if (telephoneEvent !== undefined) remote.telephoneEvent = telephoneEvent;
  if (telephoneEventReceive !== undefined) remote.telephoneEventReceive = telephoneEventReceive;
  if (telephoneEventClock !== undefined) remote.telephoneEventClock = telephoneEventClock;
  if (comfortNoise !== undefined) remote.comfortNoise = comfortNoise;
  if (rtcpMux !== undefined) remote.rtcpMux = rtcpMux;
  if (rtcpPort !== undefined) remote.rtcpPort = rtcpPort;
  if (ptime !== undefined) remote.ptime = ptime;
  return remote;
}
