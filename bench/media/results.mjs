// From repetitions to medians, bounds and a table.
import { BOUNDS, CLEAN_SHARE } from "./rows.mjs";

export function median(values) {
  const sorted = values.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  return sorted.length === 0
    ? undefined
    : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** The median of every number in objects of one shape. */
export function medianOf(objects) {
  const result = {};
  for (const key of new Set(objects.flatMap((object) => Object.keys(object)))) {
    const values = objects.map((object) => object[key]).filter((value) => value !== undefined);
    if (typeof values[0] === "number") result[key] = median(values);
    else if (typeof values[0] === "object") result[key] = medianOf(values);
  }
  return result;
}

/** `rows`: `{ row, server, repetitions: [figures, …] }`. A bound without figures is `value: undefined`. */
export const heldToBounds = (rows, repetitions) =>
  BOUNDS.map(({ row, what, value, atLeast, atMost, aim }) => {
    const values = Array.from({ length: repetitions }, (_, index) =>
      value((id, server) => rows.find((it) => it.row === id && it.server === server)?.repetitions[index]),
    );
    const middle = median(values);
    const isMet =
      middle === undefined ? undefined : atLeast === undefined ? middle <= atMost : middle >= atLeast;
    return { row, what, value: middle, atLeast, atMost, aim, isMet };
  });

const number = (value, digits) => (value === undefined ? "" : value.toFixed(digits));

const percent = (share) => (share === undefined ? "" : `${(share * 100).toFixed(share < 0.01 ? 3 : 1)} %`);

function remark({ unavailable, median: figures }) {
  if (unavailable !== undefined) return `not available: ${unavailable}`;
  if (figures.generator !== undefined && figures.generator.latestSendMillis > 20)
    return "the generator was late";
  if (figures.delivered !== undefined && figures.delivered < CLEAN_SHARE)
    return `only ${percent(figures.delivered)} came back`;
  return figures.isGeneratorsLimit > 0 ? "the generator's limit" : "";
}

export const tableOf = (rows) =>
  rows.map((row) => {
    const { title, server, median: figures = {} } = row;
    return {
      workload: title,
      server,
      legs: figures.legs ?? "",
      "µs/packet": number(figures.microsPerPacket, 2),
      CPU: percent(figures.cpuShare),
      "p50 ms": number(figures.delayMicros?.p50 / 1000, 2).replace("NaN", ""),
      "p99 ms": number(figures.delayMicros?.p99 / 1000, 2).replace("NaN", ""),
      "KiB/leg": number(figures.kibPerLeg, 1),
      remark: remark(row),
    };
  });

const boundText = ({ atLeast, atMost, aim }) =>
  `${atLeast === undefined ? `≤ ${String(atMost)}` : `≥ ${String(atLeast)}`}${aim === undefined ? "" : ` (aim ${String(aim)})`}`;

export const boundTable = (bounds) =>
  bounds.map((bound) => ({
    workload: bound.row,
    what: bound.what,
    figure: number(bound.value, 2),
    bound: boundText(bound),
    met: bound.isMet === undefined ? "not measured" : bound.isMet ? "yes" : "NO",
  }));

/** Columns as wide as they need be; numbers and text alike begin at the left. */
export function textTable(rows) {
  const columns = Object.keys(rows[0]);
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => String(row[column]).length)),
  );
  const line = (cells) =>
    cells
      .map((cell, index) => String(cell).padEnd(widths[index]))
      .join("  ")
      .trimEnd();
  return [
    line(columns),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join("\n");
}
