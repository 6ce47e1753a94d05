/**
 * Worker thread of `mediaswitch start`: call control and the user's script. SIP and media are reached through
 * doors to the main thread, so that a script that blocks delays its own calls and nobody's registration.
 */
import { workerData, type MessagePort } from "node:worker_threads";
import { openControl, type OpenControl } from "./composition/control-connection.js";
import type { ControlCommands, ControlService, ControlWorkerData } from "./composition/control-service.js";
import { connectScriptsThrough } from "./composition/script-connection.js";
import { ScriptGuard } from "./composition/script-guard.js";
import { loadScript } from "./composition/script-loader.js";
import { isLogLevel, openLog } from "./composition/system-log.js";
import { MediaswitchError } from "./core/errors.js";
import { dispatch, type Handlers } from "./core/service.js";
import { connectService } from "./door/connect-service.js";
import { serveService } from "./door/serve-service.js";
import { projectcontrol } from "./projectcontrol.js";
import type { MediaCommands, MediaEvent } from "./rtp/media-service.js";
import type { SipCommands, SipEvent } from "./sip/sip-service.js";

const data = workerData as ControlWorkerData<MessagePort>;
const { script, host, port, token } = data;
const log = openLog(isLogLevel(data.logLevel) ? data.logLevel : "info", "control");
const guard = new ScriptGuard(log);
const sip = guard.watch(connectService<SipCommands, SipEvent>(data.sip));
const media = connectService<MediaCommands, MediaEvent>(data.media);

let open: OpenControl | undefined;
/** Set as soon as the script has called `run()`. */
let opening: Promise<OpenControl> | undefined;

connectScriptsThrough(async () => {
  opening = openControl({ sip, media, log, host, port, ...(token === undefined ? {} : { token }) });
  open = await opening;
  return open;
});

const handlers: Handlers<ControlCommands> = {
  start: async () => {
    guard.install();
    await loadScript(script);
    const opened = await opening;
    return opened === undefined ? {} : { url: opened.url };
  },
  health: () => open?.health() ?? {},
  close: async () => {
    await projectcontrol.stop();
    return {};
  },
};

const service: ControlService = {
  execute: (command, signal) => dispatch(handlers, command, signal),
  attach: () => {
    throw new MediaswitchError("INTERNAL", "control has no events of its own");
  },
};
serveService(data.control, service);
