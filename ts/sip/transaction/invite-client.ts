import { again, start, stop, type Table } from "./machine.js";

export type InviteClientState = "idle" | "calling" | "proceeding" | "accepted" | "completed" | "terminated";

export type InviteClientInput =
  | "request" // from the user
  | "cancel" //  from the user
  | "100"
  | "1xx" //     101–199
  | "2xx"
  | "3xx-6xx"
  | "transport error";

export type InviteClientEffect =
  | "send request"
  | "send CANCEL"
  | "send ACK" // of the response at hand (§17.1.1.3)
  | "deliver" //  the response at hand, to the user
  | "fail: timeout"
  | "fail: transport";

export type InviteClientTimer = "A" | "B" | "C" | "D" | "M";

/**
 * INVITE client transaction: RFC 3261 §17.1.1.2, Figure 5, with Accepted and timer M of RFC 6026 §7.2.
 *
 * Figure 5 lets Proceeding last for ever. Timer C ends it, as it does in a proxy (§16.6 step 11): each 101–199
 * starts it anew; when it fires the INVITE is cancelled (§16.8). An INVITE that was cancelled, by timer C or by
 * the user, is given 64*T1 for its final response (§9.1): timer B once more.
 */
export const inviteClient: Table<
  InviteClientState,
  InviteClientInput,
  InviteClientEffect,
  InviteClientTimer
> = {
  idle: {
    request: ["calling", start("A"), start("B"), "send request"],
    cancel: "ignore",
    "100": "ignore",
    "1xx": "ignore",
    "2xx": "ignore",
    "3xx-6xx": "ignore",
    "timer A": "ignore",
    "timer B": "ignore",
    "timer C": "ignore",
    "timer D": "ignore",
    "timer M": "ignore",
    "transport error": "ignore",
  },
  calling: {
    request: "ignore",
    // No CANCEL before a provisional response (§9.1); the layer asks again when there is one.
    cancel: "ignore",
    "100": ["proceeding", stop("A"), stop("B"), start("C"), "deliver"],
    "1xx": ["proceeding", stop("A"), stop("B"), start("C"), "deliver"],
    "2xx": ["accepted", stop("A"), stop("B"), start("M"), "deliver"],
    "3xx-6xx": ["completed", stop("A"), stop("B"), start("D"), "send ACK", "deliver"],
    "timer A": ["calling", again("A", "twice"), "send request"],
    "timer B": ["terminated", "fail: timeout"],
    "timer C": "ignore",
    "timer D": "ignore",
    "timer M": "ignore",
    "transport error": ["terminated", "fail: transport"],
  },
  proceeding: {
    request: "ignore",
    cancel: ["proceeding", stop("C"), start("B"), "send CANCEL"],
    "100": ["proceeding", "deliver"],
    "1xx": ["proceeding", start("C"), "deliver"],
    "2xx": ["accepted", stop("B"), stop("C"), start("M"), "deliver"],
    "3xx-6xx": ["completed", stop("B"), stop("C"), start("D"), "send ACK", "deliver"],
    "timer A": "ignore",
    "timer B": ["terminated", "fail: timeout"],
    "timer C": ["proceeding", start("B"), "send CANCEL"],
    "timer D": "ignore",
    "timer M": "ignore",
    "transport error": ["terminated", "fail: transport"],
  },
  accepted: {
    request: "ignore",
    cancel: "ignore",
    "100": "ignore",
    "1xx": "ignore",
    "2xx": ["accepted", "deliver"],
    "3xx-6xx": "ignore",
    "timer A": "ignore",
    "timer B": "ignore",
    "timer C": "ignore",
    "timer D": "ignore",
    "timer M": ["terminated"],
    "transport error": "ignore",
  },
  completed: {
    request: "ignore",
    cancel: "ignore",
    "100": "ignore",
    "1xx": "ignore",
    "2xx": "ignore",
    "3xx-6xx": ["completed", "send ACK"],
    "timer A": "ignore",
    "timer B": "ignore",
    "timer C": "ignore",
    "timer D": ["terminated"],
    "timer M": "ignore",
    // DEPARTURE RFC 3261 §17.1.1.2: the user is not told that an ACK could not be sent; it has its final response.
    "transport error": ["terminated"],
  },
  terminated: {
    request: "ignore",
    cancel: "ignore",
    "100": "ignore",
    "1xx": "ignore",
    "2xx": "ignore",
    "3xx-6xx": "ignore",
    "timer A": "ignore",
    "timer B": "ignore",
    "timer C": "ignore",
    "timer D": "ignore",
    "timer M": "ignore",
    "transport error": "ignore",
  },
};

/** The input a response is. `status` 100–699. */
export function inviteClientInput(status: number): InviteClientInput {
  if (status === 100) return "100";
  if (status < 200) return "1xx";
  return status < 300 ? "2xx" : "3xx-6xx";
}
