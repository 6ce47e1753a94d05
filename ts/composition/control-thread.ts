import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import type { Log } from "../core/log.js";
import type { LogLine } from "../core/log-tail.js";
import { SystemClock } from "../core/system-clock.js";
import { MediaswitchError } from "../core/errors.js";
import { connectService } from "../door/connect-service.js";
import { serveLiveAudio, type LiveSource } from "../door/serve-live-audio.js";
import { serveService } from "../door/serve-service.js";
import type { MediaService } from "../rtp/media-service.js";
import type { SipService } from "../sip/sip-service.js";
import type { ControlCommands, ControlWorkerData } from "./control-service.js";
import { LagWatchdog } from "./lag-watchdog.js";
import type { Running } from "./options.js";
import type { OutsideOptions } from "./outside.js";
import { ScriptPulse } from "./script-pulse.js";

/** Milliseconds that control gets to hang up its calls. */
const CLOSE_GRACE = 2_000;

export interface ControlThreadOptions {
  readonly sip: SipService;
  readonly media: MediaService;
  /** The engine behind `media`, for live audio. */
  readonly audio: LiveSource;
  readonly script?: string;
  readonly outside: OutsideOptions;
  readonly log: Log;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly logLevel: string;
  readonly sipUrl: string;
  readonly rtpUrl: string;
  /** Added to the environment the script sees. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface ControlThread extends Running {
  /** Absent while the script hasn't called `run()`. */
  readonly url: string | undefined;
  /** Takes what other parts have logged, for the operator's page. */
  addLogLines(lines: readonly LogLine[]): Promise<unknown>;
  /** Settles with the reason when the thread ends by itself. */
  readonly ended: Promise<MediaswitchError>;
}

/** Control and the script in a thread of their own. @throws {MediaswitchError} what the script failed with. */
export async function startControlThread(options: ControlThreadOptions): Promise<ControlThread> {
  const { sip, media, audio, environment, log, ...rest } = options;
  const [sipDoor, mediaDoor, audioDoor, controlDoor] = [
    new MessageChannel(),
    new MessageChannel(),
    new MessageChannel(),
    new MessageChannel(),
  ];
  const ports = {
    sip: sipDoor.port2,
    media: mediaDoor.port2,
    audio: audioDoor.port2,
    control: controlDoor.port2,
  };
  const pulse = new ScriptPulse();
  const workerData: ControlWorkerData<MessagePort> = { ...rest, ...ports, pulse: pulse.memory };
  const worker = new Worker(new URL("../control-worker.js", import.meta.url), {
    name: "control",
    workerData,
    transferList: [ports.sip, ports.media, ports.audio, ports.control],
    env: { ...process.env, ...environment },
  });
  const ended = endOf(worker);
  serveService(sipDoor.port1, sip);
  serveService(mediaDoor.port1, media);
  serveLiveAudio(audioDoor.port1, audio);
  const control = connectService<ControlCommands, never>(controlDoor.port1);
  let watchdog: LagWatchdog | undefined;
  const end = async (): Promise<void> => {
    watchdog?.stop();
    for (const door of [sipDoor, mediaDoor, audioDoor, controlDoor]) door.port1.close();
    await worker.terminate();
  };
  try {
    const started = control.execute({ type: "start" });
    const first = await Promise.race([started, ended]);
    if (first instanceof MediaswitchError) throw first;
    const watching = new LagWatchdog({ pulse, clock: new SystemClock(), log });
    watchdog = watching;
    return {
      url: first.url,
      ended,
      addLogLines: (lines) => control.execute({ type: "log", lines }),
      health: async () => ({ ...(await control.execute({ type: "health" })), thread: watching.counts }),
      close: async () => {
        // A script that blocks its thread is not waited for.
        await control.execute({ type: "close" }, AbortSignal.timeout(CLOSE_GRACE)).catch(() => undefined);
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Settles with the reason when the thread ends by itself. */
const endOf = (worker: Worker): Promise<MediaswitchError> =>
  new Promise((resolve) => {
    worker.once("error", (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      resolve(new MediaswitchError("INTERNAL", `call control failed: ${text}`));
    });
    worker.once("exit", (code) => {
      resolve(new MediaswitchError("INTERNAL", `the script ended call control (exit code ${String(code)})`));
    });
  });
