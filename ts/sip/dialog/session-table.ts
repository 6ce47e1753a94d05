/**
 * The life of an INVITE session (RFC 3261 §13–15), both sides, as one complete table: every state × every
 * input has a row. What the actions do is in invite-session.ts.
 */
export type SessionState =
  /** UAS: no final response yet. */
  | "incoming"
  /** UAS: answered by control; the 2xx waits for the PRACK of a reliable 18x (RFC 3262 §3). */
  | "answering"
  /** UAS: 2xx sent, its ACK not seen. */
  | "accepting"
  /** UAS: as accepting, and a BYE is owed: not before the ACK or its time-out (§15). */
  | "leaving"
  /** UAC: no final response yet. */
  | "calling"
  /** UAC: no final response yet and not wanted any more: CANCEL sent, or waiting for a provisional (§9.1). */
  | "cancelling"
  /** UAC: the 2xx carried an offer; the ACK waits for our answer. */
  | "offered"
  | "confirmed"
  /** BYE sent, its final response not seen. */
  | "closing"
  | "ended";

export type SessionInput =
  // commands
  | "ring"
  | "answer"
  /** The same while a reliable 18x has no PRACK. */
  | "answer later"
  | "acknowledge"
  | "hangup"
  // the far end
  | "ACK"
  | "CANCEL"
  | "BYE"
  | "1xx"
  | "2xx"
  | "2xx with offer"
  | "refused"
  | "BYE answered"
  /** Every reliable 18x has its PRACK. */
  | "PRACK"
  /** A response to a request of ours says that the far end knows of no such dialog (RFC 5057). */
  | "gone"
  // time
  | "no ACK"
  | "no PRACK"
  | "set-up too long";

export type SessionAction =
  | "send 18x"
  | "send 2xx"
  | "send final"
  | "send 487"
  | "send 480"
  | "send 504"
  | "stop repeating"
  | "answer BYE"
  | "send CANCEL"
  | "send ACK"
  | "send empty ACK"
  | "send BYE"
  | "tell provisional"
  | "tell offer"
  | "tell answered"
  | "tell ended";

export interface SessionRow {
  readonly next: SessionState;
  readonly actions: readonly SessionAction[];
}

const go = (next: SessionState, ...actions: SessionAction[]): SessionRow => ({ next, actions });

/** "ignore": nothing happens, and the command succeeds. "refuse": CALL_STATE to whoever gave the command. */
export type SessionTable = Readonly<
  Record<SessionState, Readonly<Record<SessionInput, SessionRow | "ignore" | "refuse">>>
>;

export const sessionTable: SessionTable = {
  incoming: {
    ring: go("incoming", "send 18x"),
    answer: go("accepting", "send 2xx"),
    "answer later": go("answering"),
    acknowledge: "refuse",
    hangup: go("ended", "send final", "tell ended"),
    ACK: "ignore",
    CANCEL: go("ended", "send 487", "tell ended"), // §9.2
    BYE: go("ended", "answer BYE", "send 487", "tell ended"), // §15.1.2: a BYE on an early dialog
    "1xx": "ignore",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": "ignore",
    "no PRACK": go("ended", "send 504", "tell ended"),
    "set-up too long": go("ended", "send 480", "tell ended"),
  },
  answering: {
    ring: "ignore",
    answer: "ignore",
    "answer later": "ignore",
    acknowledge: "refuse",
    hangup: go("ended", "send final", "tell ended"),
    ACK: "ignore",
    CANCEL: go("ended", "send 487", "tell ended"),
    BYE: go("ended", "answer BYE", "send 487", "tell ended"),
    "1xx": "ignore",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: go("accepting", "send 2xx"),
    gone: "ignore",
    "no ACK": "ignore",
    "no PRACK": go("ended", "send 504", "tell ended"),
    "set-up too long": go("ended", "send 480", "tell ended"),
  },
  accepting: {
    ring: "ignore",
    answer: "ignore",
    "answer later": "ignore",
    acknowledge: "refuse",
    hangup: go("leaving"),
    ACK: go("confirmed", "stop repeating", "tell answered"),
    CANCEL: "ignore", // §9.2: a final response was sent
    BYE: go("ended", "stop repeating", "answer BYE", "tell ended"),
    "1xx": "ignore",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": go("closing", "stop repeating", "send BYE"), // §13.3.1.4
    "no PRACK": "ignore",
    "set-up too long": "ignore",
  },
  leaving: {
    ring: "ignore",
    answer: "ignore",
    "answer later": "ignore",
    acknowledge: "refuse",
    hangup: "ignore",
    ACK: go("closing", "stop repeating", "send BYE"),
    CANCEL: "ignore",
    BYE: go("ended", "stop repeating", "answer BYE", "tell ended"),
    "1xx": "ignore",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": go("closing", "stop repeating", "send BYE"),
    "no PRACK": "ignore",
    "set-up too long": "ignore",
  },
  calling: {
    ring: "refuse",
    answer: "refuse",
    "answer later": "refuse",
    acknowledge: "refuse",
    hangup: go("cancelling", "send CANCEL"),
    ACK: "ignore",
    CANCEL: "ignore",
    BYE: go("cancelling", "answer BYE", "send CANCEL"), // a callee may not, §15; take it as a refusal to come
    "1xx": go("calling", "tell provisional"),
    "2xx": go("confirmed", "send ACK", "tell answered"),
    "2xx with offer": go("offered", "tell offer"),
    refused: go("ended", "tell ended"),
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": "ignore",
    "no PRACK": "ignore",
    "set-up too long": go("cancelling", "send CANCEL"),
  },
  cancelling: {
    ring: "refuse",
    answer: "refuse",
    "answer later": "refuse",
    acknowledge: "refuse",
    hangup: "ignore",
    ACK: "ignore",
    CANCEL: "ignore",
    BYE: go("cancelling", "answer BYE"),
    "1xx": go("cancelling", "send CANCEL"),
    "2xx": go("closing", "send ACK", "send BYE"), // the 200 crossed our CANCEL
    "2xx with offer": go("closing", "send empty ACK", "send BYE"),
    refused: go("ended", "tell ended"),
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": "ignore",
    "no PRACK": "ignore",
    "set-up too long": "ignore",
  },
  offered: {
    ring: "refuse",
    answer: "refuse",
    "answer later": "refuse",
    acknowledge: go("confirmed", "send ACK", "tell answered"),
    hangup: go("closing", "send empty ACK", "send BYE"),
    ACK: "ignore",
    CANCEL: "ignore",
    BYE: go("ended", "send empty ACK", "answer BYE", "tell ended"),
    "1xx": "ignore",
    "2xx": "ignore",
    "2xx with offer": "ignore", // repeated until our ACK goes
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: go("ended", "send empty ACK", "tell ended"),
    "no ACK": go("closing", "send empty ACK", "send BYE"),
    "no PRACK": "ignore",
    "set-up too long": go("closing", "send empty ACK", "send BYE"),
  },
  confirmed: {
    ring: "ignore",
    answer: "ignore",
    "answer later": "ignore",
    acknowledge: "refuse",
    hangup: go("closing", "send BYE"),
    ACK: "ignore",
    CANCEL: "ignore",
    BYE: go("ended", "answer BYE", "tell ended"),
    "1xx": "ignore",
    "2xx": go("confirmed", "send ACK"), // our ACK was lost, §13.2.2.4
    "2xx with offer": go("confirmed", "send ACK"),
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: go("ended", "tell ended"),
    "no ACK": go("closing", "send BYE"), // of a re-INVITE's 2xx, §14.2
    "no PRACK": "ignore",
    "set-up too long": "ignore",
  },
  closing: {
    ring: "ignore",
    answer: "ignore",
    "answer later": "ignore",
    acknowledge: "refuse",
    hangup: "ignore",
    ACK: "ignore",
    CANCEL: "ignore",
    BYE: go("ended", "answer BYE", "tell ended"), // both hung up at once
    "1xx": "ignore",
    "2xx": go("closing", "send ACK"),
    "2xx with offer": go("closing", "send empty ACK"),
    refused: "ignore",
    "BYE answered": go("ended", "tell ended"),
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": "ignore",
    "no PRACK": "ignore",
    "set-up too long": "ignore",
  },
  ended: {
    ring: "ignore",
    answer: "ignore",
    "answer later": "ignore",
    acknowledge: "refuse",
    hangup: "ignore",
    ACK: "ignore",
    CANCEL: "ignore",
    BYE: go("ended", "answer BYE"),
    "1xx": "ignore",
    "2xx": "ignore",
    "2xx with offer": "ignore",
    refused: "ignore",
    "BYE answered": "ignore",
    PRACK: "ignore",
    gone: "ignore",
    "no ACK": "ignore",
    "no PRACK": "ignore",
    "set-up too long": "ignore",
  },
};
