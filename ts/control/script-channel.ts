import { MediaswitchError } from "../core/errors.js";
import { CODEC_NAMES, isCodecName, PAYLOAD_FORMATS, type CodecName } from "../sdp/payload-types.js";
import { toJson, type SdpJson } from "../sdp/json.js";
import type { Call } from "./call.js";
import { openChannel } from "./channel.js";
import { spokenCodecs } from "./codecs.js";
import type { Desk } from "./desk.js";
import type { LegChannel } from "./leg.js";

/** What `createchannel` fills in: our description of the channel, and what it is to be used with. */
export interface ChannelRequest {
  codecs?: readonly CodecName[];
  control?: string;
  sdp?: SdpJson;
}

/** `undefined`: there is none to be had. */
export type ChannelListener = (this: Call, channel: LegChannel | undefined) => unknown;

/** Gives the call a media channel; `request.sdp` describes it then. */
export async function createChannel(
  desk: Desk,
  call: Call,
  request: ChannelRequest,
  done?: ChannelListener,
): Promise<void> {
  const channel = await call.tasks.run(() => opened(desk, call, request));
  if (done === undefined) return;
  desk.within(call, () => {
    try {
      Promise.resolve(done.call(call, channel)).catch((error: unknown) => {
        desk.fail(call, error);
      });
    } catch (error) {
      desk.fail(call, error);
    }
  });
}

async function opened(desk: Desk, call: Call, request: ChannelRequest): Promise<LegChannel | undefined> {
  try {
    if (call.isOver) return undefined;
    const codecs = spokenCodecs(request.codecs ?? desk.script.codecs);
    const control = request.control ?? desk.controlUrl;
    const channel = await openChannel(desk, call, { control, codecs });
    request.codecs = codecs;
    request.sdp = toJson(call.leg.sketch(codecs));
    return channel;
  } catch (error) {
    desk.log.warn({ callid: call.callid, err: error }, "no channel could be had");
    return undefined;
  }
}

/** The part of a description in JSON that codecs are added to. */
export interface MediaLines {
  readonly m: {
    payloads: (number | string)[];
    rtpmap?: Record<string, { encoding: string; clock: number | string }>;
    fmtp?: Record<string, string>;
  }[];
}

/**
 * Adds a codec to the first media line, by its usual payload type.
 * @throws {MediaswitchError} ARGUMENT_INVALID for what is no codec, SDP_INVALID without a media line.
 */
export function addMedia(sdp: MediaLines, codec: CodecName): void {
  const [media] = sdp.m;
  if (!isCodecName(codec)) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `"${String(codec)}" is no codec; known: ${CODEC_NAMES.join(", ")}`,
      "codec",
    );
  }
  if (media === undefined) throw new MediaswitchError("SDP_INVALID", "there is no media line", "sdp.m[0]");
  const { payloadType, encoding, clock, assignment, fmtp } = PAYLOAD_FORMATS[codec];
  if (media.payloads.some((known) => String(known) === String(payloadType))) return;
  media.payloads.push(payloadType);
  if (assignment === "dynamic") (media.rtpmap ??= {})[payloadType] = { encoding, clock };
  if (fmtp !== undefined) (media.fmtp ??= {})[payloadType] = fmtp;
}
