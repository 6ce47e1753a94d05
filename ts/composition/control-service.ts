import type { Service } from "../core/service.js";

/** How the main thread speaks to the worker thread that holds control and the script. Types only. */
export type ControlCommands = {
  /** Loads the script. `url`: where control's HTTP is served; absent while the script hasn't called `run()`. */
  start: { input: object; result: { url?: string } };
  health: { input: object; result: object };
  /** Hangs up all calls and closes what control has opened. */
  close: { input: object; result: object };
};

export type ControlService = Service<ControlCommands, never>;

/** `workerData` of `ts/control-worker.ts`; the ports are among it and have to be transferred. */
export interface ControlWorkerData<Port> {
  readonly sip: Port;
  readonly media: Port;
  readonly control: Port;
  readonly script: string;
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly logLevel: string;
}
