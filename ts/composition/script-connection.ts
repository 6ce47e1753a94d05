import type { ControlConnection, ControlSettings } from "../control/projectcontrol.js";

export type Connect = (settings: ControlSettings) => Promise<ControlConnection>;

let current: Connect | undefined;

/** Names how `projectcontrol.run()` reaches sip and rtp in this thread; without it: over HTTP. */
export function connectScriptsThrough(connect: Connect): void {
  current = connect;
}

export const scriptConnection = (): Connect | undefined => current;
