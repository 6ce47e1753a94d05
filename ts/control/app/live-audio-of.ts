import { MediaswitchError } from "../../core/errors.js";
import type { MediaService } from "../../rtp/media-service.js";
import type { Line } from "./line.js";
import type { AudioSink, LiveAudio, LiveAudioOptions, StreamingMediaService } from "./live-audio.js";
import { checkedChoice } from "./option-checks.js";
import { audibleChannel } from "./play-queue.js";

/** @throws {MediaswitchError} MEDIA_UNAVAILABLE, CALL_STATE, ARGUMENT_INVALID. {CallEnded} */
export function liveAudio(line: Line, { samplerate, direction }: LiveAudioOptions): LiveAudio {
  line.checkAlive();
  const { media } = line.desk;
  if (!streams(media)) {
    throw new MediaswitchError(
      "MEDIA_UNAVAILABLE",
      "live audio needs the media server in the same process as the script",
    );
  }
  const shape = {
    ...(samplerate !== undefined && { samplerate: checkedRate(samplerate) }),
    ...(direction !== undefined && {
      direction: checkedChoice(direction, "direction", ["in", "out", "both"]),
    }),
  };
  const input = media.createReadStream(audibleChannel(line.call), shape);
  return { input, output: () => sink(line, media, samplerate) };
}

function sink(
  line: Line,
  media: StreamingMediaService,
  samplerate: LiveAudioOptions["samplerate"],
): AudioSink {
  const rate = samplerate === undefined ? {} : { samplerate };
  const opened = media.createWriteStream(audibleChannel(line.call), rate);
  // Where nobody listens for it, an error would be everybody's.
  opened.once("error", (error) => {
    line.desk.log.debug({ callid: line.call.callid, err: error }, "a live stream has failed");
  });
  return opened;
}

function checkedRate(samplerate: unknown): 8000 | 16_000 {
  if (samplerate === 8000 || samplerate === 16_000) return samplerate;
  throw new MediaswitchError("ARGUMENT_INVALID", "samplerate: 8000 or 16000", "samplerate");
}

const streams = (media: MediaService): media is StreamingMediaService =>
  "createReadStream" in media && "createWriteStream" in media;
