/** Whether an RTP server may be given channels: one complete table. */

/**
 * `up`: it answers and takes channels. `draining`: it answers, and takes none but those that belong to one it has.
 * `suspect`: it has left something unanswered, or has not been asked yet. `down`: it has been silent for so long that its
 * channels are given up.
 */
export type ServerState = "up" | "suspect" | "down" | "draining";

/**
 * `open`, `closing`: it answered, and takes channels, or takes no more (by itself, or because we were told so).
 * `silent`: an answer did not come. `overdue`: it has been silent for as long as is waited.
 */
export type ServerInput = "open" | "closing" | "silent" | "overdue";

/**
 * `await-answer` starts the time after which it is `overdue`, `answer-came` stops it. `lose-channels`: their calls are told.
 * `close-orphans`: it is back with channels that were given up.
 */
export type ServerEffect = "await-answer" | "answer-came" | "lose-channels" | "close-orphans";

export interface ServerTransition {
  readonly state: ServerState;
  readonly effects: readonly ServerEffect[];
}

const to = (state: ServerState, ...effects: ServerEffect[]): ServerTransition => ({ state, effects });

export const SERVER_MACHINE: Readonly<
  Record<ServerState, Readonly<Record<ServerInput, ServerTransition | "ignore">>>
> = {
  up: {
    open: "ignore",
    closing: to("draining"),
    silent: to("suspect", "await-answer"),
    overdue: "ignore",
  },
  draining: {
    open: to("up"),
    closing: "ignore",
    silent: to("suspect", "await-answer"),
    overdue: "ignore",
  },
  suspect: {
    open: to("up", "answer-came"),
    closing: to("draining", "answer-came"),
    silent: "ignore",
    overdue: to("down", "lose-channels"),
  },
  down: {
    open: to("up", "close-orphans"),
    closing: to("draining", "close-orphans"),
    silent: "ignore",
    overdue: "ignore",
  },
};

/** The row of `state` and `input`; what is ignored stays where it is and asks for nothing. */
export function transition(state: ServerState, input: ServerInput): ServerTransition {
  const row = SERVER_MACHINE[state][input];
  return row === "ignore" ? { state, effects: [] } : row;
}
