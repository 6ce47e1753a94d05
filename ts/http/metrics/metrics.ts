import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { MetricRow } from "./metric-row.js";

/** What one component tells Prometheus: its rows, and how its process is. */
export class Metrics<Health> {
  readonly #registry = new Registry();
  readonly #health: () => Health | Promise<Health>;
  readonly #updates: ((health: Health) => void)[];

  /** @param health asked anew for each scrape. */
  constructor(rows: readonly MetricRow<Health>[], health: () => Health | Promise<Health>) {
    this.#health = health;
    this.#updates = rows.map((row) => this.#update(row));
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In the exposition format. Rejects as `health` does. */
  async text(): Promise<string> {
    const health = await this.#health();
    for (const update of this.#updates) update(health);
    return this.#registry.metrics();
  }

  #update(row: MetricRow<Health>): (health: Health) => void {
    const { name, help, label, read } = row;
    const registers = [this.#registry];
    const options = { name, help, registers, labelNames: label === undefined ? [] : [label] };
    const metric = row.kind === "gauge" ? new Gauge(options) : new Counter(options);
    // A counter of theirs only counts by itself: ours is counted elsewhere, so it is counted anew each time.
    return (health) => {
      metric.reset();
      const value = read(health);
      if (typeof value === "number") metric.inc(value);
      else if (value === undefined) metric.remove();
      else for (const [of, one] of Object.entries(value)) metric.inc({ [label ?? "of"]: of }, one);
    };
  }
}
