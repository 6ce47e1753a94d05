import type { QueueStrategy } from "./queue-options.js";

/** What a strategy goes by. */
export interface Candidate {
  /** Ever higher: in the order in which they first logged in. */
  readonly number: number;
  readonly order: number;
  readonly answered: number;
  /** When it last became free of a talk, by the monotonic clock; its first login where it has had none. */
  readonly idleSince: number;
}

type Choice = <Agent extends Candidate>(
  candidates: readonly Agent[],
  last: number,
) => readonly (Agent | undefined)[];

/** The one that comes first by the first key that tells them apart. */
const least = <Agent extends Candidate>(
  candidates: readonly Agent[],
  ...keys: readonly ((agent: Agent) => number)[]
): Agent | undefined =>
  [...candidates].sort((a, b) => {
    const deciding = keys.find((key) => key(a) !== key(b));
    return deciding === undefined ? 0 : deciding(a) - deciding(b);
  })[0];

const idleSince = (agent: Candidate): number => agent.idleSince;
const number = (agent: Candidate): number => agent.number;

const CHOICES: Readonly<Record<QueueStrategy, Choice>> = {
  "ring-all": (candidates) => candidates,
  "round-robin": (candidates, last) => [least(candidates, (agent) => (agent.number > last ? 0 : 1), number)],
  "longest-idle": (candidates) => [least(candidates, idleSince, number)],
  "fewest-calls": (candidates) => [least(candidates, (agent) => agent.answered, idleSince, number)],
  "in-order": (candidates) => [least(candidates, (agent) => agent.order, idleSince, number)],
};

/**
 * Who of those who may take the caller is offered it.
 * @param last number of the agent who was offered one before.
 */
export function choose<Agent extends Candidate>(
  strategy: QueueStrategy,
  candidates: readonly Agent[],
  last: number,
): readonly Agent[] {
  return CHOICES[strategy](candidates, last).filter((agent) => agent !== undefined);
}
