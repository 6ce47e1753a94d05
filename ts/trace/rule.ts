/** What a rule is, and what most rules begin with. */
import { refusalOf, type CallCase, type LegCase } from "./call-case.js";
import type { Finding } from "./call-trace.js";

export type Seen = Omit<Finding, "rule">;

export interface Rule {
  /** Stays the same for ever: programs may look for it. */
  readonly rule: string;
  readonly look: (found: CallCase) => readonly Seen[];
}

export const seconds = (millis: number): string => `${String(Math.round(millis / 1000))} s`;

/** A rule that looks at each leg by itself. */
export const ofLeg =
  (look: (leg: LegCase, found: CallCase) => Omit<Seen, "leg"> | undefined): Rule["look"] =>
  (found) =>
    found.legs.flatMap((leg) => {
      const seen = look(leg, found);
      return seen === undefined ? [] : [{ ...seen, ...(leg.index !== undefined && { leg: leg.index }) }];
    });

/** A rule for a final response to the INVITE. */
export const ofRefusal = (
  statuses: readonly number[],
  way: "in" | "out",
  say: (leg: LegCase, phrase: string, status: number) => Omit<Seen, "leg"> | undefined,
): Rule["look"] =>
  ofLeg((leg) => {
    const refusal = refusalOf(leg);
    if (refusal?.way !== way || !statuses.includes(refusal.status)) return undefined;
    return say(leg, refusal.phrase, refusal.status);
  });

export const isInbound = (leg: LegCase): boolean =>
  leg.leg === undefined ? leg.messages[0]?.traced.direction === "in" : leg.leg.direction === "inbound";
