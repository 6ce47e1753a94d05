import { readFile } from "node:fs/promises";
import t from "tap";
import type { MetricRow } from "../../../ts/http/metrics/metric-row.js";
import { Metrics } from "../../../ts/http/metrics/metrics.js";
import { CONTROL_METRICS } from "../../../ts/http/metrics/control-metrics.js";
import { RTP_METRICS } from "../../../ts/http/metrics/rtp-metrics.js";
import { SIP_METRICS } from "../../../ts/http/metrics/sip-metrics.js";

interface Health {
  calls: number;
  refused: Record<string, number>;
  load: number | undefined;
}

const rows: readonly MetricRow<Health>[] = [
  { name: "m_calls", help: "Calls", kind: "gauge", read: ({ calls }) => calls },
  { name: "m_load_ratio", help: "Load", kind: "gauge", read: ({ load }) => load },
  {
    name: "m_refused_total",
    help: "Refused",
    kind: "counter",
    label: "reason",
    read: ({ refused }) => refused,
  },
];

const own = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("m_"));

t.test("each scrape tells what is so now", async (t) => {
  const health: Health = { calls: 2, refused: { loop: 3 }, load: undefined };
  const metrics = new Metrics(rows, () => health);
  t.strictSame(own(await metrics.text()), ["m_calls 2", 'm_refused_total{reason="loop"} 3']);
  Object.assign(health, { calls: 1, refused: { loop: 4, busy: 1 }, load: 0.5 });
  t.strictSame(own(await metrics.text()), [
    "m_calls 1",
    "m_load_ratio 0.5",
    'm_refused_total{reason="loop"} 4',
    'm_refused_total{reason="busy"} 1',
  ]);
  t.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
  t.match(await metrics.text(), /^# TYPE m_refused_total counter$/m);
  t.match(await metrics.text(), /^process_cpu_seconds_total /m, "how the process is");
});

t.test("a component that can't say is no scrape", async (t) => {
  const metrics = new Metrics(rows, () => Promise.reject(new Error("gone")));
  await t.rejects(metrics.text(), { message: "gone" });
});

t.test("names by the conventions of Prometheus, none twice", (t) => {
  const all = [...SIP_METRICS, ...RTP_METRICS, ...CONTROL_METRICS];
  for (const { name, kind, help } of all) {
    t.match(name, /^mediaswitch_(sip|rtp|control)_[a-z_]+$/);
    t.equal(name.endsWith("_total"), kind === "counter", name);
    t.not(help, "");
  }
  t.equal(new Set(all.map(({ name }) => name)).size, all.length);
  t.end();
});

t.test("the dashboard asks for metrics that there are", async (t) => {
  const file = new URL("../../../deploy/grafana/mediaswitch.json", import.meta.url);
  const dashboard = JSON.parse(await readFile(file, "utf8")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const told = await new Metrics(rows, () => ({ calls: 0, refused: {}, load: 0 })).text();
  const known = new Set([
    ...[...SIP_METRICS, ...RTP_METRICS, ...CONTROL_METRICS].map(({ name }) => name),
    ...[...told.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name),
  ]);
  for (const { title, targets } of dashboard.panels) {
    for (const { expr } of targets) {
      const names = expr.match(/\b(?:mediaswitch|process|nodejs)_\w+/g) ?? [];
      t.ok(names.length > 0 && names.every((name) => known.has(name)), `${title}: ${expr}`);
    }
  }
  t.ok(dashboard.panels.length >= 12);
});
