/** One metric of a component: what it is called, and where it stands in what the component says of itself. */
export interface MetricRow<Health> {
  /** By the conventions of Prometheus: unit at the end, `_total` for what only grows. */
  readonly name: string;
  readonly help: string;
  readonly kind: "gauge" | "counter";
  /** A number, or numbers by the value of `label`; undefined where nobody has measured it. */
  readonly read: (health: Health) => number | Readonly<Record<string, number>> | undefined;
  readonly label?: string;
}
