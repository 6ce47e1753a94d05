/**
 * Our registration at a server (RFC 3261 §10.2) as one complete table: every state × every input has a row. What the
 * actions do is in gateway-registration.ts.
 */
export type RegistrationState =
  | "unregistered"
  /** REGISTER sent, nothing registered yet or any more. */
  | "registering"
  | "registered"
  /** REGISTER sent to keep a binding that still lives. */
  | "refreshing"
  /** Refused or unanswered; waiting for the next try. */
  | "failed"
  /** REGISTER with Expires 0 sent. */
  | "unregistering"
  | "ended";

export type RegistrationInput =
  | "start"
  // what comes of a REGISTER
  | "accepted"
  | "too brief" // 423, and what it asks for was not asked before
  | "refused"
  | "no answer"
  // time
  | "due" // to refresh, or to try again
  // the end
  | "stop";

export type RegistrationAction =
  | "send REGISTER"
  | "send un-REGISTER"
  | "drop request" // what comes of the one under way counts no more
  | "await refresh"
  | "await retry"
  | "stop waiting"
  | "tell registered"
  | "tell failed"
  | "tell unregistered";

export interface RegistrationRow {
  readonly next: RegistrationState;
  readonly actions: readonly RegistrationAction[];
}

const go = (next: RegistrationState, ...actions: RegistrationAction[]): RegistrationRow => ({
  next,
  actions,
});

export type RegistrationTable = Readonly<
  Record<RegistrationState, Readonly<Record<RegistrationInput, RegistrationRow | "ignore">>>
>;

export const registrationTable: RegistrationTable = {
  unregistered: {
    start: go("registering", "send REGISTER"),
    accepted: "ignore",
    "too brief": "ignore",
    refused: "ignore",
    "no answer": "ignore",
    due: "ignore",
    stop: go("ended"),
  },
  registering: {
    start: "ignore",
    accepted: go("registered", "await refresh", "tell registered"),
    "too brief": go("registering", "send REGISTER"), // §10.2.8
    refused: go("failed", "await retry", "tell failed"),
    "no answer": go("failed", "await retry", "tell failed"),
    due: "ignore",
    // It may have been taken already: so it is taken back.
    stop: go("unregistering", "drop request", "send un-REGISTER"),
  },
  registered: {
    start: "ignore",
    accepted: "ignore",
    "too brief": "ignore",
    refused: "ignore",
    "no answer": "ignore",
    due: go("refreshing", "send REGISTER"), // §10.2.4
    stop: go("unregistering", "stop waiting", "send un-REGISTER"), // §10.2.2
  },
  refreshing: {
    start: "ignore",
    accepted: go("registered", "await refresh", "tell registered"),
    "too brief": go("refreshing", "send REGISTER"),
    refused: go("failed", "await retry", "tell failed"),
    "no answer": go("failed", "await retry", "tell failed"),
    due: "ignore",
    stop: go("unregistering", "drop request", "send un-REGISTER"),
  },
  failed: {
    start: "ignore",
    accepted: "ignore",
    "too brief": "ignore",
    refused: "ignore",
    "no answer": "ignore",
    due: go("registering", "send REGISTER"), // RFC 5626 §4.5
    stop: go("ended", "stop waiting", "tell unregistered"),
  },
  unregistering: {
    start: "ignore",
    accepted: go("ended", "tell unregistered"),
    "too brief": go("ended", "tell unregistered"),
    refused: go("ended", "tell unregistered"),
    "no answer": go("ended", "tell unregistered"),
    due: "ignore",
    stop: "ignore",
  },
  ended: {
    start: "ignore",
    accepted: "ignore",
    "too brief": "ignore",
    refused: "ignore",
    "no answer": "ignore",
    due: "ignore",
    stop: "ignore",
  },
};
