/**
 * Where a dialog stands between offers and answers (RFC 3264 §4, RFC 6337 §2.2), whichever messages carry them: a
 * complete table, every state × every input. Only one exchange is under way at a time, in either direction.
 */
export type ExchangeState =
  /** Nobody has offered anything yet. */
  | "none"
  /** Our first offer has no answer yet. */
  | "first offered"
  /** Their first offer has no answer yet. */
  | "first asked"
  /** Both agree. */
  | "agreed"
  /** Agreed, and a later offer of ours has no answer yet. */
  | "offered anew"
  /** Agreed, and a later offer of theirs has no answer yet. */
  | "asked anew";

export type ExchangeInput =
  | "send offer"
  | "send answer"
  | "receive offer"
  | "receive answer"
  /** What carried the open offer, ours or theirs, was refused: all stays as it was (RFC 3311 §5.2, RFC 3261 §14). */
  | "withdrawn";

/**
 * "ignore": a description that changes nothing, as a 2xx that repeats the answer of a reliable 18x. "not now": ours may
 * not go out. 491: their offer meets ours; 500: it meets an earlier one of theirs (RFC 3311 §5.2, RFC 6337 §2.2).
 */
export type ExchangeRow = ExchangeState | "ignore" | "not now" | 491 | 500;

export const exchangeTable: Readonly<Record<ExchangeState, Readonly<Record<ExchangeInput, ExchangeRow>>>> = {
  none: {
    "send offer": "first offered",
    "send answer": "ignore",
    "receive offer": "first asked",
    "receive answer": "ignore",
    withdrawn: "ignore",
  },
  "first offered": {
    "send offer": "not now",
    "send answer": "ignore",
    "receive offer": 491,
    "receive answer": "agreed",
    withdrawn: "none",
  },
  "first asked": {
    "send offer": "not now",
    "send answer": "agreed",
    "receive offer": 500,
    "receive answer": "ignore",
    withdrawn: "none",
  },
  agreed: {
    "send offer": "offered anew",
    "send answer": "ignore",
    "receive offer": "asked anew",
    "receive answer": "ignore",
    withdrawn: "ignore",
  },
  "offered anew": {
    "send offer": "not now",
    "send answer": "ignore",
    "receive offer": 491,
    "receive answer": "agreed",
    withdrawn: "agreed",
  },
  "asked anew": {
    "send offer": "not now",
    "send answer": "agreed",
    "receive offer": 500,
    "receive answer": "ignore",
    withdrawn: "agreed",
  },
};

/** Something that keeps its state in plain data: a dialog. */
export interface Exchanging {
  exchange: ExchangeState;
}

/** Takes an input. @returns what came of it; the state has moved only if a state is what comes back. */
export function exchange(side: Exchanging, input: ExchangeInput): ExchangeRow {
  const row = exchangeTable[side.exchange][input];
  if (isState(row)) side.exchange = row;
  return row;
}

/** Would `input` be taken? Nothing moves. */
export const mayExchange = (side: Exchanging, input: ExchangeInput): boolean =>
  isState(exchangeTable[side.exchange][input]);

/** Has an answer been given or taken, so that media is agreed on? */
export const isAgreed = ({ exchange: state }: Exchanging): boolean =>
  state === "agreed" || state === "offered anew" || state === "asked anew";

const isState = (row: ExchangeRow): row is ExchangeState => typeof row === "string" && row in exchangeTable;
