import { again, start, stop, type Table } from "./machine.js";

export type NonInviteClientState = "idle" | "trying" | "proceeding" | "completed" | "terminated";

export type NonInviteClientInput =
  | "request" // from the user
  | "1xx"
  | "2xx-6xx"
  | "transport error";

export type NonInviteClientEffect =
  | "send request"
  | "deliver" // the response at hand, to the user
  | "fail: timeout"
  | "fail: transport";

export type NonInviteClientTimer = "E" | "F" | "K";

/** Non-INVITE client transaction: RFC 3261 §17.1.2.2, Figure 6. */
export const nonInviteClient: Table<
  NonInviteClientState,
  NonInviteClientInput,
  NonInviteClientEffect,
  NonInviteClientTimer
> = {
  idle: {
    request: ["trying", start("E"), start("F"), "send request"],
    "1xx": "ignore",
    "2xx-6xx": "ignore",
    "timer E": "ignore",
    "timer F": "ignore",
    "timer K": "ignore",
    "transport error": "ignore",
  },
  trying: {
    request: "ignore",
    // Timer E runs on: the retransmission that is due keeps its instant, the ones after it come every T2.
    "1xx": ["proceeding", "deliver"],
    "2xx-6xx": ["completed", stop("E"), stop("F"), start("K"), "deliver"],
    "timer E": ["trying", again("E", "twice, at most T2"), "send request"],
    "timer F": ["terminated", "fail: timeout"],
    "timer K": "ignore",
    "transport error": ["terminated", "fail: transport"],
  },
  proceeding: {
    request: "ignore",
    "1xx": ["proceeding", "deliver"],
    "2xx-6xx": ["completed", stop("E"), stop("F"), start("K"), "deliver"],
    "timer E": ["proceeding", again("E", "T2"), "send request"],
    "timer F": ["terminated", "fail: timeout"],
    "timer K": "ignore",
    "transport error": ["terminated", "fail: transport"],
  },
  completed: {
    request: "ignore",
    "1xx": "ignore",
    "2xx-6xx": "ignore",
    "timer E": "ignore",
    "timer F": "ignore",
    "timer K": ["terminated"],
    "transport error": "ignore",
  },
  terminated: {
    request: "ignore",
    "1xx": "ignore",
    "2xx-6xx": "ignore",
    "timer E": "ignore",
    "timer F": "ignore",
    "timer K": "ignore",
    "transport error": "ignore",
  },
};

/** The input a response is. `status` 100–699. */
export const nonInviteClientInput = (status: number): NonInviteClientInput =>
  status < 200 ? "1xx" : "2xx-6xx";
