/** What supervision tells: types only. */
/** Heard by nobody, by the supervised one only, by all. */
export type SupervisionMode = "listen" | "whisper" | "barge";

/** `this`, `other`: whose call has ended. `moved`: the supervised one talks no more, or with somebody else. */
export type SupervisionEnd = "this" | "other" | "moved" | "stopped";

export interface Supervision {
  readonly mode: SupervisionMode;
  /** How it ended; never rejects. */
  readonly finished: Promise<SupervisionEnd>;
  change(mode: SupervisionMode): Promise<void>;
  /** The supervisor hears them no more; nothing happens where it has ended. */
  stop(): Promise<void>;
}
