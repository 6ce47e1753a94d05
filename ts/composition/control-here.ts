import type { LiveSource } from "../door/serve-live-audio.js";
import type { MediaService } from "../rtp/media-service.js";
import { ScriptHost } from "./script-host.js";
import type { ControlThread, ControlThreadOptions } from "./control-thread.js";

/**
 * Control and the script in this thread: half the work a call, for nothing has to cross; but a script that blocks delays
 * SIP as well, and what it forgets to catch behind a timer is logged, but ends no call. @throws {MediaswitchError} what the script failed with.
 */
export async function startControlHere(options: ControlThreadOptions): Promise<ControlThread> {
  const { environment, logLevel: _logLevel, media, audio, ...rest } = options;
  Object.assign(process.env, environment);
  const streaming: MediaService & LiveSource = {
    execute: (command, signal) => media.execute(command, signal),
    attach: (sink) => {
      media.attach(sink);
    },
    createReadStream: (uuid, shape) => audio.createReadStream(uuid, shape),
    createWriteStream: (uuid, shape) => audio.createWriteStream(uuid, shape),
  };
  const host = new ScriptHost({ ...rest, media: streaming, follows: "nothing" });
  const { url } = await host.start();
  return {
    url,
    // It ends with the process.
    ended: new Promise(() => undefined),
    addLogLines: (lines) => {
      host.addLogLines(lines);
      return Promise.resolve();
    },
    health: () => Promise.resolve(host.health()),
    close: () => host.close(),
  };
}
