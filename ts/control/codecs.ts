/** The names scripts use for codecs, and what the media engine calls them. */
import { MediaswitchError } from "../core/errors.js";
import type { AudioFormat, RemoteMedia } from "../rtp/media-service.js";
import type { Negotiated } from "../sdp/offer-answer.js";
import { CODEC_NAMES, isCodecName, type CodecName } from "../sdp/payload-types.js";

/** Offered unless the script says otherwise, in this order. */
export const DEFAULT_CODECS: readonly CodecName[] = ["pcma", "pcmu", "722", "ilbc", "2833"];

/** `undefined`: a name that may be asked for but that the engine does not speak; it is left out of our SDP. */
const FORMATS: Readonly<Record<CodecName, AudioFormat | "telephone-event" | undefined>> = {
  pcma: "PCMA",
  pcmu: "PCMU",
  "722": undefined,
  ilbc: undefined,
  "ilbc@20": undefined,
  "ilbc@30": undefined,
  "2833": "telephone-event",
};

/**
 * Those of `names` that the engine speaks, in their order.
 * @throws {MediaswitchError} ARGUMENT_INVALID for a name that is none, MEDIA_NO_COMMON_CODEC when no audio is left.
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
    if (FORMATS[name] !== undefined && !spoken.includes(name)) spoken.push(name);
  });
  if (spoken.every((name) => name === "2833")) {
    throw new MediaswitchError(
      "MEDIA_NO_COMMON_CODEC",
      "the media engine speaks none of the codecs",
      "codecs",
    );
  }
  return spoken;
}

/** What was negotiated, in the media engine's words. */
export function remoteMedia(negotiated: Negotiated): RemoteMedia {
  const formats = negotiated.formats.flatMap(({ payloadType, codec }) => {
    const format = FORMATS[codec];
    return format === undefined || format === "telephone-event" ? [] : [{ payloadType, format }];
  });
  const { direction } = negotiated;
  return {
    address: negotiated.remote.address,
    port: negotiated.remote.port,
    formats,
    ...(negotiated.telephoneEvent !== undefined && { telephoneEvent: negotiated.telephoneEvent }),
    ...(negotiated.ptime !== undefined && { ptime: negotiated.ptime }),
    direction: {
      send: direction === "sendrecv" || direction === "sendonly",
      recv: direction === "sendrecv" || direction === "recvonly",
    },
  };
}
