/** Of one leg, where to send. */
interface Place {
  readonly address: string;
  readonly port: number;
}

/** Answers what the bench asks over the IPC channel. `Leg` is what the bench describes a leg by. */
export function answer<Leg>(server: { open: (legs: readonly Leg[]) => Promise<Place[]> }): void;
