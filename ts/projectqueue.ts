import { CallQueues } from "./control/queue-of-calls.js";

/** The queues of this process, by name. */
export const projectqueue = new CallQueues();

// What `require("mediaswitch/projectqueue")` gives.
export { projectqueue as "module.exports" };
