import { causeName } from "../causes.js";
import type { DialAttempt, DialFailure, DialTarget } from "./dial-options.js";

/** By exact status; the rest by its class. */
const BY_STATUS: ReadonlyMap<number, DialFailure> = new Map([
  [404, "notfound"],
  [410, "notfound"],
  [484, "notfound"],
  [485, "notfound"],
  [604, "notfound"],
  [486, "busy"],
  [600, "busy"],
  [415, "incompatible"],
  [488, "incompatible"],
  [606, "incompatible"],
  [487, "noanswer"],
]);

/** Statuses that say "nobody there" of a phone that did not ring, and "nobody came" of one that did. */
const NOBODY = new Set([408, 480]);

export function failureOf(code: number, { rang }: { readonly rang: boolean }): DialFailure {
  const exact = BY_STATUS.get(code);
  if (exact !== undefined) return exact;
  if (NOBODY.has(code)) return rang ? "noanswer" : "unreachable";
  if (code >= 300 && code < 400) return "redirected";
  if (code >= 500 && code < 600) return "unreachable";
  return "rejected";
}

/** The order in which one of several failures stands for all. */
const TELLING: readonly DialFailure[] = [
  "busy",
  "rejected",
  "noanswer",
  "incompatible",
  "redirected",
  "notfound",
  "unreachable",
];

/** Of at least one. */
export function mostTelling(attempts: readonly DialAttempt[]): DialAttempt | undefined {
  const rank = ({ outcome }: DialAttempt): number => TELLING.indexOf(outcome);
  return [...attempts].sort((one, other) => rank(one) - rank(other))[0];
}

export function failedAttempt(
  target: DialTarget,
  outcome: DialFailure,
  code: number,
  redirect?: readonly string[],
): DialAttempt {
  return { target, outcome, code, cause: causeName(code), ...(redirect !== undefined && { redirect }) };
}
