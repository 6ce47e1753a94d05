/** Where a caller of a queue stands. */
export type CallerState =
  | "waiting"
  | "offered" // rings at one agent or several
  | "talking"
  | "gone";

export type CallerInput =
  | "offer"
  /** None of those it was offered to is left. */
  | "refused"
  /** An agent has answered and gets it. */
  | "taken"
  /** The talk is over. */
  | "talked"
  /** The caller has hung up, or its script wants it back. */
  | "leave"
  /** It has waited for too long, or there is nobody to wait for. */
  | "overflow";

export type CallerEffect =
  "stop-offers" | "look-for-agent" | "tell-answered" | "tell-abandoned" | "tell-overflow" | "tell-ended";

export interface CallerTransition {
  readonly state: CallerState;
  readonly effects: readonly CallerEffect[];
}

type Row = CallerTransition | "ignore";

const to = (state: CallerState, ...effects: CallerEffect[]): CallerTransition => ({ state, effects });

/** Every state × every input. */
export const CALLER_MACHINE: Readonly<Record<CallerState, Readonly<Record<CallerInput, Row>>>> = {
  waiting: {
    offer: to("offered"),
    refused: "ignore",
    taken: "ignore",
    talked: "ignore",
    leave: to("gone", "tell-abandoned"),
    overflow: to("gone", "tell-overflow"),
  },
  offered: {
    // Ring-all: another agent has become free.
    offer: to("offered"),
    refused: to("waiting", "look-for-agent"),
    taken: to("talking", "stop-offers", "tell-answered"),
    talked: "ignore",
    leave: to("gone", "stop-offers", "tell-abandoned"),
    overflow: to("gone", "stop-offers", "tell-overflow"),
  },
  talking: {
    offer: "ignore",
    refused: "ignore",
    taken: "ignore",
    talked: to("gone", "tell-ended"),
    // The end of the talk tells of it.
    leave: "ignore",
    overflow: "ignore",
  },
  gone: {
    offer: "ignore",
    refused: "ignore",
    taken: "ignore",
    talked: "ignore",
    leave: "ignore",
    overflow: "ignore",
  },
};

/** The row of `state` and `input`; what is ignored stays where it is and asks for nothing. */
export function callerTransition(state: CallerState, input: CallerInput): CallerTransition {
  const row = CALLER_MACHINE[state][input];
  return row === "ignore" ? { state, effects: [] } : row;
}
