import type { Readable, Writable } from "node:stream";
import { MediaswitchError } from "../core/errors.js";
import type { LiveAudioOptions, StreamingMediaService } from "../control/app/live-audio.js";
import type { FakeChannel } from "./fake-media-channel.js";
import { FakeMediaService } from "./fake-media-service.js";
import type { SoundField } from "./sound-field.js";

/** The fake engine with streams of live audio. */
export class VirtualMedia extends FakeMediaService implements StreamingMediaService {
  field: SoundField | undefined;

  createReadStream(uuid: string, options: LiveAudioOptions): Readable {
    return this.#field.readLive(this.#open(uuid), options);
  }

  createWriteStream(uuid: string, options: Pick<LiveAudioOptions, "samplerate">): Writable {
    return this.#field.writeLive(this.#open(uuid), options);
  }

  get #field(): SoundField {
    if (this.field === undefined) throw new Error("the engine is in no sound field");
    return this.field;
  }

  #open(uuid: string): FakeChannel {
    const channel = this.channels.get(uuid);
    if (channel !== undefined) return channel;
    throw new MediaswitchError("MEDIA_CHANNEL_UNKNOWN", `no channel ${uuid}`, "uuid");
  }
}
