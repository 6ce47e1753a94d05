import { again, start, stop, type Table } from "./machine.js";

export type InviteServerState =
  | "idle"
  | "proceeding"
  | "accepted"
  | "completed"
  | "challenged" // as completed, but the response is not repeated by itself (§26.3.2.4)
  | "confirmed"
  | "terminated";

export type InviteServerInput =
  | "request" // the INVITE, and each copy of it
  | "ACK"
  | "send 1xx" //     from the user
  | "send 2xx" //     from the user
  | "send 401/407" // from the user
  | "send 3xx-6xx" // from the user: any other
  | "transport error";

export type InviteServerEffect =
  | "send 100" //        unless something was sent
  | "send response" //   the one the user gave, kept as the last one
  | "repeat response" // the last one
  | "deliver" //         the request, to the user
  | "deliver ACK"
  | "fail: timeout"
  | "fail: transport";

export type InviteServerTimer = "G" | "H" | "I" | "L";

/**
 * INVITE server transaction: RFC 3261 §17.2.1, Figure 7, with Accepted and timer L of RFC 6026 §7.1. A transport
 * error is told to the user and changes no state (§17.2.4 as RFC 6026 has it): a copy of the request or timer G
 * tries again.
 */
export const inviteServer: Table<
  InviteServerState,
  InviteServerInput,
  InviteServerEffect,
  InviteServerTimer
> = {
  idle: {
    // 100 at once, unless the user has answered at once: allowed, and due after 200 ms anyway (§17.2.1). Before a
    // challenge it would silence the INVITE whose copies are what brings a lost challenge again.
    request: ["proceeding", "deliver", "send 100"],
    ACK: "ignore",
    "send 1xx": "ignore",
    "send 2xx": "ignore",
    "send 401/407": "ignore",
    "send 3xx-6xx": "ignore",
    "timer G": "ignore",
    "timer H": "ignore",
    "timer I": "ignore",
    "timer L": "ignore",
    "transport error": "ignore",
  },
  proceeding: {
    request: ["proceeding", "repeat response"],
    ACK: "ignore",
    "send 1xx": ["proceeding", "send response"],
    "send 2xx": ["accepted", start("L"), "send response"],
    "send 401/407": ["challenged", start("H"), "send response"],
    "send 3xx-6xx": ["completed", start("G"), start("H"), "send response"],
    "timer G": "ignore",
    "timer H": "ignore",
    "timer I": "ignore",
    "timer L": "ignore",
    "transport error": ["proceeding", "fail: transport"],
  },
  accepted: {
    // Absorbed without an answer: the user repeats its 2xx itself (RFC 6026 §7.1, RFC 3261 §13.3.1.4).
    request: "ignore",
    ACK: ["accepted", "deliver ACK"],
    "send 1xx": "ignore",
    "send 2xx": ["accepted", "send response"],
    "send 401/407": "ignore",
    "send 3xx-6xx": "ignore",
    "timer G": "ignore",
    "timer H": "ignore",
    "timer I": "ignore",
    "timer L": ["terminated"],
    "transport error": ["accepted", "fail: transport"],
  },
  completed: {
    request: ["completed", "repeat response"],
    ACK: ["confirmed", stop("G"), stop("H"), start("I")],
    "send 1xx": "ignore",
    "send 2xx": "ignore",
    "send 401/407": "ignore",
    "send 3xx-6xx": "ignore",
    "timer G": ["completed", again("G", "twice, at most T2"), "repeat response"],
    "timer H": ["terminated", "fail: timeout"],
    "timer I": "ignore",
    "timer L": "ignore",
    "transport error": ["completed", "fail: transport"],
  },
  // DoS by a forged source (§26.3.2.4): a challenge goes out once for each copy of the INVITE, and never by itself.
  challenged: {
    request: ["challenged", "repeat response"],
    ACK: ["confirmed", stop("H"), start("I")],
    "send 1xx": "ignore",
    "send 2xx": "ignore",
    "send 401/407": "ignore",
    "send 3xx-6xx": "ignore",
    "timer G": "ignore",
    "timer H": ["terminated"],
    "timer I": "ignore",
    "timer L": "ignore",
    "transport error": ["challenged", "fail: transport"],
  },
  confirmed: {
    request: "ignore",
    ACK: "ignore",
    "send 1xx": "ignore",
    "send 2xx": "ignore",
    "send 401/407": "ignore",
    "send 3xx-6xx": "ignore",
    "timer G": "ignore",
    "timer H": "ignore",
    "timer I": ["terminated"],
    "timer L": "ignore",
    "transport error": "ignore",
  },
  terminated: {
    request: "ignore",
    ACK: "ignore",
    "send 1xx": "ignore",
    "send 2xx": "ignore",
    "send 401/407": "ignore",
    "send 3xx-6xx": "ignore",
    "timer G": "ignore",
    "timer H": "ignore",
    "timer I": "ignore",
    "timer L": "ignore",
    "transport error": "ignore",
  },
};

/** The input that giving a response is. `status` 100–699. */
export function inviteServerInput(status: number): InviteServerInput {
  if (status < 200) return "send 1xx";
  if (status < 300) return "send 2xx";
  return status === 401 || status === 407 ? "send 401/407" : "send 3xx-6xx";
}
