import type { LogLine } from "../core/log-tail.js";
import type { Service } from "../core/service.js";
import type { OutsideOptions } from "./outside.js";

/** How the main thread speaks to the worker thread that holds control and the script. Types only. */
export type ControlCommands = {
  /** Loads the script. `url`: where control's HTTP is served; absent while the script hasn't called `run()`. */
  start: { input: object; result: { url?: string } };
  health: { input: object; result: object };
  /** What the other parts have logged, for the operator's page. */
  log: { input: { lines: readonly LogLine[] }; result: object };
  /** Hangs up all calls and closes what control has opened. */
  close: { input: object; result: object };
};

export type ControlService = Service<ControlCommands, never>;

/** `workerData` of `ts/control-worker.ts`; the ports are among it and have to be transferred. */
export interface ControlWorkerData<Port> {
  readonly sip: Port;
  readonly media: Port;
  /** Live audio of channels. */
  readonly audio: Port;
  readonly control: Port;
  /** Shared: what the thread tells of itself (`script-pulse.ts`). */
  readonly pulse: SharedArrayBuffer;
  /** Without one, inbound calls wait for clients of the API. */
  readonly script?: string;
  readonly outside: OutsideOptions;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly logLevel: string;
  /** The other components' HTTP, for requests of the script. */
  readonly sipUrl: string;
  readonly rtpUrl: string;
}
