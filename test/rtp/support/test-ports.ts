import { claimPorts } from "../../support/claim-ports.js";

const firstPort = await claimPorts();
if (firstPort === undefined) throw new Error("other test processes have all ports for media");

/** One of a thousand ports of this process's own; the first is for UDP alone. */
export const testPort = (offset: number): number => firstPort + offset;
