import type { TimerName } from "./timers.js";

/** How long a retransmission timer runs when it is started again after it fired. */
export type Gap = "twice" | "twice, at most T2" | "T2";

/** One thing to do on a transition: a timer to handle, or an effect that the owner of the machine performs. */
export type Action<Effect extends string, Timer extends TimerName> =
  | { readonly start: Timer }
  | { readonly stop: Timer }
  | { readonly again: Timer; readonly gap: Gap }
  | Effect;

/** Where an input leads, then what is done on the way, in order. */
export type Row<State extends string, Effect extends string, Timer extends TimerName> = readonly [
  next: State,
  ...actions: Action<Effect, Timer>[],
];

/** The input of a timer that has run out. */
export type TimerInput<Timer extends TimerName> = `timer ${Timer}`;

/** Complete: each input in each state has a row, or says that it is ignored; one that is missing does not compile. */
export type Table<
  State extends string,
  Input extends string,
  Effect extends string,
  Timer extends TimerName,
> = Readonly<
  Record<State, Readonly<Record<Input | TimerInput<Timer>, Row<State, Effect, Timer> | "ignore">>>
>;

export const start = <Timer extends TimerName>(timer: Timer): { readonly start: Timer } => ({ start: timer });
export const stop = <Timer extends TimerName>(timer: Timer): { readonly stop: Timer } => ({ stop: timer });
export const again = <Timer extends TimerName>(
  timer: Timer,
  gap: Gap,
): { readonly again: Timer; readonly gap: Gap } => ({ again: timer, gap });
