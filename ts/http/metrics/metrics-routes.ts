import { z } from "zod";
import { NOTHING, route, streamRoute, type RouteTable } from "../route-table.js";
import type { MetricRow } from "./metric-row.js";
import { Metrics } from "./metrics.js";

export interface WatchedComponent<Health> {
  readonly rows: readonly MetricRow<Health>[];
  readonly health: () => Health | Promise<Health>;
  /** @throws {MediaswitchError} why nothing new should be sent here. */
  readonly checkReady?: (health: Health) => void;
}

/** `GET /metrics` for Prometheus, and `GET /ready` for whoever shares out the work. */
export function metricsRoutes<Health>({ rows, health, checkReady }: WatchedComponent<Health>): RouteTable {
  let metrics: Metrics<Health> | undefined;
  return {
    "/metrics": {
      GET: streamRoute(
        {
          summary: "Counts for Prometheus",
          body: NOTHING,
          reply: z.string(),
          contentType: "text/plain; version=0.0.4; charset=utf-8",
        },
        (_input, { response }) => {
          // Made when somebody asks: it watches the process from then on.
          metrics ??= new Metrics(rows, health);
          const { contentType } = metrics;
          metrics.text().then(
            (text) => response.writeHead(200, { "Content-Type": contentType }).end(text),
            () => response.writeHead(503, { "Content-Length": "0" }).end(),
          );
        },
      ),
    },
    "/ready": {
      GET: route(
        {
          summary: "Whether something new may be sent here: 200, or 503 with the reason",
          body: NOTHING,
          reply: z.object({ ready: z.literal(true) }),
        },
        async () => {
          checkReady?.(await health());
          return { ready: true };
        },
      ),
    },
  };
}
