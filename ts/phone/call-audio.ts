import type { Direction } from "../sdp/session-description.js";

/** The audio of one call, as its signalling needs it: session descriptions as text. */
export interface CallAudio {
  /** What the phone wants to do; hold is `sendonly`. */
  wants: Direction;
  offer(): string;
  /** @returns the answer, or undefined where there is nothing in common. */
  answer(offer: string): string | undefined;
  /** Takes the answer to its last offer. @returns false where it is none that can be used. */
  take(answer: string): boolean;
}
