import { callCase } from "./call-case.js";
import type { CallTrace, Finding, Severity } from "./call-trace.js";
import { RULES } from "./rules.js";

const RANK: Readonly<Record<Severity, number>> = { failure: 0, warning: 1, note: 2 };

/** What is wrong with a call, in words, gravest first. */
export function explain(trace: CallTrace, now: number): Finding[] {
  const found = callCase(trace, now);
  return RULES.flatMap(({ rule, look }) => look(found).map((seen): Finding => ({ rule, ...seen }))).sort(
    (a, b) => RANK[a.severity] - RANK[b.severity],
  );
}
