/** Where an agent stands, in all queues together. */
export type AgentState =
  | "out" //      not logged in
  | "free" //     may be offered a caller
  | "paused"
  | "ringing" //  a caller is offered
  | "talking"
  | "pausing" //  talks, and is paused afterwards
  | "leaving" //  talks, and is out afterwards
  | "wrapping" // has talked, and writes it up
  | "resting"; // did not take a caller, and is left alone for a while

export type AgentInput =
  | "login"
  | "logout"
  | "pause"
  /** Also ends wrap-up and rest. */
  | "unpause"
  | "offer"
  /** The agent has answered and gets the caller. */
  | "taken"
  /** The agent did not answer, or would not. */
  | "refused"
  /** The caller is gone, or somebody else was quicker. */
  | "lost"
  /** The agent's call has ended. */
  | "hungup"
  /** Wrap-up or rest is over. */
  | "rested";

export type AgentEffect = "stop-ringing" | "start-wrap-up" | "start-rest" | "stop-timer" | "look-for-caller";

export interface AgentTransition {
  readonly state: AgentState;
  readonly effects: readonly AgentEffect[];
}

type Row = AgentTransition | "ignore";

const to = (state: AgentState, ...effects: AgentEffect[]): AgentTransition => ({ state, effects });

/** Every state × every input. */
export const AGENT_MACHINE: Readonly<Record<AgentState, Readonly<Record<AgentInput, Row>>>> = {
  out: {
    login: to("free", "look-for-caller"),
    logout: "ignore",
    pause: "ignore",
    unpause: "ignore",
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: "ignore",
    rested: "ignore",
  },
  free: {
    login: "ignore",
    logout: to("out"),
    pause: to("paused"),
    unpause: "ignore",
    offer: to("ringing"),
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: "ignore",
    rested: "ignore",
  },
  paused: {
    login: "ignore",
    logout: to("out"),
    pause: "ignore",
    unpause: to("free", "look-for-caller"),
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: "ignore",
    rested: "ignore",
  },
  ringing: {
    login: "ignore",
    logout: to("out", "stop-ringing"),
    pause: to("paused", "stop-ringing"),
    unpause: "ignore",
    offer: "ignore",
    taken: to("talking"),
    refused: to("resting", "start-rest"),
    lost: to("free", "look-for-caller"),
    hungup: "ignore",
    rested: "ignore",
  },
  talking: {
    login: "ignore",
    logout: to("leaving"),
    pause: to("pausing"),
    unpause: "ignore",
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: to("wrapping", "start-wrap-up"),
    rested: "ignore",
  },
  pausing: {
    login: "ignore",
    logout: to("leaving"),
    pause: "ignore",
    unpause: to("talking"),
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: to("paused"),
    rested: "ignore",
  },
  leaving: {
    login: to("talking"),
    logout: "ignore",
    pause: "ignore",
    unpause: "ignore",
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: to("out"),
    rested: "ignore",
  },
  wrapping: {
    login: "ignore",
    logout: to("out", "stop-timer"),
    pause: to("paused", "stop-timer"),
    unpause: to("free", "stop-timer", "look-for-caller"),
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: "ignore",
    rested: to("free", "look-for-caller"),
  },
  resting: {
    login: "ignore",
    logout: to("out", "stop-timer"),
    pause: to("paused", "stop-timer"),
    unpause: to("free", "stop-timer", "look-for-caller"),
    offer: "ignore",
    taken: "ignore",
    refused: "ignore",
    lost: "ignore",
    hungup: "ignore",
    rested: to("free", "look-for-caller"),
  },
};

/** The row of `state` and `input`; what is ignored stays where it is and asks for nothing. */
export function agentTransition(state: AgentState, input: AgentInput): AgentTransition {
  const row = AGENT_MACHINE[state][input];
  return row === "ignore" ? { state, effects: [] } : row;
}
