import { start, stop, type Table } from "./machine.js";

export type NonInviteServerState = "idle" | "trying" | "proceeding" | "completed" | "terminated";

export type NonInviteServerInput =
  | "request" //      the request, and each copy of it
  | "send 1xx" //     from the user
  | "send 2xx-6xx" // from the user
  | "transport error";

export type NonInviteServerEffect =
  | "send response" //   the one the user gave, kept as the last one
  | "repeat response" // the last one
  | "deliver" //         the request, to the user
  | "fail: transport";

export type NonInviteServerTimer = "F" | "J";

/**
 * Non-INVITE server transaction: RFC 3261 §17.2.2, Figure 8. A transport error is told to the user and changes no
 * state (§17.2.4 as RFC 6026 has it).
 *
 * Figure 8 lets a transaction whose user never answers last for ever. The client's timer F runs here as well: when
 * it has given up, an answer would only be a stray (RFC 4320 §4).
 */
export const nonInviteServer: Table<
  NonInviteServerState,
  NonInviteServerInput,
  NonInviteServerEffect,
  NonInviteServerTimer
> = {
  idle: {
    request: ["trying", start("F"), "deliver"],
    "send 1xx": "ignore",
    "send 2xx-6xx": "ignore",
    "timer F": "ignore",
    "timer J": "ignore",
    "transport error": "ignore",
  },
  trying: {
    request: "ignore",
    "send 1xx": ["proceeding", "send response"],
    "send 2xx-6xx": ["completed", stop("F"), start("J"), "send response"],
    "timer F": ["terminated"],
    "timer J": "ignore",
    "transport error": "ignore",
  },
  proceeding: {
    request: ["proceeding", "repeat response"],
    "send 1xx": ["proceeding", "send response"],
    "send 2xx-6xx": ["completed", stop("F"), start("J"), "send response"],
    "timer F": ["terminated"],
    "timer J": "ignore",
    "transport error": ["proceeding", "fail: transport"],
  },
  completed: {
    request: ["completed", "repeat response"],
    "send 1xx": "ignore",
    "send 2xx-6xx": "ignore",
    "timer F": "ignore",
    "timer J": ["terminated"],
    "transport error": ["completed", "fail: transport"],
  },
  terminated: {
    request: "ignore",
    "send 1xx": "ignore",
    "send 2xx-6xx": "ignore",
    "timer F": "ignore",
    "timer J": "ignore",
    "transport error": "ignore",
  },
};

/** The input that giving a response is. `status` 100–699. */
export const nonInviteServerInput = (status: number): NonInviteServerInput =>
  status < 200 ? "send 1xx" : "send 2xx-6xx";
