import { answer } from "../../app/answer.js";
import { bridge } from "../../app/bridge.js";
import type { Line } from "../../app/line.js";
import type { TalkEnd } from "./park-options.js";

/** Somebody who waits to be taken. */
export interface Takeable {
  readonly line: Line;
  /** Joins it with the one who takes it. @returns how the talk ended; undefined: somebody was quicker, or it is gone. */
  take(by: Line, signal: AbortSignal | undefined): Promise<TalkEnd> | undefined;
}

export interface HandOverOptions {
  readonly signal: AbortSignal | undefined;
  /** Runs when the taker is answered, before the two are joined. */
  readonly ready: () => Promise<void>;
  /** How it ended, as the one sees it who was waiting. */
  readonly over: (ended: TalkEnd) => void;
}

/**
 * Joins one who waited with the call that takes it.
 * @returns how it ended, as the taker sees it; rejects as `bridge` of the taker does.
 */
export async function handOver(
  waiting: Line,
  taker: Line,
  { signal, ready, over }: HandOverOptions,
): Promise<TalkEnd> {
  const abortable = signal === undefined ? {} : { signal };
  try {
    await answer(taker, abortable);
    await ready();
    const { ended } = await bridge(taker, waiting, abortable);
    over(ended === "this" ? "other" : ended === "other" ? "this" : "moved");
    return ended;
  } catch (error) {
    over(taker.ending === undefined ? "moved" : "other");
    throw error;
  }
}
