/** What a command's arguments are checked with. Each throws ARGUMENT_INVALID with the path of what is wrong. */
import { MediaswitchError } from "../core/errors.js";

const A_DAY = 86_400_000;
const A_BILLION = 1_000_000_000;

export const invalid = (message: string, field: string): MediaswitchError =>
  new MediaswitchError("ARGUMENT_INVALID", `${field}: ${message}`, field);

/** Absent is off. */
export function flag(value: unknown, field: string): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  throw invalid("expected true or false", field);
}

/** Whole milliseconds, nearest to what is given. */
export function milliseconds(value: unknown, field: string, low = 0, high = A_DAY): number {
  if (typeof value === "number" && value >= low && value <= high) return Math.round(value);
  throw invalid(`expected milliseconds, ${String(low)} to ${String(high)}`, field);
}

export function wholeNumber(value: unknown, field: string, low: number, high = A_BILLION): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
  throw invalid(`expected a whole number, ${String(low)} to ${String(high)}`, field);
}

export function oneOf<Choice extends string | number>(
  choices: readonly Choice[],
  value: unknown,
  field: string,
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw invalid(`expected one of ${choices.join(", ")}`, field);
}

/** A file's name by its letters alone: nothing is looked for on a disk. */
export function fileName(value: unknown, field: string): string {
  if (typeof value !== "string" || value === "" || value.includes("\0"))
    throw invalid("expected a path", field);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    throw invalid(`expected the path of a file on the rtp server, not a URL ("${value}")`, field);
  }
  if (value.split(/[\\/]/).includes("..")) throw invalid(`"${value}" may not go up by ".."`, field);
  return value;
}

export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
