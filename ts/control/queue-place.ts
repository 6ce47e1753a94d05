/** Where a call stands; kept as its `metadata.queue`. */
export interface QueuePlace {
  readonly state: "waiting" | "talking" | "abandoned";
  /** From 1; the last one it had, once it waits no more. */
  readonly position: number;
}
