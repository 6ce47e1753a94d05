import type { Flow } from "../transport/transport.js";
import type { FlowFailure } from "./flow-failure.js";
import type { UnavailableFlows } from "./unavailable-flows.js";

/** The servers of one destination, handed out one after the other (RFC 3263 §4.3). */
export class TargetSet {
  readonly #left: Flow[];
  readonly #unavailable: UnavailableFlows;
  #current: Flow | undefined;

  /** @param flows in the order in which they are to be tried. */
  constructor(flows: readonly Flow[], unavailable: UnavailableFlows) {
    this.#left = [...flows];
    this.#unavailable = unavailable;
    this.#current = this.#left.shift();
  }

  /** Where to send now; undefined when all have failed. */
  get current(): Flow | undefined {
    return this.#current;
  }

  /** `current` has failed. @returns the next one. */
  failed(failure: FlowFailure): Flow | undefined {
    if (this.#current !== undefined) this.#unavailable.note(this.#current, failure);
    this.#current = this.#left.shift();
    return this.#current;
  }
}
