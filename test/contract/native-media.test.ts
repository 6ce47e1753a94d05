import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NativeMediaService } from "../../ts/rtp/native-media-service.js";
import { freePorts } from "../interop/support/ports.js";
import { writeWav } from "../interop/support/wav.js";
import { mediaServedOverHttp } from "./homes.js";
import { ROOM, SOUND, mediaServiceContract, type MediaHome } from "./media-service.contract.js";

/** Each channel takes two. */
const PORTS = 2 * ROOM;
const SAMPLING_RATE = 8000;
const SECONDS = 10;

async function nativeMedia(): Promise<MediaHome> {
  const low = await freePorts(PORTS);
  const folder = mkdtempSync(join(tmpdir(), "mediaswitch-"));
  const samples = new Int16Array(SECONDS * SAMPLING_RATE).map((_, index) => 8000 * Math.sin(index / 4));
  writeWav(join(folder, SOUND), { samplingRate: SAMPLING_RATE, samples });
  const service = await NativeMediaService.start({
    bind: "127.0.0.1",
    ports: { low, high: low + PORTS - 1 },
    soundsRoot: folder,
    recordingsRoot: folder,
  });
  return {
    service,
    close: async () => {
      await service.close();
      rmSync(folder, { recursive: true });
    },
  };
}

mediaServiceContract("native media", nativeMedia);
mediaServiceContract("native media over HTTP", async () => mediaServedOverHttp(await nativeMedia()));
