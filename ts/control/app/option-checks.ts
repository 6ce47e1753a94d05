/** Options as JavaScript gives them: what makes no sense is told with the field's name. */
import { MediaswitchError } from "../../core/errors.js";

const invalid = (message: string, field: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", `${field}: ${message}`, field);

/** Milliseconds, 0 and more. */
export function checkedMillis(value: unknown, field: string): number {
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw invalid("has to be a number of milliseconds, 0 or more", field);
}

/** A whole number of a range. */
export function checkedCount(
  value: unknown,
  field: string,
  [least, most]: readonly [number, number],
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`has to be a whole number from ${String(least)} to ${String(most)}`, field);
}

const KEYS = /^[0-9*#A-D]*$/;

/** Keys of a telephone: 0–9, *, #, A–D; perhaps none. */
export function checkedKeys(value: unknown, field: string): string {
  if (typeof value === "string" && KEYS.test(value)) return value;
  throw invalid("has to be a string of the keys 0-9, *, #, A-D", field);
}

export function checkedChoice<Choice extends string>(
  value: unknown,
  field: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw invalid(`has to be one of ${choices.join(", ")}`, field);
}

export function checkedFunction<Task>(value: Task, field: string): Task {
  if (typeof value === "function") return value;
  throw invalid("has to be a function", field);
}

export function checkedPattern(value: unknown, field: string): RegExp {
  // What a search remembers of the last one (flags g, y) would make the next one miss.
  if (value instanceof RegExp) return new RegExp(value.source, value.flags.replace(/[gy]/g, ""));
  throw invalid("has to be a regular expression", field);
}
