import type { Facts } from "./facts.js";
import type { Finding, Level } from "./finding.js";
import { MACHINE_RULES } from "./machine-rules.js";
import { REACH_RULES } from "./reach-rules.js";
import { SOCKET_RULES } from "./socket-rules.js";

export const RULES = [...MACHINE_RULES, ...SOCKET_RULES, ...REACH_RULES];

export interface Judgement extends Finding {
  readonly rule: string;
}

const ORDER: readonly Level[] = ["fault", "warning", "note", "ok"];

/** What all rules find, what will break first. */
export const judge = (facts: Facts): readonly Judgement[] =>
  RULES.flatMap(({ name, judge: rule }) => rule(facts).map((finding) => ({ rule: name, ...finding }))).sort(
    (one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level),
  );

export const countOf = (judgements: readonly Judgement[], level: Level): number =>
  judgements.filter((one) => one.level === level).length;

const MARK: Readonly<Record<Level, string>> = { fault: "FAULT", warning: "warning", note: "note", ok: "ok" };
const INDENT = " ".repeat(9);

/** For people: a finding, and below it what to do. */
export function reportText(judgements: readonly Judgement[]): string {
  const lines = judgements.flatMap(({ level, text, next }) => [
    `${MARK[level].padEnd(9)}${text}`,
    ...(next === undefined ? [] : [`${INDENT}→ ${next}`]),
  ]);
  const [faults, warnings] = [countOf(judgements, "fault"), countOf(judgements, "warning")];
  const closing =
    faults > 0
      ? `${plural(faults, "thing")} will break, and ${plural(warnings, "more")} may.`
      : warnings > 0
        ? `Nothing will break at once; ${plural(warnings, "thing")} may.`
        : "Nothing that will break was found.";
  return `${lines.join("\n")}\n\n${closing}\n`;
}

const plural = (count: number, word: string): string =>
  `${String(count)} ${word}${count === 1 || word === "more" ? "" : "s"}`;
