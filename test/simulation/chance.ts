import { below, uniform, type SeededRandom } from "../../ts/testing/seeded-random.js";

/** What a simulation decides by. */
export class Chance {
  readonly #random: SeededRandom;
  /** What was chosen, how often. */
  readonly did: Record<string, number> = {};

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  happens(share: number): boolean {
    return uniform(this.#random) < share;
  }

  below(end: number): number {
    return below(this.#random, end);
  }

  share(most: number): number {
    return uniform(this.#random) * most;
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    if (choices.length === 0) throw new Error("there is nothing to choose from");
    return choices[this.below(choices.length)] as Choice;
  }

  /** Does one of the acts; `among` may prefer some of them. @returns what it returns. */
  act<Result>(acts: Readonly<Record<string, () => Result>>, among = Object.keys(acts)): Result | undefined {
    const name = this.pick(among);
    this.did[name] = (this.did[name] ?? 0) + 1;
    return acts[name]?.();
  }
}
