/** A transfer whose target has not answered yet (RFC 5589 §6): what its transferor is told, and who is joined in the end. */
export type TransferState =
  /** The script, or who it called, has the transferee. */
  | "trying"
  /** … and it rings there. */
  | "ringing"
  | "over";

export type TransferInput =
  | "rung"
  /** The target, or the script itself, took the transferee. */
  | "answered"
  /** Nobody took it: all targets failed, or the script said no. */
  | "refused"
  | "transferee-ended"
  | "too-long";

export type TransferEffect =
  | "tell-ringing"
  | "tell-done"
  | "tell-refused"
  | "tell-gone"
  | "tell-timeout"
  | "stop-music"
  | "end-transferor"
  | "drop-targets"
  /** The transferee is the transferor's again; where that one has gone, the transferee's call ends. */
  | "give-back";

export interface TransferRow {
  readonly state: TransferState;
  readonly effects: readonly TransferEffect[];
}

const to = (state: TransferState, ...effects: TransferEffect[]): TransferRow => ({ state, effects });

const answered = to("over", "stop-music", "tell-done", "end-transferor");
const refused = to("over", "tell-refused", "drop-targets", "give-back");
const gone = to("over", "tell-gone", "end-transferor");
const tooLong = to("over", "tell-timeout", "drop-targets", "give-back");

/** Every state × every input. */
export const TRANSFER_MACHINE: Readonly<
  Record<TransferState, Readonly<Record<TransferInput, TransferRow | "ignore">>>
> = {
  trying: {
    rung: to("ringing", "tell-ringing"),
    answered,
    refused,
    "transferee-ended": gone,
    "too-long": tooLong,
  },
  ringing: {
    rung: "ignore",
    answered,
    refused,
    "transferee-ended": gone,
    "too-long": tooLong,
  },
  over: {
    rung: "ignore",
    answered: "ignore",
    refused: "ignore",
    "transferee-ended": "ignore",
    "too-long": "ignore",
  },
};
