/**
 * Worker thread of `mediaswitch start`: call control and the user's script. SIP and media are reached through
 * doors to the main thread, so that a script that blocks delays its own calls and nobody's registration.
 */
import { workerData, type MessagePort } from "node:worker_threads";
import type { ControlCommands, ControlService, ControlWorkerData } from "./composition/control-service.js";
import { BEAT_EVERY } from "./composition/lag-watchdog.js";
import { ScriptHost } from "./composition/script-host.js";
import { ScriptPulse } from "./composition/script-pulse.js";
import { isLogLevel, openLog } from "./composition/system-log.js";
import { MediaswitchError } from "./core/errors.js";
import { dispatch, type Handlers } from "./core/service.js";
import { connectLiveAudio } from "./door/connect-live-audio.js";
import { connectService } from "./door/connect-service.js";
import { serveService } from "./door/serve-service.js";
import type { MediaCommands, MediaEvent } from "./rtp/media-service.js";
import type { SipCommands, SipEvent } from "./sip/sip-service.js";

const data = workerData as ControlWorkerData<MessagePort>;
const { sip, media, audio, control, pulse: memory, logLevel, ...settings } = data;
const log = openLog(isLogLevel(logLevel) ? logLevel : "info", "control");
const pulse = new ScriptPulse(memory);
setInterval(() => {
  pulse.beat();
}, BEAT_EVERY).unref();
const host = new ScriptHost({
  ...settings,
  sip: connectService<SipCommands, SipEvent>(sip),
  media: Object.assign(connectService<MediaCommands, MediaEvent>(media), connectLiveAudio(audio)),
  log,
  entered: (callid) => {
    pulse.entered(callid);
  },
});

const commands: Handlers<ControlCommands> = {
  start: () => host.start(),
  health: () => host.health(),
  log: ({ lines }) => {
    host.addLogLines(lines);
    return {};
  },
  close: async () => {
    await host.close();
    return {};
  },
};

const service: ControlService = {
  execute: (command, signal) => dispatch(commands, command, signal),
  attach: () => {
    throw new MediaswitchError("INTERNAL", "control has no events of its own");
  },
};
serveService(control, service);
