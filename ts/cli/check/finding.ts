import type { Facts } from "./facts.js";

/**
 * `fault`: something will break. `warning`: something breaks for some, or under load. `note`: good to know. `ok`: looked at,
 * and well.
 */
export type Level = "fault" | "warning" | "note" | "ok";

export interface Finding {
  readonly level: Level;
  /** What is so, in a sentence. */
  readonly text: string;
  /** What to do next, in a sentence; with every fault and warning. */
  readonly next?: string;
}

/** Judges one thing, by nothing but the facts. */
export interface Rule {
  readonly name: string;
  readonly judge: (facts: Facts) => readonly Finding[];
}

export const fault = (text: string, next: string): Finding => ({ level: "fault", text, next });
export const warning = (text: string, next: string): Finding => ({ level: "warning", text, next });
export const note = (text: string): Finding => ({ level: "note", text });
export const ok = (text: string): Finding => ({ level: "ok", text });
